"""One fingerprint of all input files, so that a run can see that nothing has changed."""

import hashlib
from collections.abc import Iterator, Mapping

from generator.load.folders import unreadable
from generator.load.formats import checked_format
from generator.load.input_files import files_at, input_files
from generator.load.table_files import VIEWS, TableFile, opened

CHUNK_BYTES = 2**23


def data_digest(url: str, columns: Mapping[str, str] | None = None, platform: str = "") -> str:
    """SHA-256, in hexadecimal, of the names and bytes of the files that `load_tables` would read.

    Of a platform's export every file counts. Raises DataError as `load_tables` does. Cost: every
    file is read once.
    """
    digest = hashlib.sha256()
    for file in _files(url, columns or {}, platform):
        try:
            digest.update(f"{file.name}\n{file.content.size()}\n".encode())
            while chunk := file.content.read(CHUNK_BYTES):
                digest.update(chunk)
        except OSError as error:
            raise unreadable(file.source, error) from error
    return digest.hexdigest()


def _files(url: str, columns: Mapping[str, str], platform: str) -> Iterator[TableFile]:
    if not platform:
        yield from input_files(url, checked_format(columns.get("format", "")))
        return
    with files_at(url) as (folder, paths):
        yield from opened(folder, paths, VIEWS)
