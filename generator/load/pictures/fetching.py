"""The pictures that a catalogue names, as thumbnails on this machine."""

import os
import shutil
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from generator.encoders.pictures import thumbnail_path
from generator.load.pictures.picture_folder import PictureFolder
from generator.load.pictures.thumbnails import PictureRefused, thumbnail
from generator.validation.set_aside import PICTURES
from shared.errors import DataError
from shared.records import TableReport


@dataclass
class Fetched:
    brought: set[str] = field(default_factory=set)
    """What the catalogue says, of those that have a thumbnail."""
    refused: dict[str, str] = field(default_factory=dict)
    """What the catalogue says -> why there is no thumbnail."""

    def report(self, column: pd.Series, source: str) -> TableReport:
        """How many courses have their picture, and why the others do not."""
        reasons = column.map(self.refused).dropna()
        first = reasons.drop_duplicates()
        return TableReport(
            PICTURES,
            source,
            rows_read=int(column.notna().sum()),
            rows_kept=int(column.isin(self.brought).sum()),
            set_aside=dict(Counter(reasons)),
            samples={reason: str(column[row])[:80] for row, reason in first.items()},
        )

    def set_aside(self, table: pd.DataFrame) -> pd.DataFrame:
        """Columns: row, reasons, course_id, image_path."""
        reasons = table["image_path"].map(self.refused)
        rows = table.loc[reasons.notna(), ["course_id", "image_path"]].astype("str")
        rows.insert(0, "row", rows.index)
        rows.insert(1, "reasons", reasons[reasons.notna()].astype("str"))
        return rows


def fetch(
    named: Iterable[str],
    pictures: PictureFolder,
    kept_in: Path,
    threads: int,
    progress: Callable[[int, int], None],
) -> Fetched:
    """A thumbnail of each picture in `kept_in`, made unless it is there.

    A file of this machine is read again when its time has changed, one from elsewhere when its
    address has. Thumbnails that nobody names any more are removed. Raises DataError if
    `kept_in` cannot be written.
    """
    names, fetched = sorted(set(named)), Fetched()

    def fetch_one(path: str) -> PictureRefused | None:
        try:
            _bring(path, pictures, thumbnail_path(kept_in, path))
        except PictureRefused as refused:
            return refused
        return None

    try:
        kept_in.mkdir(parents=True, exist_ok=True)
        # Not where pictures are decoded: filters of warnings are of all threads.
        with warnings.catch_warnings(action="ignore"), ThreadPoolExecutor(threads) as pool:
            outcomes = zip(names, pool.map(fetch_one, names), strict=True)
            for done, (name, refused) in enumerate(outcomes, 1):
                progress(done, len(names))
                if refused is None:
                    fetched.brought.add(name)
                else:
                    fetched.refused[name] = str(refused)
    except OSError as error:
        raise DataError(
            f"Thumbnails cannot be written to {kept_in} ({error.strerror}): make it writable, or "
            "let VECTORS_FOLDER name another folder."
        ) from error
    _remove_others(kept_in, {thumbnail_path(kept_in, name) for name in fetched.brought})
    return fetched


def _bring(path: str, pictures: PictureFolder, kept: Path) -> None:
    """The thumbnail has the time of the picture, so that one look tells whether it is still its."""
    name = pictures.name_of(path)
    changed_at = pictures.changed_at(name)
    if kept.exists() and changed_at in (None, kept.stat().st_mtime_ns):
        return
    small = thumbnail(pictures.read(name))
    handle, partial = tempfile.mkstemp(suffix=".partial", dir=kept.parent)
    with os.fdopen(handle, "wb") as file:
        file.write(small)
    if changed_at is not None:
        os.utime(partial, ns=(changed_at, changed_at))
    Path(partial).replace(kept)


def _remove_others(folder: Path, kept: set[Path]) -> None:
    """Also those from where the pictures were before. Another run may be removing the same."""
    for path in folder.iterdir():
        if path.suffix in (".jpg", ".partial") and path not in kept:
            path.unlink(missing_ok=True)
    for other in folder.parent.iterdir():
        if other != folder and other.is_dir():
            shutil.rmtree(other, ignore_errors=True)
