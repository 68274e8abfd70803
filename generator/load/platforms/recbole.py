"""Atomic files of RecBole: `.inter`, `.item` and `.user`, with `name:type` in the first line.

Of interactions the rating is the weight; of items a sequence of words named after genres, classes
or categories becomes tags, and every other column is an attribute. https://recbole.io/docs (Data).
"""

import re

from generator.load.platforms.export import Export
from generator.load.platforms.making import attributes_of, table_of
from generator.load.platforms.wanted import bare
from generator.load.tags import tags_of
from generator.validation.raw_table import RawTable

TAGS = ("genre", "genres", "class", "category", "categories", "tag", "tags", "keywords")
TITLES = ("title", "movietitle", "name", "itemname", "coursename")
SEQUENCE_SIGN = " "
TAB_SEPARATED = "tsv"


def read(export: Export) -> list[RawTable]:
    """Raises DataError if there is no `.inter` file, or it names no users or items."""
    paths = _ending(export, "inter")
    if not paths:
        raise export.lacks(".inter file")
    spelled = {_named(name): name for name in export.columns(paths[0], TAB_SEPARATED)}
    known = {"user": "userid", "item": "itemid", "weight": "rating", "time": "timestamp"}
    words = {word: spelled[name] for word, name in known.items() if name in spelled}
    tables = export.interactions(paths, {"sep": "tab", **words}, TAB_SEPARATED)
    for raw in export.every_row(_ending(export, "item"), "itemid", _named, TAB_SEPARATED):
        tables += _items(raw)
    for raw in export.every_row(_ending(export, "user"), "userid", _named, TAB_SEPARATED):
        columns = attributes_of(raw, "userid")
        tables.append(table_of(raw, "users", {"user_handle": raw.frame["userid"], **columns}))
    return tables


def recognises(export: Export) -> bool:
    paths = _ending(export, "inter")
    return bool(paths) and ":token" in " ".join(export.columns(paths[0], TAB_SEPARATED))


def _items(raw: RawTable) -> list[RawTable]:
    frame = raw.frame
    title = next((name for name in TITLES if name in frame), None)
    said = {"title": frame[title]} if title else {}
    further = attributes_of(raw, "itemid", *TAGS, *([title] if title else []))
    tables = [table_of(raw, "courses", {"course_id": frame["itemid"], **said, **further})]
    tagged = [name for name in TAGS if name in frame]
    return tables + [tags_of(raw, frame["itemid"], frame[name], SEQUENCE_SIGN) for name in tagged]


def _ending(export: Export, ending: str) -> list[str]:
    return [path for path in export.paths if re.search(rf"\.{ending}(\.(gz|bz2|zst))?$", path)]


def _named(name: str) -> str:
    return bare(name.partition(":")[0])
