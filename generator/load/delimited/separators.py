"""What stands between the fields of a file that does not say it."""

from collections.abc import Callable

from generator.load.delimited.dialect import SEPARATORS, Dialect
from generator.load.delimited.first_record import first_record
from generator.validation.columns import Table

CANDIDATES = (",", "\t", ";", "|", "::", " ")
LINES_LOOKED_AT = 20

Choice = Callable[[bytes], str]
"""From the first lines of a file to what separates its fields."""


def separator_of(dialect: Dialect, usual: str, table: Table, has_header: bool) -> Choice:
    """What is declared; else what is usual, unless the table's columns are found with another."""

    def choice(block: bytes) -> str:
        fits = _names_all if has_header else _is_even
        candidates = dict.fromkeys([usual, *CANDIDATES])
        return next((sign for sign in candidates if fits(block, sign, dialect, table)), usual)

    return (lambda _: dialect.separator) if dialect.separator else choice


def said(separator: str) -> str:
    """As DATA_COLUMNS has it."""
    words = {sign: word for word, sign in SEPARATORS.items()}
    return words.get(separator, separator)


def _names_all(block: bytes, sign: str, dialect: Dialect, table: Table) -> bool:
    names, _ = first_record(block, sign, dialect)
    return {*table.required_names} <= {*table.spelled_as_here(names)}


def _is_even(block: bytes, sign: str, dialect: Dialect, table: Table) -> bool:
    """True if the first lines have equally many fields, and enough for the table's columns."""
    lines = [line for line in block.split(b"\n")[:LINES_LOOKED_AT] if line.strip()][:-1] or [block]
    counts = {line.count(sign.encode()) + 1 for line in lines}
    places = [int(name) for name in table.column_names if name.isdecimal()]
    return len(counts) == 1 and counts.pop() >= max(places, default=1)
