"""What a run tells while it works: bars on a terminal, plain lines under cron."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from shared.records import Stage

SECONDS_BETWEEN_LINES = 10
LOG_WIDTH = 160


class Reporter:
    """Announces stages, shows how far they are, and remembers what each took."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        if console is None and not self.console.is_terminal:
            # A log file has no width of its own; tables should not be folded in it.
            self.console.width = LOG_WIDTH
        self.stages: list[Stage] = []

    def say(self, text: str) -> None:
        self.console.print(text, markup=False)

    @contextmanager
    def stage(self, name: str) -> Iterator["Steps"]:
        """Time a block; within it, call the steps with (done, total) as work goes on."""
        start = time.monotonic()
        steps = (
            TerminalSteps(self.console, name) if self.console.is_terminal else LineSteps(self, name)
        )
        with steps:
            yield steps
        seconds = time.monotonic() - start
        self.stages.append(Stage(name, round(seconds, 3), steps.done))
        self.say(
            f"{name}: {steps.done:,} in {seconds:.1f} s"
            if steps.done
            else f"{name}: {seconds:.1f} s"
        )


class Steps:
    """How far a stage is."""

    done = 0

    def __call__(self, done: int, total: int) -> None:
        self.done = done

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
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            transient=True,
        )
        self._task = self._bar.add_task(name, total=None)

    def __call__(self, done: int, total: int) -> None:
        super().__call__(done, total)
        self._bar.update(self._task, completed=done, total=total)

    def __enter__(self) -> Steps:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()


class LineSteps(Steps):
    def __init__(self, reporter: Reporter, name: str) -> None:
        self._reporter = reporter
        self._name = name
        self._start = self._last = time.monotonic()

    def __call__(self, done: int, total: int) -> None:
        super().__call__(done, total)
        now = time.monotonic()
        if now - self._last < SECONDS_BETWEEN_LINES:
            return
        self._last = now
        left = (now - self._start) * (total - done) / max(done, 1)
        self._reporter.say(f"{self._name}: {done:,} of {total:,}, about {left:.0f} s left")
