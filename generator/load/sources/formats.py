"""How a file is written, as its name says: its format, and how it was compressed."""

import bz2
import gzip
import io
import re
from typing import BinaryIO, cast

import pyarrow as pa

from shared.errors import SettingsError

FORMATS = {
    "parquet": (".parquet", ".pq"),
    "csv": (".csv",),
    "tsv": (".tsv", ".tab"),
    "jsonl": (".jsonl", ".ndjson"),
    "json": (".json",),
    "xlsx": (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
    "dat": (".dat",),
    "inter": (".inter",),
    "txt": (".txt",),
    "npz": (".npz",),
}
"""Format -> suffixes. In a folder that has a table in several, the first counts."""
FORMAT_OF = {suffix: form for form, suffixes in FORMATS.items() for suffix in suffixes}
COMPRESSIONS = (".gz", ".bz2", ".zst")
# events.jsonl.1, tracking.log-20240301, app.log.2024-03-01.1
ROTATED = re.compile(r"([.-][0-9]{1,3}|[.-]20[0-9]{2}-?[0-9]{2}-?[0-9]{2}([-T_.][0-9]+)?)+$")


def format_of(name: str) -> str | None:
    """The format that the file's name says, whatever it is compressed with, rotated or not."""
    bare = ROTATED.sub("", uncompressed(name.lower()))
    return next((form for suffix, form in FORMAT_OF.items() if bare.endswith(suffix)), None)


def stem_of(path: str) -> str:
    """The file's name without folders, endings of compression and rotation, and its suffix."""
    bare = ROTATED.sub("", uncompressed(path.rpartition("/")[2]))
    lower = bare.lower()
    return next((bare[: -len(end)] for end in FORMAT_OF if lower.endswith(end)), bare)


def checked_format(declared: str) -> str:
    """A format as DATA_COLUMNS names it. Raises SettingsError for one that is none."""
    bare = declared.lower().removeprefix(".")
    form = FORMAT_OF.get(f".{bare}", bare)
    if form and form not in FORMATS:
        raise SettingsError(f"DATA_COLUMNS has format={declared}: expected {', '.join(FORMATS)}.")
    return form


def how_to_say_it() -> str:
    """The cure for a file whose name does not say what it is."""
    return (
        "say it, as in --columns format=csv,user=..., or whose export it is, with --platform; "
        f"{readable_names()}."
    )


def readable_names() -> str:
    """What names files may have, for those whose file has another."""
    suffixes = ", ".join(FORMAT_OF)
    return f"read are {suffixes}, each plain or with {', '.join(COMPRESSIONS)}, and .zip of them"


def plain(name: str, content: pa.NativeFile) -> BinaryIO:
    """The bytes as they were before compression, in their order."""
    lower = ROTATED.sub("", name.lower())
    if lower.endswith(".gz"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=cast(BinaryIO, content)))
    if lower.endswith(".bz2"):
        return cast(BinaryIO, bz2.BZ2File(cast(BinaryIO, content)))
    if lower.endswith(".zst"):
        return cast(BinaryIO, io.BufferedReader(Zstandard(content)))
    return cast(BinaryIO, content)


class Zstandard(io.RawIOBase):
    """What pyarrow decompresses, as Python reads files."""

    def __init__(self, content: pa.NativeFile) -> None:
        self._stream = pa.CompressedInputStream(content, "zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        chunk = self._stream.read(len(buffer))
        buffer[: len(chunk)] = chunk
        return len(chunk)


def uncompressed(name: str) -> str:
    """The name that the file has when it is unpacked."""
    name = ROTATED.sub("", name)
    ends = (name[: -len(end)] for end in COMPRESSIONS if name.lower().endswith(end))
    return next(ends, name)
