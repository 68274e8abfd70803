"""What was counted, over time, against what was done by hand at known moments."""

from server.watching import history as module
from server.watching.figures import Tally
from server.watching.history import History
from tests.server.calls import ManualClock


def tally(requests: int, slow: int = 0) -> dict[str, Tally]:
    latencies = {0.01: requests - slow, 1.0: requests, float("inf"): requests}
    return {"a": Tally(requests, failed=slow, latencies=latencies)}


def noted(clock: ManualClock, *moments: tuple[float, dict[str, Tally]]) -> History:
    history = History(clock)
    for seconds, tallies in moments:
        clock.seconds = seconds
        assert history.is_due
        history.note(tallies)
    return history


def test_every_stretch_has_the_rate_and_percentiles_of_its_own_time_alone():
    history = noted(
        ManualClock(), (100, {}), (110, tally(50)), (120, tally(50)), (140, tally(60, slow=10))
    )
    stretches = history.stretches("a")
    assert [stretch.at for stretch in stretches] == [110, 120, 140]
    assert [stretch.figures.rate for stretch in stretches] == [5.0, 0.0, 0.5]
    assert [stretch.figures.failed for stretch in stretches] == [0, 0, 10]
    assert stretches[0].figures.p99_seconds <= 0.01
    assert stretches[1].figures.p99_seconds is None
    assert stretches[2].figures.p50_seconds > 0.01
    assert all(stretch.figures.requests == 0 for stretch in history.stretches("b"))


def test_recent_figures_are_of_the_last_five_minutes():
    clock = ManualClock()
    history = noted(clock, (0, {}), (300, tally(900)), (600, tally(1000)))
    clock.seconds = 650
    found = history.recent("a", tally(1001)["a"])
    assert (found.requests, found.seconds) == (101, 350)
    clock.seconds = 100
    found = noted(clock, (0, {}), (100, tally(7))).recent("a", tally(8)["a"])
    assert (found.requests, found.seconds) == (8, 100)


def test_a_sample_is_due_every_ten_seconds_and_when_the_clock_was_set_back():
    clock = ManualClock()
    history = noted(clock, (1000, {}))
    for seconds, due in ((1009.9, False), (1010, True), (900, True)):
        clock.seconds = seconds
        assert history.is_due == due


def test_the_past_is_bounded_and_shorter_where_there_are_many_tenants(monkeypatch):
    monkeypatch.setattr(module, "SAMPLES_KEPT", 5)
    monkeypatch.setattr(module, "TALLIES_KEPT", 12)
    clock = ManualClock()
    for tenants, kept in ((1, 5), (4, 3), (100, 2)):
        tallies = {str(tenant): Tally(1) for tenant in range(tenants)}
        history = noted(clock, *((10.0 * place, tallies) for place in range(20)))
        assert len(history.stretches("0")) == kept - 1
