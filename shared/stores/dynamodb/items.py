"""How rows become items, and what an item counts as.

Sizes follow "DynamoDB item sizes and formats" of the DynamoDB developer guide: an item is as long
as the UTF-8 of its attributes' names and of their values, which here are all text.
"""

import hashlib

import orjson

from shared.errors import StoreError
from shared.records import Handle, handle_key
from shared.stores.backend import StoredRow

MAX_KEY_BYTES = 2048
MAX_ITEM_BYTES = 400 * 1024
WRITE_UNIT_BYTES = 1024

Item = dict[str, dict[str, str]]


def subject_key(handle: Handle) -> str:
    """The handle as a table key; only one too long for DynamoDB is named by its digest."""
    key = handle_key(handle)
    if len(key.encode()) <= MAX_KEY_BYTES:
        return key
    # JSON never starts with a #, so no handle's own key looks like this.
    return "#" + hashlib.sha256(key.encode()).hexdigest()


def item_of(row: StoredRow) -> Item:
    """Raises StoreError if the row is too long for one item."""
    (section, subject), text = row
    if len(text) > MAX_ITEM_BYTES - MAX_KEY_BYTES:
        raise StoreError(
            f"The row {section} of {subject!r} takes {len(text):,} bytes, but "
            f"DynamoDB takes {MAX_ITEM_BYTES:,} an item; lower STORED_LIST_LENGTH."
        )
    return {
        "subject": {"S": subject_key(subject)},
        "section": {"S": section},
        "row": {"S": text.decode()},
    }


def item_bytes(item: Item) -> int:
    return sum(len(name.encode()) + len(value["S"].encode()) for name, value in item.items())


def write_units(item: Item) -> int:
    """What DynamoDB charges for writing the item: one unit for each KB begun."""
    return -(-item_bytes(item) // WRITE_UNIT_BYTES)


def import_line(item: Item) -> bytes:
    """The item as a line of a file that ImportTable reads (DynamoDB JSON)."""
    return orjson.dumps({"Item": item}, option=orjson.OPT_APPEND_NEWLINE)
