"""One fingerprint of all input files, so that a run can see that nothing has changed."""

from collections.abc import Iterator, Mapping

from generator.load.sources.digested import digest_of_all, digested
from generator.load.sources.formats import checked_format
from generator.load.sources.input_files import files_at, input_files
from generator.load.sources.table_files import TableFile, opened
from generator.validation.columns import VIEWS


def data_digest(url: str, columns: Mapping[str, str] | None = None, platform: str = "") -> str:
    """SHA-256, in hexadecimal, of the names and bytes of the files that `load` would read, without
    making tables of them.

    Of a platform's export every file counts. Raises DataError as `load` does. Cost: every file is
    read once.
    """
    digests: dict[str, str] = {}
    for _ in digested(_files(url, columns or {}, platform), digests):
        pass
    return digest_of_all(digests)


def _files(url: str, columns: Mapping[str, str], platform: str) -> Iterator[TableFile]:
    if not platform:
        yield from input_files(url, checked_format(columns.get("format", "")))
        return
    with files_at(url) as (folder, paths):
        yield from opened(folder, paths, VIEWS)
