"""Data sets of Amazon Personalize: interactions, items and users, told apart by their columns.

GENRES and categories become tags, and what else is said of items and users their attributes. Every
interaction counts the same; `--columns weights=EVENT_TYPE:...` or `where=` says otherwise.
"""

from generator.load.platforms.export import Export
from generator.load.platforms.making import attributes_of, table_of
from generator.load.tags import tags_of
from generator.validation.raw_table import RawTable

INTERACTION = ("userid", "itemid", "timestamp")
# What an item is: tags, with | between several.
TAGS = ("genres", "genrel2", "genrel3", "categoryl1", "categoryl2", "categoryl3", "category")
OF_COURSES = {"title": "title", "name": "title", "description": "description", "price": "price"}
SIGN = "|"


def read(export: Export) -> list[RawTable]:
    """Raises DataError if no file has the columns of interactions."""
    paths = export.with_columns(INTERACTION)
    if not paths:
        raise export.lacks("file with the columns USER_ID, ITEM_ID and TIMESTAMP")
    spelled = export.spelled(paths[0])
    words = {
        "user": spelled["userid"],
        "item": spelled["itemid"],
        "time": spelled["timestamp"],
        "time_format": "seconds",
    }
    tables = export.interactions(paths, words)
    for raw in export.every_row(export.with_columns(["itemid"], lacking=["userid"]), "itemid"):
        tables += _items(raw)
    for raw in export.every_row(export.with_columns(["userid"], lacking=["itemid"]), "userid"):
        columns = attributes_of(raw, "userid")
        tables.append(table_of(raw, "users", {"user_handle": raw.frame["userid"], **columns}))
    return tables


def recognises(export: Export) -> bool:
    return any(
        {"USER_ID", "ITEM_ID", "TIMESTAMP"} <= {*export.columns(path)} for path in export.paths[:20]
    )


def _items(raw: RawTable) -> list[RawTable]:
    frame = raw.frame
    said = {ours: frame[theirs] for theirs, ours in OF_COURSES.items() if theirs in frame}
    further = attributes_of(raw, "itemid", *OF_COURSES, *TAGS)
    tables = [table_of(raw, "courses", {"course_id": frame["itemid"], **said, **further})]
    tagged = [name for name in TAGS if name in frame]
    return tables + [tags_of(raw, frame["itemid"], frame[name], SIGN) for name in tagged]
