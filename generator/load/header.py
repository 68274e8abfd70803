"""What the columns of a file are called, and what stands between them, by its first bytes."""

import pyarrow.parquet as pq

from generator.load.delimited.csv_files import SEPARATOR_OF
from generator.load.delimited.dialect import Dialect
from generator.load.delimited.first_record import first_record
from generator.load.readers.json_lines import Chunk, chunks_of
from generator.load.readers.json_values import names_within
from generator.load.sources.folders import DAMAGED_FILE, unreadable
from generator.load.sources.table_files import TableFile

HEAD_BYTES = 2**16
SAMPLE = 100
SIGNS = ("\t", ";", "|", ",")


def header_of(file: TableFile) -> tuple[list[str], str]:
    """The names, none where the format has none; and the separator, where it is not the usual one.

    Raises DataError if the file cannot be read.
    """
    try:
        if file.format == "parquet":
            return list(pq.ParquetFile(file.anywhere).schema_arrow.names), ""
        if file.format in ("json", "jsonl"):
            chunk = next(chunks_of(file.plain, file.format == "json"), Chunk())
            names = (name for record in chunk.records[:SAMPLE] for name in names_within(record))
            return list(dict.fromkeys(names)), ""
        return _of_text(file) if file.format in SEPARATOR_OF else ([], "")
    except DAMAGED_FILE as error:
        raise unreadable(file.source, error) from error


def _of_text(file: TableFile) -> tuple[list[str], str]:
    head = file.plain.read(HEAD_BYTES)
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    text = head.decode(encoding, errors="replace").lstrip("\r\n")
    first = text.splitlines()[0] if text else ""
    usual = SEPARATOR_OF[file.format]
    other = max(SIGNS, key=first.count)
    sign = other if usual not in first and other in first else ""
    names, _ = first_record(first.encode(), sign or usual, Dialect())
    return [name.strip() for name in names], sign
