"""Delimited text as a stream of CSV in which each quote is meant, and the names of its columns."""

import io
from collections.abc import Iterator
from itertools import chain
from typing import BinaryIO

from generator.load.delimited.dialect import Dialect
from generator.load.delimited.first_record import UNIT_SEPARATOR, first_record
from generator.load.delimited.line_count import LineCount
from generator.load.delimited.quoted_fields import QuotedFields
from generator.load.delimited.quoting import Quoting
from generator.load.delimited.separators import Choice
from generator.load.delimited.text_blocks import line_blocks


class DelimitedText(io.RawIOBase):
    """Reads as the lines behind the header, if there is one; forwards only.

    Raises what `line_blocks` raises, while it is made and while it is read.
    """

    def __init__(self, plain: BinaryIO, dialect: Dialect, has_header: bool, choose: Choice) -> None:
        blocks = line_blocks(plain, dialect.encoding)
        first_block = next(blocks, b"")
        sign = choose(first_block)
        self.sign = sign
        """What separates the fields in the file."""
        record, end = first_record(first_block, sign, dialect)
        begin = end if has_header else 0
        self.names = [str(place + 1) for place in range(len(record))]
        if has_header:
            self.names = _as_long_as_rows(record, first_record(first_block[end:], sign, dialect)[0])
        """Of the columns; 1, 2, 3 where no header has them. None if the file is empty."""
        self.count = LineCount(first_block[:begin])
        self.separator, rows = _of_one_byte(chain([first_block[begin:]], blocks), sign.encode())
        fields = QuotedFields(self.separator, max(len(self.names), 1), dialect.escape.encode())
        self._quoting = Quoting(fields, dialect.quote, self.count)
        self._blocks = self._quoting.resolved(rows)
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
    sign = UNIT_SEPARATOR.encode()
    return sign, (block.replace(separator, sign) for block in blocks)


def _as_long_as_rows(names: list[str], row: list[str]) -> list[str]:
    """The names with as many fields as the first row, where the others are empty: some programs
    end each line with a separator, but not the header, or the header alone."""
    shorter, longer = sorted([names, row], key=len)
    if row and not any(longer[len(shorter) :]):
        return (names + [""] * len(row))[: len(row)]
    return names
