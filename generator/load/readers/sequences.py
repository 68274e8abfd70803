"""Interactions from lines of text: a user and then their items, in the order of time."""

import re
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.load.delimited.text_blocks import line_blocks, undecodable
from generator.load.layout import Layout
from generator.load.sources.folders import unreadable
from generator.load.sources.table_files import TableFile
from generator.validation.raw_table import BLANK, RawTable
from shared.errors import DataError

COLUMNS = ["user", "item"]
LINE_NUMBER = "line"
EPOCH = r"[0-9]{9,10}(?:[0-9]{3})?(?:\.[0-9]*)?"


def read_sequences(file: TableFile, layout: Layout) -> RawTable:
    """Columns user and item; the index is the number of the line, from 1.

    `user=line` in the layout takes the line's number as the user, where lines hold items alone.
    Raises DataError if the file is in another encoding, or holds rows of a user and one item.
    """
    try:
        text = b"".join(line_blocks(file.plain, layout.dialect.encoding)).decode()
    except UnicodeDecodeError as error:
        raise undecodable(file.source, error) from error
    except OSError as error:
        raise unreadable(file.source, error) from error
    lines = [line.split(layout.dialect.separator or None) for line in text.splitlines()]
    numbers = np.arange(1, len(lines) + 1)
    by_user = layout.columns.get("user_handle") != LINE_NUMBER
    if by_user:
        _check_sequences(lines, file.source)
        users, items = [line[0] if line else "" for line in lines], [line[1:] for line in lines]
    else:
        users, items = [str(number) for number in numbers], lines
    rows = np.repeat(np.arange(len(lines)), [len(line) for line in items])
    frame = pd.DataFrame(
        {
            "user": _of_lines(users, rows),
            "item": pd.Categorical([item for line in items for item in line]),
        },
        index=numbers[rows],
    )
    left_out = {
        BLANK: sum(not line for line in lines),
        "lines of a user without items": sum(len(line) == 1 for line in lines) if by_user else 0,
    }
    raw = RawTable(
        file.table,
        file.source,
        COLUMNS,
        frame,
        left_out={reason: count for reason, count in left_out.items() if count},
    )
    ours = {"user_handle": "user", "course_id": "item"}
    return replace(layout, columns=ours).as_views(raw)


def _check_sequences(lines: list[list[str]], source: str) -> None:
    filled = [line for line in lines if line]
    if filled and all(len(line) == 1 for line in filled):
        raise DataError(
            f"{source} has no line of a user and items, as in {filled[0][0]!r}. If something else "
            "than blanks stands between them, say what, and which column is what: --columns "
            "sep=comma,user=1,item=2."
        )
    if words := _words_of_rows(filled):
        raise DataError(
            f"{source} holds rows of {', '.join(words)}, as it seems, and not lines of a user and "
            f"their items: {' '.join(filled[0])!r}. Say so: --columns "
            f"{','.join(f'{word}={place}' for place, word in enumerate(words, 1))}."
        )


def _words_of_rows(lines: list[list[str]]) -> tuple[str, ...]:
    """What the columns are if these are rows: all as long, with times at their end, or with users
    again and again, who have one line each in sequences. None for sequences."""
    fields = len(lines[0]) if lines else 0
    if fields not in (3, 4) or any(len(line) != fields for line in lines):
        return ()
    timed = all(re.fullmatch(EPOCH, line[-1]) for line in lines)
    if not timed and len({line[0] for line in lines}) == len(lines):
        return ()
    if fields == 4:
        return ("user", "item", "weight", "time")
    return ("user", "item", "time" if timed else "weight")


def _of_lines(users: list[str], rows: NDArray[np.int64]) -> pd.Categorical:
    codes, values = pd.factorize(pd.Index(users, dtype="str"))
    return pd.Categorical.from_codes(codes[rows], categories=values)
