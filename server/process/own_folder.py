"""A server's folder for what its processes share while it runs, such as their counts."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "kindred-server-"


@contextmanager
def own_folder(say: Callable[[str], None]) -> Iterator[Path | None]:
    """A new folder that goes with the server; those of servers that were killed go now.

    A server holds a lock on its folder, which its workers inherit and the system takes back from
    the dead. None if nothing can be written where temporary files go, which is said.
    """
    try:
        _remove_abandoned(Path(tempfile.gettempdir()))
        folder, lock = _new_folder()
    except OSError as error:
        say(
            f"WARNING: no temporary file can be written ({error}), so /metrics of each worker has "
            "the counts of that worker alone. Set TMPDIR to a folder that this user may write to "
            "and that has room."
        )
        yield None
        return
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _new_folder() -> tuple[Path, int]:
    """The folder, and the descriptor that holds its lock."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        lock = os.open(folder, os.O_RDONLY)
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Another server that was just starting may have found it before it was locked.
        if folder.exists():
            return folder, lock
        os.close(lock)


def _remove_abandoned(parent: Path) -> None:
    for folder in parent.glob(f"{PREFIX}*"):
        with suppress(OSError):  # in use, of another user, or removed meanwhile
            lock = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(folder)
            finally:
                os.close(lock)
