"""Values within JSON objects as the text that a CSV file would hold."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from generator.load.readers.json_lines import Record, exact
from generator.load.readers.parquet_files import LIST_SEPARATOR

# Whole numbers beyond it are floats in orjson, which no longer say what was written.
LARGEST_EXACT = 2.0**63
NOTHING = type(None)


def values_at(records: Sequence[Record], name: str) -> list[Any]:
    """Of each record what stands at `actor.account.name`; None where nothing does.

    A number is a place in a list (`items.0.id`); a name goes through all that a list holds.
    """
    if "." not in name:
        return [record.get(name) for record in records]
    keys = name.split(".")
    return [record[name] if name in record else _at(record, keys) for record in records]


def as_texts(values: list[Any], name: str, lines: Sequence[bytes]) -> pa.DictionaryArray:
    """Text, null where nothing is; `lines` are those of the values, or none."""
    types = set(map(type, values))
    if types <= {str, NOTHING}:
        texts = pa.array(values, pa.string())
    elif types <= {int, NOTHING} and (numbers := _int64(values)) is not None:
        texts = numbers.cast(pa.string())
    else:
        if float in types and lines:
            values = [_exactly(v, name, line) for v, line in zip(values, lines, strict=True)]
        texts = pa.array([text_of(value) for value in values], pa.string())
    return texts.dictionary_encode()


def text_of(value: Any) -> str | None:
    """One value as text: lists with | between, objects as JSON."""
    match value:
        case None | str():
            return value
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case list() if not any(isinstance(part, dict | list) for part in value):
            return LIST_SEPARATOR.join(text_of(part) or "" for part in value)
        case _:
            return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def names_within(record: Mapping[str, Any], above: str = "", depth: int = 3) -> list[str]:
    """The names by which its values can be asked for."""
    names = []
    for key, value in record.items():
        if isinstance(value, dict) and value and depth > 1:
            names += names_within(value, f"{above}{key}.", depth - 1)
        else:
            names.append(f"{above}{key}")
    return names


def _at(here: Any, keys: Sequence[str]) -> Any:
    for place, key in enumerate(keys):
        if type(here) is dict:
            here = here.get(key)
        elif type(here) is list and key.isdigit():
            here = here[int(key)] if int(key) < len(here) else None
        elif type(here) is list:
            within = [_at(part, keys[place:]) for part in here]
            return [part for part in within if part is not None]
        else:
            return None
    return here


def _int64(values: list[Any]) -> pa.Array | None:
    try:
        return pa.array(values, pa.int64())
    except (OverflowError, pa.ArrowInvalid):
        return None


def _exactly(value: Any, name: str, line: bytes) -> Any:
    if type(value) is float and abs(value) >= LARGEST_EXACT:
        return values_at([exact(line)], name)[0]
    return value
