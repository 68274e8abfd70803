"""Interactions from lines of text: a user and then their items, in the order of time."""

import io
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.load.folders import unreadable
from generator.load.layout import Layout
from generator.load.table_files import TableFile
from generator.validation.raw_table import RawTable
from shared.errors import DataError

COLUMNS = ["user", "item"]
LINE_NUMBER = "line"


def read_sequences(file: TableFile, layout: Layout) -> RawTable:
    """Columns user and item; the index is the number of the line, from 1.

    `user=line` in the layout takes the line's number as the user, where lines hold items alone.
    Raises DataError if the file is not UTF-8.
    """
    try:
        text = io.TextIOWrapper(file.plain, encoding="utf-8-sig")
        lines = [line.split(layout.dialect.separator or None) for line in text.read().splitlines()]
        text.detach()
    except UnicodeDecodeError as error:
        raise DataError(f"{file.source} is not UTF-8 text ({error}).") from error
    except OSError as error:
        raise unreadable(file.source, error) from error
    numbers = np.arange(1, len(lines) + 1)
    if layout.columns.get("user_handle") == LINE_NUMBER:
        users, items = [str(number) for number in numbers], lines
    else:
        users, items = [line[0] if line else "" for line in lines], [line[1:] for line in lines]
    rows = np.repeat(np.arange(len(lines)), [len(line) for line in items])
    frame = pd.DataFrame(
        {
            "user": _of_lines(users, rows),
            "item": pd.Categorical([item for line in items for item in line]),
        },
        index=numbers[rows],
    )
    raw = RawTable(file.table, file.source, COLUMNS, frame)
    ours = {"user_handle": "user", "course_id": "item"}
    return replace(layout, columns=ours).as_views(raw)


def _of_lines(users: list[str], rows: NDArray[np.int64]) -> pd.Categorical:
    codes, values = pd.factorize(pd.Index(users, dtype="str"))
    return pd.Categorical.from_codes(codes[rows], categories=values)
