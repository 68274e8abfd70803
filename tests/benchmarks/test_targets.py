from benchmarks.targets import Target, conclude


def test_a_target_that_is_missed_makes_the_command_fail(capsys):
    fast = Target("throughput", 0.9, 0.85, stretch=0.95)
    slow = Target("start", 2.0, 1.0, unit=" s", at_most=True)
    assert conclude([fast]) == 0
    assert conclude([fast, slow]) == 1
    assert capsys.readouterr().out.splitlines()[-2:] == [
        "throughput  0.9  >= 0.85 (stretch 0.95 not reached)  ok",
        "start  2 s  <= 1 s  short",
    ]


def test_what_could_not_be_measured_is_short():
    assert not Target("recall", float("nan"), 0.1).met
    assert not Target("memory", float("nan"), 4.0, at_most=True).met
