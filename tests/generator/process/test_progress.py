import io
import re
import time

import numpy as np
from rich.console import Console

from generator.process import progress
from generator.process.progress import Reporter, stages_table
from shared.records import Stage


def reporter(terminal: bool) -> tuple[Reporter, io.StringIO]:
    written = io.StringIO()
    return Reporter(Console(file=written, force_terminal=terminal, width=100)), written


def wait_for(written: io.StringIO, text: str) -> None:
    until = time.monotonic() + 20
    while text not in written.getvalue() and time.monotonic() < until:
        time.sleep(0.001)


def test_under_cron_there_are_plain_lines_with_rate_and_time_left(monkeypatch):
    monkeypatch.setattr(progress, "SECONDS_BETWEEN_LINES", 0.01)
    told, written = reporter(terminal=False)
    with told.stage("list") as steps:
        wait_for(written, "so far")
        steps(500, 2000)
        wait_for(written, "left")
    lines = written.getvalue().splitlines()
    assert lines[0] == "list: 0 s so far"
    assert any(re.fullmatch(r"list: 500 of 2,000, [\d,]+/s, about \d+ s left", li) for li in lines)
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
    assert "/s" in written.getvalue()


def test_stages_are_remembered_with_what_they_took():
    told, _ = reporter(terminal=False)
    with told.stage("load"):
        pass
    with told.stage("list") as steps:
        steps(7, 7)
    assert [(stage.name, stage.rows) for stage in told.stages] == [("load", 0), ("list", 7)]
    assert all(stage.seconds >= 0 for stage in told.stages)


def test_rows_may_be_other_than_the_steps():
    told, _ = reporter(terminal=False)
    with told.stage("fit") as steps:
        steps.rows = 2_800_000
        steps(15, 15)
    assert told.stages[0].rows == 2_800_000


def test_a_stage_knows_its_own_peak_of_memory():
    told, _ = reporter(terminal=False)
    for size in (200, 0):
        with told.stage(f"{size} MB"):
            np.ones(size * 2**20, np.uint8)
    large, small = (stage.peak_mb for stage in told.stages)
    assert large - small > 150


def test_the_table_of_stages_adds_them_up():
    told, written = reporter(terminal=False)
    told.console.print(stages_table([Stage("load", 2.0, 1000, 300), Stage("fit", 4.0, 0, 500)]))
    rows = [re.findall(r"[\w/.,]+", line) for line in written.getvalue().splitlines()]
    assert ["load", "2.0", "1,000", "500/s", "300"] in rows
    assert ["all", "6.0", "500"] in rows


def test_square_brackets_in_a_file_name_are_not_markup():
    told, written = reporter(terminal=False)
    told.say("set aside: [bold]rows[/bold].csv")
    assert "[bold]rows[/bold].csv" in written.getvalue()
