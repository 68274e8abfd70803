"""Events in DynamoDB: a table a tenant, PREFIX-TENANT-events, in which three items say one event.

    part          place
    state         state       cursor of the last event, how many there are, how often some went
    log           batch       what was kept at once, in its order: where readers read on
    user/KEY      cursor      one event of a user
    id/EVENT_ID   id          so that no event is kept twice, and which transaction kept it

A batch is one transaction on the condition that the cursor is what it was, so that batches follow
one another without a gap, whoever writes them, and that none of its ids is there. A transaction
takes 100 items, so a batch has 49 events; a request of more is kept batch by batch, and where that
breaks off, its first events are there: under the same ids the rest comes when it is sent again.
"""

import secrets
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from shared.backoff import Backoff, Patience
from shared.errors import Conflict, StoreUnavailable
from shared.events.dynamodb_items import (
    CURSORS_PER_BATCH,
    EVENTS_PER_BATCH,
    EVENTS_PER_LOCAL_BATCH,
    GONE,
    STATE,
    Item,
    as_number,
    batches,
    id_key,
    log_key,
    part_of,
    user_key,
)
from shared.events.event import Event, read_event
from shared.events.log import START, EventLog, Page
from shared.events.together import TogetherByTenant
from shared.records import Handle
from shared.stores.backend import check_names
from shared.stores.dynamodb.address import Address
from shared.stores.dynamodb.connection import Connection
from shared.stores.dynamodb.errors import TableMissing, TransactionCanceled
from shared.stores.dynamodb.store import READER_PATIENCE

DELETES_PER_CALL, LAST_BATCH = 25, 10**16 - 1
KEYS = ("part", "place")
# Somebody waits for the answer, and must not be told "not kept" for a moment's crowd.
PATIENCE = Patience(8, 0.02, 0.4, connect_timeout_seconds=1, read_timeout_seconds=3)


@dataclass(frozen=True, slots=True)
class _State:
    cursor: int = START
    events: int = 0
    erasures: int = 0


class DynamoDBEventLog(EventLog):
    def __init__(self, address: Address, patience: Patience = PATIENCE) -> None:
        self._address, self._patience = address, patience
        self._reader = Connection(address, READER_PATIENCE)
        """For lookups, which wait for nothing long."""
        self._connection = Connection(address, patience)
        is_local = address.is_loopback
        self._events_per_batch = EVENTS_PER_LOCAL_BATCH if is_local else EVENTS_PER_BATCH
        self._writers = TogetherByTenant[Sequence[Event], list[bool]](self._write)
        self._cursors: dict[str, int] = {}
        """Tenant -> where this process believes that the log ends."""
        self._looked_at = threading.local()

    @classmethod
    def from_url(cls, store_url: str) -> Self:
        return cls(Address.parse(store_url))

    def append(self, tenant: str, events: Sequence[Event]) -> list[bool]:
        return self._writers.put(tenant, events)

    def read_since(self, tenant: str, cursor: int, limit: int) -> Page:
        found: list[tuple[int, str]] = []
        for at, text in self._read(self._connection, tenant, cursor):
            found.append((at, text))
            if len(found) == limit:
                break
        last = found[-1][0] if found else cursor
        return Page([read_event(text) for _, text in found], last)

    def has_changed(self, tenant: str) -> bool:
        state = self._state(tenant)
        seen: dict[str, _State] = self._looked_at.__dict__
        before, seen[tenant] = seen.get(tenant, _State()), state
        return before != state

    def users_since(self, tenant: str, cursor: int) -> tuple[Sequence[Handle], int]:
        users: dict[Handle, None] = {}
        # As far as was read, and not as far as the state says: that may be seen before the batch.
        for at, text in self._read(self._reader, tenant, cursor):
            users[read_event(text).user], cursor = None, at
        return list(users), cursor

    def of_user(self, tenant: str, user: Handle, limit: int) -> list[Event]:
        found: list[Event] = []
        items = self._query(self._reader, tenant, part_of(user), newest_first=True, Limit=limit)
        for item in items:
            found.append(read_event(item["event"]["S"]))
            if len(found) == limit:
                break
        return found

    def size(self, tenant: str) -> int:
        return self._state(tenant).events

    def last_cursor(self, tenant: str) -> int:
        # Of what can be read: the state may be seen before the batch that moved it.
        for item in self._query(self._reader, tenant, "log", newest_first=True, Limit=1):
            return int(item["place"]["S"]) * CURSORS_PER_BATCH + len(item["events"]["L"])
        return self._state(tenant).cursor

    def erasures(self, tenant: str) -> int:
        return self._state(tenant).erasures

    def drop_through(self, tenant: str, cursor: int) -> int:
        doomed = []
        for at, text in self._read(self._connection, tenant, START):
            if at > cursor:
                break
            doomed.append((at, read_event(text)))
        # What they are found by goes last, so that one that breaks off is done by the next.
        self._delete_items(tenant, doomed)
        self._take_out_of_log(tenant, doomed)
        return self._note_erased(tenant, len(doomed))

    def forget(self, tenant: str, user: Handle) -> int:
        items = self._query(self._connection, tenant, part_of(user))
        doomed = [(int(item["place"]["S"]), read_event(item["event"]["S"])) for item in items]
        self._take_out_of_log(tenant, doomed)
        self._delete_items(tenant, doomed)
        return self._note_erased(tenant, len(doomed))

    def close(self) -> None:
        self._reader.close()
        self._connection.close()

    def _write(self, tenant: str, parts: Sequence[Sequence[Event]]) -> list[list[bool]]:
        is_new = iter(
            [
                new
                for batch in batches(
                    (event for part in parts for event in part), self._events_per_batch
                )
                for new in self._write_batch(tenant, batch)
            ]
        )
        return [[next(is_new) for _ in part] for part in parts]

    def _write_batch(self, tenant: str, events: Sequence[Event]) -> list[bool]:
        """Of each event whether it is new. Others may write at the same time."""
        known: set[str] = set()
        backoff = Backoff(self._patience)
        while True:
            first = {event.event_id: place for place, event in reversed(list(enumerate(events)))}
            is_new = [
                first[event.event_id] == place and event.event_id not in known
                for place, event in enumerate(events)
            ]
            new = [event for event, wanted in zip(events, is_new, strict=True) if wanted]
            if not new:
                return is_new
            if tenant not in self._cursors:
                self._cursors[tenant] = self._state(tenant).cursor
            before = self._cursors[tenant]
            token = secrets.token_hex(16)
            try:
                self._cursors[tenant] = self._transact(tenant, before, new, token)
                return is_new
            except TableMissing:
                self._connection.create_table(self._table(tenant), KEYS)
            except TransactionCanceled as canceled:
                self._cursors.pop(tenant)
                # The state, the batch, and of each event its id and its user.
                ids = canceled.reasons[2::2]
                repeated = [
                    event.event_id
                    for event, reason in zip(new, ids, strict=True)
                    if reason == "ConditionalCheckFailed"
                ]
                if repeated and self._is_of(tenant, repeated[0], token):
                    # Its answer was lost, and it was sent again.
                    return is_new
                known.update(repeated)
                if not repeated and not backoff.pause():
                    raise StoreUnavailable(
                        f"The log of events of tenant {tenant} is written by too many at once "
                        f"({canceled}). Try again."
                    ) from canceled

    def _transact(self, tenant: str, before: int, events: Sequence[Event], token: str) -> int:
        """Keep the next batch; where the log ends then."""
        batch = before // CURSORS_PER_BATCH + 1
        table, texts = self._table(tenant), [event.to_json().decode() for event in events]
        after = batch * CURSORS_PER_BATCH + len(events)
        values = {":after": as_number(after), ":more": as_number(len(events))}
        condition = "attribute_not_exists(#cursor)"
        if before != START:
            condition, values[":before"] = "#cursor = :before", as_number(before)
        state = {
            "TableName": table,
            "Key": STATE,
            "UpdateExpression": "SET #cursor = :after ADD #events :more",
            "ConditionExpression": condition,
            "ExpressionAttributeNames": {"#cursor": "cursor", "#events": "events"},
            "ExpressionAttributeValues": values,
        }
        log = log_key(batch) | {"events": {"L": [{"S": text} for text in texts]}}
        items: list[Item] = [{"Update": state}, {"Put": {"TableName": table, "Item": log}}]
        for place, (event, text) in enumerate(zip(events, texts, strict=True), 1):
            cursor = batch * CURSORS_PER_BATCH + place
            once = {"ConditionExpression": "attribute_not_exists(part)"}
            seen = id_key(event.event_id) | {"token": {"S": token}}
            items.append({"Put": {"TableName": table, "Item": seen} | once})
            of_user = user_key(event, cursor) | {"event": {"S": text}}
            items.append({"Put": {"TableName": table, "Item": of_user}})
        self._connection.call("transact_write_items", TransactItems=items, ClientRequestToken=token)
        return after

    def _is_of(self, tenant: str, event_id: str, token: str) -> bool:
        """Whether this transaction wrote the event."""
        answer = self._connection.call(
            "get_item", TableName=self._table(tenant), Key=id_key(event_id), ConsistentRead=True
        )
        return bool(answer.get("Item", {}).get("token") == {"S": token})

    def _take_out_of_log(self, tenant: str, doomed: Sequence[tuple[int, Event]]) -> None:
        for cursor, _ in doomed:
            batch, place = divmod(cursor, CURSORS_PER_BATCH)
            try:
                self._connection.call(
                    "update_item",
                    TableName=self._table(tenant),
                    Key=log_key(batch),
                    UpdateExpression=f"SET #events[{place - 1}] = :gone",
                    ConditionExpression="attribute_exists(part)",
                    ExpressionAttributeNames={"#events": "events"},
                    ExpressionAttributeValues={":gone": GONE},
                )
            except Conflict:
                continue  # the batch went before
        touched = {cursor // CURSORS_PER_BATCH for cursor, _ in doomed}
        empty = [batch for batch in sorted(touched) if self._is_empty(tenant, batch)]
        self._delete(tenant, [log_key(batch) for batch in empty])

    def _delete_items(self, tenant: str, doomed: Sequence[tuple[int, Event]]) -> None:
        self._delete(tenant, [id_key(event.event_id) for _, event in doomed])
        self._delete(tenant, [user_key(event, cursor) for cursor, event in doomed])

    def _note_erased(self, tenant: str, events: int) -> int:
        try:
            self._connection.call(
                "update_item",
                TableName=self._table(tenant),
                Key=STATE,
                UpdateExpression="ADD #erasures :one, #events :fewer",
                ExpressionAttributeNames={"#erasures": "erasures", "#events": "events"},
                ExpressionAttributeValues={":one": as_number(1), ":fewer": as_number(-events)},
            )
        except TableMissing:
            return 0
        return events

    def _is_empty(self, tenant: str, batch: int) -> bool:
        answer = self._connection.call(
            "get_item", TableName=self._table(tenant), Key=log_key(batch), ConsistentRead=True
        )
        return all(event == GONE for event in answer.get("Item", {}).get("events", {}).get("L", []))

    def _delete(self, tenant: str, keys: Sequence[Item]) -> None:
        deletes = [{"DeleteRequest": {"Key": key}} for key in keys]
        for start in range(0, len(deletes), DELETES_PER_CALL):
            part = deletes[start : start + DELETES_PER_CALL]
            for _ in self._connection.batch("batch_write_item", self._table(tenant), part):
                pass

    def _read(self, connection: Connection, tenant: str, cursor: int) -> Iterator[tuple[int, str]]:
        """Cursors and texts after this cursor.

        A query is no snapshot: it may have passed the place of a batch before that came, and see
        the next one. So where one is missing, it is looked for once more; then it was erased.
        """
        expected = cursor // CURSORS_PER_BATCH
        for item in self._log(connection, tenant, expected, LAST_BATCH):
            batch = int(item["place"]["S"])
            missed = self._log(connection, tenant, expected, batch - 1) if batch > expected else ()
            for found in (*missed, item):
                first = int(found["place"]["S"]) * CURSORS_PER_BATCH + 1
                for at, event in enumerate(found["events"]["L"], first):
                    if at > cursor and event != GONE:
                        yield at, event["S"]
            expected = batch + 1

    def _log(self, connection: Connection, tenant: str, first: int, last: int) -> Iterator[Item]:
        """Batches of these numbers."""
        ends = log_key(first)["place"], log_key(last)["place"]
        return self._query(connection, tenant, "log", ends)

    def _query(
        self,
        connection: Connection,
        tenant: str,
        part: str,
        ends: tuple[Item, Item] | None = None,
        newest_first: bool = False,
        **more: Any,
    ) -> Iterator[Item]:
        condition, values = "#part = :part", {":part": {"S": part}}
        names = {"#part": "part"}
        if ends is not None:
            condition += " AND #place BETWEEN :first AND :last"
            values[":first"], values[":last"] = ends
            names["#place"] = "place"
        pages = connection.pages(
            "query",
            TableName=self._table(tenant),
            KeyConditionExpression=condition,
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=values,
            ScanIndexForward=not newest_first,
            ConsistentRead=True,
            **more,
        )
        try:
            for page in pages:
                yield from page["Items"]
        except TableMissing:
            return

    def _state(self, tenant: str) -> _State:
        check_names(tenant)
        table = self._table(tenant)
        try:
            answer = self._reader.call("get_item", TableName=table, Key=STATE, ConsistentRead=True)
        except TableMissing:
            return _State()
        item = answer.get("Item", {})
        return _State(*(int(item[n]["N"]) if n in item else 0 for n in _State.__slots__))

    def _table(self, tenant: str) -> str:
        return f"{self._address.prefix}-{tenant}-events"
