"""What a log of events is made of in DynamoDB: `shared.events.dynamodb` has the picture."""

from collections.abc import Iterable, Iterator
from typing import Any

from shared.events.event import Event
from shared.records import Handle
from shared.stores.dynamodb.items import subject_key

EVENTS_PER_BATCH, BYTES_PER_BATCH = 49, 300_000
"""A transaction takes 100 items, two of them of each event; an item takes 400 KB."""
EVENTS_PER_LOCAL_BATCH = 4
"""DynamoDB Local takes 10 items, as DynamoDB did when transactions were new."""
CURSORS_PER_BATCH = 100
STATE = {"part": {"S": "state"}, "place": {"S": "state"}}
GONE = {"NULL": True}
"""In the place of an event that was erased from its batch."""

Item = dict[str, Any]


def batches(events: Iterable[Event], most: int) -> Iterator[list[Event]]:
    """In their order, as many at once as one transaction takes."""
    batch: list[Event] = []
    size = 0
    for event in events:
        length = len(event.to_json())
        if len(batch) == most or (batch and size + length > BYTES_PER_BATCH):
            yield batch
            batch, size = [], 0
        batch.append(event)
        size += length
    if batch:
        yield batch


def part_of(user: Handle) -> str:
    return f"user/{subject_key(user)}"


def log_key(batch: int) -> Item:
    return {"part": {"S": "log"}, "place": {"S": f"{batch:016}"}}


def user_key(event: Event, cursor: int) -> Item:
    return {"part": {"S": part_of(event.user)}, "place": {"S": f"{cursor:018}"}}


def id_key(event_id: str) -> Item:
    return {"part": {"S": f"id/{event_id}"}, "place": {"S": "id"}}


def as_number(value: int) -> Item:
    return {"N": str(value)}
