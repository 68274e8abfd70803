"""The first line of delimited text that is not blank: the header, or the first row."""

import csv
import io

from generator.load.delimited.dialect import Dialect

# What stands for a separator of several signs: ASCII's own, which nobody types.
UNIT_SEPARATOR = "\x1f"


def first_record(block: bytes, separator: str, dialect: Dialect) -> tuple[list[str], int]:
    """Its fields, and where the block goes on after it. separator: of any length."""
    sign = separator if len(separator.encode()) == 1 else UNIT_SEPARATOR
    lines = io.StringIO(block.decode().replace(separator, sign), newline="")
    # A quote that nothing closes in its line is no quote of a header.
    is_quoted = dialect.quote != "none" and next(filter(str.strip, lines), "").count('"') % 2 == 0
    lines.seek(0)
    reader = csv.reader(
        lines,
        delimiter=sign,
        quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE,
        escapechar=dialect.escape or None,
    )
    record = next((row for row in reader if row), [])
    end = 0
    for _ in range(reader.line_num):
        end = block.find(b"\n", end) + 1 or len(block)
    return record, end
