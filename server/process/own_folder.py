"""A server's folder for what its processes share while it runs: marks of rate limits, counts."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shared.errors import SettingsError

PREFIX = "kindred-server-"


@contextmanager
def own_folder() -> Iterator[Path]:
    """A new folder that goes with the server; those of servers that were killed go now.

    A server holds a lock on its folder, which its workers inherit and the system takes back from
    the dead. Raises SettingsError if nothing can be written where temporary files go.
    """
    try:
        _remove_abandoned(Path(tempfile.gettempdir()))
        folder, lock = _new_folder()
    except OSError as error:
        raise SettingsError(
            f"The server needs a folder for temporary files, and cannot write there: {error}. Set "
            "TMPDIR to a folder that this user may write to and that has room."
        ) from error
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
