"""Fields with quotes in one line of delimited text, read in each of the ways that people mean."""

import re

QUOTE = b'"'
LINES_LOOKED_AT = 1000


class QuotedFields:
    """All lines have the same number of fields; a line read in some way has exactly so many."""

    def __init__(self, separator: bytes, fields: int, escape: bytes = b"") -> None:
        self.separator, self.fields, self.escape = separator, fields, escape
        sep, unescaped = re.escape(separator), re.escape(escape)
        escaped = rb"|%b." % unescaped if escape else b""
        bare = rb'[^"%b\n][^%b\n]*+' % (sep, sep)
        if escape:
            bare = rb'(?!")(?:[^%b%b\n]|%b.)++' % (sep, unescaped, unescaped)
        opened = rb'"(?:[^"%b]++|""%b)*+' % (unescaped, escaped)
        field = rb'(?:%b"|%b|)' % (opened, bare)
        record = rb"%b(?:%b%b){%d}" % (field, sep, field, fields - 1)
        self._record = re.compile(record + rb"(?=\r?\n|\Z)", re.DOTALL)
        self._records = re.compile(rb"%b(?:%b%b)*+" % (field, sep, field), re.DOTALL)
        self._open = re.compile(rb"(?:%b%b)*+%b\Z" % (field, sep, opened), re.DOTALL)
        self._escaped = re.compile(rb'"((?:[^"\\]++|\\.|"")*+)"(?=%b|\Z)|([^%b]*)' % (sep, sep))
        self._loose = re.compile(rb'"((?:[^"]|"(?!%b|\Z))*)"(?=%b|\Z)|([^%b]*)' % (sep, sep, sep))

    def is_row(self, line: bytes) -> bool:
        """True for quotes as CSV has them, and the right number of fields."""
        return self._record.fullmatch(line) is not None

    def is_well_formed(self, line: bytes) -> bool:
        """True for quotes as CSV has them, and any number of fields."""
        return self._records.fullmatch(line) is not None

    def ends_in_field(self, text: bytes) -> bool:
        """True if the last field is opened by a quote that nothing closes."""
        return self._open.match(text) is not None

    def end_over_lines(self, text: bytes, start: int) -> int | None:
        """Where the record that starts here ends, with line breaks in its quotes; None: nowhere."""
        match = self._record.match(text, start)
        return match.end() if match else None

    def is_row_as_it_stands(self, line: bytes) -> bool:
        return line.count(self.separator) == self.fields - 1

    def knows_no_quoting(self, block: bytes) -> bool:
        """True if quotes in these lines are parts of their fields, and no line needs them around
        one: nobody who encloses fields leaves others with a stray quote, or encloses a few only.
        """
        lines = [line.rstrip(b"\r") for line in block.split(b"\n")]
        quoted = [line for line in lines if QUOTE in line][:LINES_LOOKED_AT]
        rows = [line for line in quoted if self.is_row(line)]
        if not all(map(self.is_row_as_it_stands, quoted)) or 2 * len(rows) > len(lines):
            return False
        astray = [line for line in quoted if not self.is_well_formed(line)]
        return any(not self.ends_in_field(line) for line in astray)

    def as_it_stands(self, line: bytes) -> bytes:
        """The line with each quote as a sign like any other."""
        return self._written(line.split(self.separator))

    def with_backslashes(self, line: bytes) -> bytes | None:
        """The line with \\" for a quote within quotes."""
        values = [
            re.sub(rb"\\(.)", rb"\1", match[1].replace(b'""', QUOTE))
            if match[2] is None
            else match[2]
            for match in self._matches(self._escaped, line)
        ]
        return self._written(values) if len(values) == self.fields else None

    def with_loose_quotes(self, line: bytes) -> bytes | None:
        """The line with quotes that only a separator after them closes: "Hello, "my" friend"."""
        values = [
            match[1].replace(b'""', QUOTE) if match[2] is None else match[2]
            for match in self._matches(self._loose, line)
        ]
        return self._written(values) if len(values) == self.fields else None

    def _matches(self, field: re.Pattern[bytes], line: bytes) -> list[re.Match[bytes]]:
        matches, place = [], 0
        while place <= len(line) and (match := field.match(line, place)):
            matches.append(match)
            place = match.end() + 1
        return matches

    def _written(self, values: list[bytes]) -> bytes:
        return self.separator.join(
            QUOTE + value.replace(QUOTE, b'""') + QUOTE if QUOTE in value else value
            for value in values
        )
