"""A complete run of the generator in a process of its own, watched from outside."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from shared.records import Manifest
from shared.stores import open_store

SECONDS_BETWEEN_LOOKS = 0.1
BYTES_PER_MB = 2**20
REHEARSED = ("cut and matrices", "evaluate ", "compare")
"""How the stages of a rehearsal begin."""


@dataclass(frozen=True)
class Run:
    scale: float
    seconds: float
    """From the start of the process to its end."""
    peak_mb: float
    """Resident memory, seen from outside every tenth of a second."""
    manifest: Manifest

    @property
    def on_top(self) -> dict[str, float]:
        """Seconds by what is work on top of the first models' lists for users: targets leave it
        out."""
        stages = self.manifest.stages
        hybrids = {card.model_handle for card in self.manifest.models if card.uses}
        return {
            "lists of courses": sum(s.seconds for s in stages if s.name.endswith(", courses")),
            "rehearsal": sum(s.seconds for s in stages if s.name.startswith(REHEARSED)),
            "hybrids": sum(
                s.seconds
                for s in stages
                if s.name.rpartition(" ")[2] in hybrids and not s.name.startswith(REHEARSED)
            ),
        }

    def seconds_of(self, stage: str) -> float:
        return sum(s.seconds for s in self.manifest.stages if s.name == stage)


def run_generator(
    tables: Path, scale: float, models: Sequence[str], settings: dict[str, str]
) -> Run:
    """Validate, fit, list and publish to SQLite; raises CalledProcessError if that fails."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/store"
        command = [sys.executable, "run_generator.py", "--data", str(tables), "--store", url]
        environment = {"MODELS": ",".join(models), "SET_ASIDE_FOLDER": f"{folder}/set_aside"}
        start = time.monotonic()
        process = psutil.Popen(command, env=os.environ | environment | settings)
        peak = _peak_until_it_ends(process)
        seconds = time.monotonic() - start
        if process.returncode:
            raise subprocess.CalledProcessError(process.returncode, command)
        store = open_store(url)
        manifest = store.live("default")
        store.close()
    assert manifest is not None
    return Run(scale, seconds, peak / BYTES_PER_MB, manifest)


def _peak_until_it_ends(process: psutil.Popen) -> int:
    peak = 0
    while process.poll() is None:
        try:
            peak = max(peak, process.memory_info().rss)
        except psutil.NoSuchProcess:
            break
        time.sleep(SECONDS_BETWEEN_LOOKS)
    process.wait()
    return peak
