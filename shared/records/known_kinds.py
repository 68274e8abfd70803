"""Reading what a newer version says of kinds that this one has not heard of.

It is left out, so that in a rolling upgrade an older server goes on serving the other kinds.
"""

from typing import get_args

from pydantic import BeforeValidator

from shared.kinds import KINDS
from shared.records.reasons import ReasonKind


def _of_known_kinds(value: object) -> object:
    match value:
        case dict():
            return {kind: of_it for kind, of_it in value.items() if kind in KINDS}
        case list():
            return [entry for entry in value if _kind_of(entry) in KINDS]
        case _:
            return value


def _kind_of(entry: object) -> object:
    return entry.get("kind") if isinstance(entry, dict) else entry


def _of_known_reasons(value: object) -> object:
    if isinstance(value, dict):
        return {kind: why for kind, why in value.items() if why in get_args(ReasonKind)}
    return value


OfKnownKinds = BeforeValidator(_of_known_kinds)
"""For a dict by kind, a list of kinds, and a list of records that have one."""
OfKnownReasons = BeforeValidator(_of_known_reasons)
"""For a dict from kinds of lists to kinds of reasons."""
