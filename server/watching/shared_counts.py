"""Where worker processes leave their counts, so that whichever is asked can add them all up.

Each writes all it has counted into a file of its own, behind the requests: every second if there is
anything new, and when it ends. The file is replaced as a whole and never mapped, so that a disk
without room costs a worker its place in the sums and nothing else. The file of a worker that is
gone stays, since its counts still belong to the sums.
"""

import logging
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.util import Finalize
from pathlib import Path

import orjson

from server.watching.counts import Snapshot

PERIOD_SECONDS = 1.0
"""What others know of a worker is at most so old, and a killed one takes at most so much along."""

_log = logging.getLogger(__name__)


class SharedCounts:
    """The counts of this process for the others, and those of the others for this one."""

    def __init__(self, folder: Path, counted: Callable[[], Snapshot]) -> None:
        """`counted` says what there is to write."""
        self._folder = folder
        self._counted = counted
        # Not the process id alone, which the system gives to another process some day.
        self._file = folder / f"{os.getpid()}-{secrets.token_hex(4)}.json"
        self._written = b""
        self._fails = False
        self._lock = threading.Lock()

    def write_behind(self, then: Callable[[], None] = lambda: None) -> None:
        """Write now, every second from now on, and when this process ends; `then` follows each."""
        self.write()
        threading.Thread(target=self._keep_writing, args=[then], name="counts", daemon=True).start()
        # Workers are processes of multiprocessing, which end without atexit.
        Finalize(None, self.write, exitpriority=0)

    def write(self) -> None:
        """Leave what is new for the others. A failure is said once, until it is over."""
        with self._lock:
            text = orjson.dumps(self._counted())
            if text == self._written:
                return
            try:
                self._replace(text)
            except OSError as error:
                if not self._fails:
                    _log.warning(
                        "Counts cannot be left for the other workers: %s. Until they can, /metrics "
                        "of each worker lacks what the others count now. Make room there, or set "
                        "TMPDIR to another folder.",
                        error,
                    )
                self._fails = True
            else:
                self._written = text
                if self._fails:
                    _log.warning("Counts are left for the other workers again.")
                self._fails = False

    def of_others(self) -> Iterator[Snapshot]:
        """What every other process has left, also those that are gone."""
        for file in self._folder.glob("*.json"):
            if file != self._file:
                with suppress(OSError):
                    yield orjson.loads(file.read_bytes())

    def living(self) -> int:
        """How many of the processes that count are alive; this one is."""
        left = {int(file.stem.partition("-")[0]) for file in self._folder.glob("*.json")}
        return len({os.getpid(), *filter(_is_alive, left)})

    def _keep_writing(self, then: Callable[[], None]) -> None:
        while True:
            time.sleep(PERIOD_SECONDS)
            self.write()
            then()

    def _replace(self, text: bytes) -> None:
        beside = self._file.with_suffix(".new")
        try:
            beside.write_bytes(text)
            beside.rename(self._file)
        except OSError:
            with suppress(OSError):
                beside.unlink()
            raise


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
