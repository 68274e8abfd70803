"""One file read by the generator's loader, in a process that reads nothing else."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from time import perf_counter

from generator.load.files import load_tables

COLUMNS = {"user": "user_id", "item": "item_id", "time": "ts"}


def read_apart(path: Path) -> tuple[float, int]:
    """Rows a second, and MiB that the process took beyond what it had."""
    with ProcessPoolExecutor(1, get_context("spawn")) as process:
        return process.submit(_read, path).result()


def _read(path: Path) -> tuple[float, int]:
    before, start = getrusage(RUSAGE_SELF).ru_maxrss, perf_counter()
    views = load_tables(str(path), COLUMNS)["user_course_views"]
    seconds = perf_counter() - start
    return len(views.frame) / seconds, (getrusage(RUSAGE_SELF).ru_maxrss - before) // 2**10
