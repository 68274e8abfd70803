"""One fingerprint of all input files, so that a run can see that nothing has changed."""

import hashlib
from collections.abc import Mapping

from generator.load.folders import unreadable
from generator.load.formats import checked_format
from generator.load.input_files import input_files

CHUNK_BYTES = 2**23


def data_digest(url: str, columns: Mapping[str, str] | None = None) -> str:
    """SHA-256, in hexadecimal, of the names and bytes of the files that `load_tables` would read.

    Raises DataError as `load_tables` does. Cost: every file is read once.
    """
    digest = hashlib.sha256()
    form = checked_format((columns or {}).get("format", ""))
    for file in input_files(url, form):
        try:
            digest.update(f"{file.name}\n{file.content.size()}\n".encode())
            while chunk := file.content.read(CHUNK_BYTES):
                digest.update(chunk)
        except OSError as error:
            raise unreadable(file.source, error) from error
    return digest.hexdigest()
