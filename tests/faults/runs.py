"""Runs of the generator as processes that start at once and can be killed at any instant."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TextIO

from tests.faults.strikes import Limits, Strike
from tests.processes import ROOT, environment

FAST_MODELS = "tfidf_user_interest,knn_collab_filtering_user_course_view"


@dataclass
class Ended:
    code: int
    """The exit code, or minus the signal that ended the process."""
    said: str

    @property
    def error(self) -> str:
        """The one sentence of an error of ours; fails if there is anything else."""
        (line,) = [line for line in self.said.splitlines() if line.startswith("error: ")]
        assert "Traceback" not in self.said
        assert self.said.endswith(line + "\n")
        return line


@dataclass
class Run:
    pid: int
    output: TextIO
    nursery: "WarmGenerator"
    lines: list[str] = field(default_factory=list)
    ended: Ended | None = None

    def wait_for(self, beginning: str) -> bool:
        """Read on until a line begins so; False if the process ended before."""
        for line in self.output:
            self.lines.append(line)
            if line.startswith(beginning):
                return True
        return False

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def wait_until_stopped(self) -> None:
        """Until a SIGSTOP has stopped the process."""
        while _state_of(self.pid) != "T":
            assert not self.is_over, self.end().said
            time.sleep(0.01)

    @property
    def is_over(self) -> bool:
        return _state_of(self.pid) == "Z"

    def end(self) -> Ended:
        """Wait for the end of the process."""
        if self.ended is None:
            self.lines += self.output
            self.output.close()
            self.ended = Ended(int(self.nursery.ask({"wait": self.pid})), "".join(self.lines))
        return self.ended


class WarmGenerator:
    """Starts runs within milliseconds, as forks of one process that has all imports done."""

    def __init__(self, process: "subprocess.Popen[str]", folder: Path) -> None:
        self._process, self._folder = process, folder
        self._started = 0

    @classmethod
    @contextmanager
    def started(cls, folder: Path) -> Iterator["WarmGenerator"]:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.warm_generator"],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        with process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield cls(process, folder)

    def ask(self, request: object) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()

    @contextmanager
    def running(
        self,
        *arguments: str,
        strikes: Sequence[Strike] = (),
        limits: Limits | None = None,
        **settings: str,
    ) -> Iterator[Run]:
        """A run under way; it is gone when the block is left."""
        self._started += 1
        output = self._folder / f"output-{self._started}"
        os.mkfifo(output)
        pid = self.ask(
            {
                "arguments": arguments,
                "settings": {"MODELS": FAST_MODELS, "THREADS": "1"} | settings,
                "strikes": [asdict(strike) for strike in strikes],
                "limits": asdict(limits or Limits()),
                "output": str(output),
                "folder": str(self._folder),
            }
        )
        run = Run(int(pid), output.open(), self)
        output.unlink()
        try:
            yield run
        finally:
            if run.ended is None:
                with suppress(ProcessLookupError):
                    run.signal(signal.SIGKILL)
                run.end()

    def run(self, *arguments: str, strikes: Sequence[Strike] = (), **more: object) -> Ended:
        """A run to its end."""
        with self.running(*arguments, strikes=strikes, **more) as run:
            return run.end()


def _state_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
