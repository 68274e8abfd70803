import io

from rich.console import Console

from generator import progress
from generator.progress import Reporter


def reporter(terminal: bool) -> tuple[Reporter, io.StringIO]:
    written = io.StringIO()
    return Reporter(Console(file=written, force_terminal=terminal, width=100)), written


def test_under_cron_there_are_plain_lines_with_what_is_left(monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0)
    told, written = reporter(terminal=False)
    with told.stage("list") as steps:
        steps(500, 2000)
    lines = written.getvalue().splitlines()
    assert lines[0].startswith("list: 500 of 2,000, about ")
    assert lines[-1].startswith("list: 500 in ")
    assert "\x1b" not in written.getvalue()


def test_a_quick_stage_under_cron_is_one_line():
    told, written = reporter(terminal=False)
    with told.stage("list") as steps:
        for done in range(100):
            steps(done, 100)
    assert len(written.getvalue().splitlines()) == 1


def test_on_a_terminal_there_is_a_bar():
    told, written = reporter(terminal=True)
    with told.stage("fit") as steps:
        steps(3, 10)
    assert "3/10" in written.getvalue()


def test_stages_are_remembered_with_what_they_took():
    told, _ = reporter(terminal=False)
    with told.stage("load"):
        pass
    with told.stage("list") as steps:
        steps(7, 7)
    assert [(stage.name, stage.rows) for stage in told.stages] == [("load", 0), ("list", 7)]
    assert all(stage.seconds >= 0 for stage in told.stages)


def test_square_brackets_in_a_file_name_are_not_markup():
    told, written = reporter(terminal=False)
    told.say("set aside: [bold]rows[/bold].csv")
    assert "[bold]rows[/bold].csv" in written.getvalue()
