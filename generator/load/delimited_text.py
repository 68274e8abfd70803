"""Delimited text as a stream of CSV in which each quote is meant, and the names of its columns."""

import csv
import io
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from generator.load.dialect import Dialect
from generator.load.line_count import LineCount
from generator.load.quoted_fields import QuotedFields
from generator.load.quoting import Quoting
from generator.load.text_blocks import line_blocks

# What stands for a separator of several signs: ASCII's own, which nobody types.
UNIT_SEPARATOR = b"\x1f"


class DelimitedText(io.RawIOBase):
    """Reads as the lines behind the header, if there is one; forwards only.

    Raises what `line_blocks` raises, while it is made and while it is read.
    """

    def __init__(self, plain: BinaryIO, dialect: Dialect, has_header: bool) -> None:
        blocks = line_blocks(plain, dialect.encoding)
        self.separator, blocks = _of_one_byte(blocks, dialect.separator.encode())
        first_block = next(blocks, b"")
        record, end = _first_record(first_block, self.separator, dialect)
        begin = end if has_header else 0
        self.names = record if has_header else [str(place + 1) for place in range(len(record))]
        """Of the columns; 1, 2, 3 where no header has them. None if the file is empty."""
        self.count = LineCount(first_block[:begin])
        fields = QuotedFields(self.separator, max(len(record), 1), dialect.escape.encode())
        self._quoting = Quoting(fields, dialect.quote, self.count)
        self._blocks = self._quoting.resolved(chain([first_block[begin:]], blocks))
        self._waiting = b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while not self._waiting:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._waiting = block
        size = len(self._waiting) if size < 0 else size
        content, self._waiting = self._waiting[:size], self._waiting[size:]
        return content

    def as_written(self, line: str) -> str:
        """What stood in the file where this line was read."""
        return self._quoting.as_written.get(line.encode(), line.encode()).decode()


def _of_one_byte(blocks: Iterator[bytes], separator: bytes) -> tuple[bytes, Iterator[bytes]]:
    if len(separator) == 1:
        return separator, blocks
    return UNIT_SEPARATOR, (block.replace(separator, UNIT_SEPARATOR) for block in blocks)


def _first_record(block: bytes, separator: bytes, dialect: Dialect) -> tuple[list[str], int]:
    """The fields of the first line that is not blank, and where the block goes on after it."""
    lines = io.StringIO(block.decode(), newline="")
    # A quote that nothing closes in its line is no quote of a header.
    is_quoted = dialect.quote != "none" and next(filter(str.strip, lines), "").count('"') % 2 == 0
    lines.seek(0)
    reader = csv.reader(
        lines,
        delimiter=separator.decode(),
        quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE,
        escapechar=dialect.escape or None,
    )
    record = next((row for row in reader if row), [])
    end = 0
    for _ in range(reader.line_num):
        end = block.find(b"\n", end) + 1 or len(block)
    return record, end
