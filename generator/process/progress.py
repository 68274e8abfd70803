"""What a run tells while it works: bars on a terminal, lines under cron."""

import json
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Column, Table
from rich.text import Text

from generator.process.memory import BYTES_PER_MB, peak_bytes, restart_peak
from shared.clock import utc_now
from shared.records import Stage
from shared.settings import LogFormat

SECONDS_BETWEEN_LINES = 10.0
LOG_WIDTH = 160
LOGGER = "kindred.generator"


class Reporter:
    """Announces stages, shows how far they are, and remembers what each took."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        if console is None and not self.console.is_terminal:
            # A log file has no width of its own; tables should not be folded in it.
            self.console.width = LOG_WIDTH
        self.stages: list[Stage] = []
        self._log_format: LogFormat = "auto"

    def speak(self, log_format: LogFormat, quiet: bool) -> None:
        """`auto` has bars on a terminal and bare lines elsewhere; `text` and `json` have lines with
        their time. Who is `quiet` says warnings, errors and conclusions alone."""
        self._log_format, self.console.quiet = log_format, quiet

    @property
    def has_bars(self) -> bool:
        return self.console.is_terminal and self._log_format == "auto"

    def say(self, text: str) -> None:
        _print(self.console, _line(self._log_format, "info", text))

    def warn(self, text: str) -> None:
        self._say_aloud(_line(self._log_format, "warning", text))

    def conclude(self, text: str) -> None:
        """What the run came to: under `quiet` it is all there is, and so it has a time."""
        alone = self.console.quiet and self._log_format == "auto"
        self._say_aloud(_line("text" if alone else self._log_format, "info", text))

    def fail(self, text: str) -> None:
        """On the stream of errors."""
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        _print(console, _line(self._log_format, "error", text))

    def show(self, *tables: Table) -> None:
        """Beside the lines; a log that programs read has no place for them."""
        if self._log_format != "json":
            self.console.print(*tables)

    def _say_aloud(self, line: str) -> None:
        quiet, self.console.quiet = self.console.quiet, False
        _print(self.console, line)
        self.console.quiet = quiet

    @contextmanager
    def stage(self, name: str) -> Iterator["Steps"]:
        """Time a block; within it, call the steps with (done, total) as work goes on."""
        restart_peak()
        start = time.monotonic()
        steps = TerminalSteps(self.console, name) if self.has_bars else LineSteps(self, name)
        with steps:
            yield steps
        seconds = time.monotonic() - start
        stage = Stage(name, round(seconds, 3), steps.rows, peak_bytes() // BYTES_PER_MB)
        self.stages.append(stage)
        self.say(
            f"{name}: {stage.rows:,} in {seconds:.1f} s"
            if stage.rows
            else f"{name}: {seconds:.1f} s"
        )


def _line(log_format: LogFormat, level: str, text: str) -> str:
    now = utc_now().isoformat(timespec="milliseconds")
    if log_format == "json":
        return json.dumps({"time": now, "level": level, "logger": LOGGER, "message": text})
    if log_format == "text":
        return f"{now} {level.upper()} {LOGGER}: {text}"
    return text if level == "info" else f"{level}: {text}"


def _print(console: Console, line: str) -> None:
    console.print(line, markup=False, emoji=False)


class Steps:
    """How far a stage is."""

    _done = 0
    _rows: int | None = None

    def __call__(self, done: int, total: int) -> None:
        self._done = done

    def say(self, text: str) -> None:
        """Tell something beside it."""

    @property
    def rows(self) -> int:
        """What the stage worked on: what was done, unless it is set to something else."""
        return self._done if self._rows is None else self._rows

    @rows.setter
    def rows(self, rows: int) -> None:
        self._rows = rows

    @property
    def done(self) -> int:
        return self._done

    def __enter__(self) -> "Steps":
        return self

    def __exit__(self, *_: object) -> None:
        pass


class TerminalSteps(Steps):
    def __init__(self, console: Console, name: str) -> None:
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            RateColumn(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task(name, total=None)

    def __call__(self, done: int, total: int) -> None:
        super().__call__(done, total)
        self._bar.update(self._task, completed=done, total=total)

    def say(self, text: str) -> None:
        self._bar.console.print(text, markup=False)

    def __enter__(self) -> Steps:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


class RateColumn(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{_rate(task.completed, task.elapsed or 0)}", style="progress.data.speed")


class LineSteps(Steps):
    """A line every ten seconds, from a thread: the work itself may be one long call."""

    _total = 0

    def __init__(self, reporter: Reporter, name: str) -> None:
        self._reporter = reporter
        self._name = name
        self._start = time.monotonic()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._tell, daemon=True)

    def __call__(self, done: int, total: int) -> None:
        super().__call__(done, total)
        self._total = total

    def say(self, text: str) -> None:
        self._reporter.say(text)

    def __enter__(self) -> Steps:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _tell(self) -> None:
        while not self._over.wait(SECONDS_BETWEEN_LINES):
            self._reporter.say(self._line())

    def _line(self) -> str:
        seconds = time.monotonic() - self._start
        if not self.done:
            return f"{self._name}: {seconds:.0f} s so far"
        left = seconds * (self._total - self.done) / self.done
        return (
            f"{self._name}: {self.done:,} of {self._total:,}, {_rate(self.done, seconds)}, "
            f"about {left:.0f} s left"
        )


def stages_table(stages: Sequence[Stage]) -> Table:
    """What each stage took, and all of them."""
    table = Table(
        "stage", *(Column(name, justify="right") for name in ("seconds", "rows", "rate", "peak MB"))
    )
    for stage in stages:
        table.add_row(
            stage.name,
            f"{stage.seconds:,.1f}",
            f"{stage.rows:,}" if stage.rows else "",
            _rate(stage.rows, stage.seconds) if stage.rows else "",
            f"{stage.peak_mb:,}",
        )
    table.add_section()
    peak = max((stage.peak_mb for stage in stages), default=0)
    seconds = sum(stage.seconds for stage in stages)
    table.add_row("all", f"{seconds:,.1f}", "", "", f"{peak:,}")
    return table


def _rate(done: float, seconds: float) -> str:
    rate = done / max(seconds, 1e-3)
    return f"{rate:,.0f}/s" if rate >= 10 else f"{rate:.2f}/s"
