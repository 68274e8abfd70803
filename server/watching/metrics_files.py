"""Where worker processes leave their counts, so that whichever is asked can add them all up.

prometheus-client writes one file per process and type of metric. A worker that is gone keeps its
counters' files, since its counts still belong to the sums.
"""

import os
from pathlib import Path

from prometheus_client import values
from prometheus_client.multiprocess import mark_process_dead

_folder: Path | None = None


def share_counts(folder: Path) -> None:
    """Count in files in `folder` from now on; to be called when a worker starts.

    What only a living worker says of itself is forgotten of those that have died.
    """
    global _folder
    _folder = folder
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    # The library chose when it was imported, which was before there was a folder.
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    for pid in {int(file.stem.rpartition("_")[2]) for file in folder.glob("*.db")}:
        if not _is_alive(pid):
            mark_process_dead(pid, str(folder))  # type: ignore[no-untyped-call]


def folder_of_counts() -> Path | None:
    """None in a process that counts for itself alone."""
    return _folder


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
