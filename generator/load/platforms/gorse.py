"""Gorse's feedback, items and users, as its dashboard exports them (CSV) or its API says them
(JSON), told apart by their columns.

Categories and labels of items become tags, their comments titles. Hidden items are known, and
feedback of every type counts the same: `--columns where=feedback_type:like` says otherwise.
"""

from dataclasses import replace

import numpy as np
import orjson
import pandas as pd

from generator.load.categorical import respelled
from generator.load.platforms.export import Export
from generator.load.platforms.making import Cells, plain, table_of
from generator.load.tags import SPLIT, tags_of
from generator.validation.raw_table import RawTable

FEEDBACK = ("feedbacktype", "userid", "itemid")
# What Gorse writes where no time was given: the zero of its language.
NO_TIME = "0001-01-01"


def read(export: Export) -> list[RawTable]:
    """Raises DataError if no file has the columns of feedback."""
    paths = export.with_columns(FEEDBACK)
    if not paths:
        raise export.lacks("file with the columns of feedback: feedback_type, user_id, item_id")
    spelled = export.spelled(paths[0])
    words = {"user": spelled["userid"], "item": spelled["itemid"]}
    if "timestamp" in spelled:
        words["time"] = spelled["timestamp"]
    tables = [_with_times(table) for table in export.interactions(paths, words)]
    beside = ("categories", "labels", "description", "comment")
    paths = export.with_columns(["itemid"], lacking=["userid"])
    items = export.rows_if_any(paths, ("itemid",), beside)
    if items is not None:
        tables += _items(items)
    paths = export.with_columns(["userid"], lacking=["itemid"])
    users = export.rows_if_any(paths, ("userid",), ("labels",))
    if users is not None:
        labels = {"labels": _flat(users.frame["labels"])}
        tables.append(table_of(users, "users", {"user_handle": users.frame["userid"], **labels}))
    return tables


def recognises(export: Export) -> bool:
    return bool(export.with_columns(FEEDBACK))


def _items(raw: RawTable) -> list[RawTable]:
    frame = raw.frame
    comment = np.where(frame["comment"] != "", frame["comment"], frame["description"])
    courses = table_of(raw, "courses", {"course_id": frame["itemid"], "title": plain(comment)})
    tags = [
        tags_of(raw, frame["itemid"], pd.Series(_flat(frame[name])), SPLIT)
        for name in ("categories", "labels")
    ]
    return [courses, *tags]


def _with_times(table: RawTable) -> RawTable:
    if "view_date" not in table.frame:
        return table
    cells = respelled(
        table.frame["view_date"],
        lambda texts: texts.where(~texts.str.startswith(NO_TIME), ""),
    )
    return replace(table, frame=table.frame.assign(view_date=cells))


def _flat(cells: pd.Series) -> Cells:
    """Labels are words with | between, or JSON; of JSON every text in it counts."""
    words = [SPLIT.join(_words(text)) for text in cells.cat.categories]
    return plain(np.array(words, dtype=object)[cells.cat.codes.to_numpy()])


def _words(text: str) -> list[str]:
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return [text]
    return _texts_in(value)


def _texts_in(value: object) -> list[str]:
    match value:
        case str():
            return [value]
        case dict():
            return [text for part in value.values() for text in _texts_in(part)]
        case list():
            return [text for part in value for text in _texts_in(part)]
        case bool() | None:
            return []
        case _:
            return [str(value)]
