"""Which quotes enclose a field and which are part of one, decided line by line.

A quote that was never meant to open anything makes a parser of CSV swallow every line up to the
next quote, without a word. So blocks in which all quotes pair up around whole fields pass through
untouched, and in any other block each line with a quote is looked at:

    1,"a, b",c         quotes around a field              as CSV has it
    1,"two\\nlines",c   a field over several lines         as CSV has it
    1,"Weird Al" Y.,c  quotes around part of a field      each quote stands for itself
    1,"a \\"b\\", c",d   backslashes                        a quote in a field
    1,"a "b", c",d     quotes around a field, and in it   those before a separator close

The ways are tried in this order; the first that gives the right number of fields is taken. Only if
the first lines with quotes show a writer who never encloses anything, "Heroes" keeps its own too.
"""

from collections.abc import Iterator

import numpy as np

from generator.load.delimited.dialect import Quote
from generator.load.delimited.line_count import LineCount
from generator.load.delimited.quoted_fields import QUOTE, QuotedFields

LINE_FEED, RETURN = ord("\n"), ord("\r")
LONGEST_RECORD_BYTES = 2**21
# So many lines in one field, each of which would be a row, are rows between quotes gone astray. A
# line of text may have as many commas as a row, but hardly as many tabs.
LINES_OF_ROWS = 2
LINES_OF_ROWS_BY_SEPARATOR = {b",": 3, b";": 3, b" ": 3}


class Quoting:
    """Rewrites lines so that a parser of CSV reads what was meant, and counts all of them."""

    def __init__(self, fields: QuotedFields, quote: Quote, count: LineCount) -> None:
        self._fields, self._quote, self._count = fields, quote, count
        self._lines_of_rows = LINES_OF_ROWS_BY_SEPARATOR.get(fields.separator, LINES_OF_ROWS)
        self._separators = np.frombuffer(fields.separator + b"\r\n", np.uint8)
        self._encloses: bool | None = None if quote == "auto" else True
        """Whether a quote may enclose a field in this file; None before one was seen."""
        self.as_written: dict[bytes, bytes] = {}
        """Rewritten line -> what stood there, of lines with a wrong number of fields."""

    def resolved(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        """Blocks of whole lines, as `line_blocks` gives them, in which every quote is meant."""
        rest = b""
        for block in blocks:
            if self._encloses is None and QUOTE in block:
                self._encloses = not self._fields.knows_no_quoting(block)
            resolved, rest = self._resolve(rest + block, is_last=False)
            yield resolved
        yield self._resolve(rest, is_last=True)[0]

    def _resolve(self, text: bytes, is_last: bool) -> tuple[bytes, bytes]:
        """What is settled of the text, and a record at its end that may go on."""
        if self._quote == "none" or QUOTE not in text or self._is_settled(text):
            self._count.lines_outside(text)
            return text, b""
        settled, place = [], 0
        while (quote := text.find(QUOTE, place)) >= 0:
            start = text.rfind(b"\n", place, quote) + 1 or place
            self._count.lines_outside(text[place:start])
            settled.append(text[place:start])
            record = self._record(text, start, is_last)
            if record is None:
                return b"".join(settled), text[start:]
            place, written = record
            settled.append(written)
        self._count.lines_outside(text[place:])
        return b"".join([*settled, text[place:]]), b""

    def _is_settled(self, text: bytes) -> bool:
        return self._encloses is not False and self._is_paired(text)

    def _is_paired(self, text: bytes) -> bool:
        """True if quotes open where fields do, close where they end, and hold no line breaks."""
        if self._fields.escape and self._fields.escape in text:
            return False
        signs = np.frombuffer(b"\n" + text + b"\n", np.uint8)
        quotes = np.flatnonzero(signs == ord(QUOTE))
        if len(quotes) % 2:
            return False
        opening, closing = quotes[::2], quotes[1::2]
        # "" within a field closes it and opens it again.
        doubled = opening[1:] == closing[:-1] + 1
        begins = np.isin(signs[opening - 1], self._separators)
        ends = np.isin(signs[closing + 1], self._separators)
        begins[1:] |= doubled
        ends[:-1] |= doubled
        if not (begins.all() and ends.all()):
            return False
        line_ends = np.flatnonzero(signs == LINE_FEED)
        return not (np.searchsorted(quotes, line_ends) % 2).any()

    def _record(self, text: bytes, start: int, is_last: bool) -> tuple[int, bytes] | None:
        """Where the record that starts here ends, and how it is to be written.

        None where it may go on beyond the text.
        """
        end = text.find(b"\n", start) + 1 or len(text)
        line = text[start:end].rstrip(b"\r\n")
        fields = self._fields
        if self._encloses is False and fields.is_row_as_it_stands(line):
            self._count.stray_quote(text[start:end])
            return end, fields.as_it_stands(line) + b"\n"
        if fields.is_row(line):
            self._count.lines_outside(text[start:end])
            return end, text[start:end]
        if fields.ends_in_field(line):
            over_lines = fields.end_over_lines(text, start)
            if over_lines is not None:
                return self._over_lines(text, start, text.find(b"\n", over_lines) + 1 or len(text))
            is_short = len(text) - start < LONGEST_RECORD_BYTES
            if not is_last and is_short and fields.ends_in_field(text[start:]):
                return None
        elif fields.is_well_formed(line) and not fields.is_row_as_it_stands(line):
            # However its quotes are read, the number of fields is wrong.
            self._count.lines_outside(text[start:end])
            return end, text[start:end]
        self._count.stray_quote(text[start:end])
        if self._quote == "double":
            return end, text[start:end]
        return end, self._of_one_line(line) + b"\n"

    def _over_lines(self, text: bytes, start: int, end: int) -> tuple[int, bytes]:
        lines = text[start:end].splitlines()
        rows = len(lines) >= self._lines_of_rows and all(
            map(self._fields.is_row_as_it_stands, lines)
        )
        if not rows or self._quote == "double":
            self._count.field_over(text[start:end])
            return end, text[start:end]
        self._count.rows_between_quotes(text[start:end])
        return end, b"".join(self._fields.as_it_stands(line) + b"\n" for line in lines)

    def _of_one_line(self, line: bytes) -> bytes:
        if rb"\"" in line and (written := self._fields.with_backslashes(line)):
            return written
        written = self._fields.as_it_stands(line)
        if self._fields.is_row_as_it_stands(line):
            return written
        if loose := self._fields.with_loose_quotes(line):
            return loose
        self.as_written[written] = line
        return written
