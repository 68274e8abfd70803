"""Every line of a text file, so that none is missing without a word."""

import re

BLANK = re.compile(rb"^\r?$", re.MULTILINE)


class LineCount:
    def __init__(self, header: bytes = b"") -> None:
        self.lines = 0
        self._add(header)
        self._of_header = self.lines
        self.blank = 0
        self.within_fields = 0
        """Line feeds in quotes, which begin no row."""
        self._fields_over_lines = 0
        self._longest = (0, 0)
        self._stray = self._first_stray = 0
        self._rows_between = self._first_between = 0

    def lines_outside(self, text: bytes) -> None:
        """Whole lines without any line feed in quotes."""
        self._add(text)
        if b"\n\n" in text or b"\n\r\n" in text or text[:1] in (b"\n", b"\r"):
            # Behind the last line feed there is no line.
            self.blank += len(BLANK.findall(text.removesuffix(b"\n")))

    def field_over(self, record: bytes) -> None:
        first = self.lines + 1
        self._add(record)
        lines = self.lines - first
        self.within_fields += lines
        self._fields_over_lines += 1
        if lines > self._longest[1] - self._longest[0]:
            self._longest = (first, self.lines)

    def stray_quote(self, line: bytes) -> None:
        self._add(line)
        self._stray += 1
        self._first_stray = self._first_stray or self.lines

    def rows_between_quotes(self, rows: bytes) -> None:
        self._first_between = self._first_between or self.lines + 1
        before = self.lines
        self._add(rows)
        self._rows_between += self.lines - before

    def missing(self, rows: int) -> int:
        """Lines that are in none of so many rows, malformed ones among them, and not the header."""
        return self.lines - self._of_header - self.blank - self.within_fields - rows

    def remarks(self, source: str, rows: int) -> list[str]:
        """What there is to say of the lines of a file in which so many rows were found."""
        remarks = []
        if self._fields_over_lines:
            first, last = self._longest
            remarks.append(
                f"{source}: line breaks within quotes: {self.within_fields:,} in "
                f"{self._fields_over_lines:,} rows, the longest from line {first:,} to line "
                f"{last:,}; with quote=none each line is a row."
            )
        if self._stray:
            remarks.append(
                f"{source}: lines with a quote that is taken as it stands: {self._stray:,}, the "
                f"first is line {self._first_stray:,}."
            )
        if self._rows_between:
            remarks.append(
                f"{source}: lines between two quotes that are rows all the same: "
                f"{self._rows_between:,} from line {self._first_between:,} on; with quote=double "
                "they are one field."
            )
        if missing := self.missing(rows):
            remarks.append(
                f"{source}: lines that vanished into fields in quotes: {missing:,} of "
                f"{self.lines:,}; with quote=none each line is a row."
            )
        return remarks

    def _add(self, text: bytes) -> None:
        self.lines += text.count(b"\n") + (not text.endswith(b"\n") if text else 0)
