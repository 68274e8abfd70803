"""The door to DynamoDB: how it is reached, and how long it is tried."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from botocore.config import Config

from shared.backoff import Backoff, Patience, Pauses
from shared.errors import StoreUnavailable
from shared.stores.dynamodb.address import Address
from shared.stores.dynamodb.clients import open_client
from shared.stores.dynamodb.errors import (
    FAILURES,
    TableInUse,
    TableMissing,
    explained,
    is_throttling,
    is_transient,
    throttled,
)
from shared.stores.dynamodb.items import write_units
from shared.stores.dynamodb.pace import Pace, Turn

TABLE_SECONDS = 180
WARM_TABLE_SECONDS = 3600
POOL_CONNECTIONS = 80
"""Above the most threads that a server or the writer uses."""


class Connection:
    """A DynamoDB client for many threads; its patience decides how long each call may take."""

    def __init__(self, address: Address, patience: Patience) -> None:
        """Raises SettingsError for a region or profile that is missing; sends nothing."""
        self._address, self._patience = address, patience
        config = Config(
            connect_timeout=patience.connect_timeout_seconds,
            read_timeout=patience.read_timeout_seconds,
            max_pool_connections=POOL_CONNECTIONS,
            # One attempt each: `call` retries, so that there is one place that bounds the time.
            retries={"mode": "standard", "total_max_attempts": 1},
            proxies={} if address.is_loopback else None,
        )
        self._client = open_client("dynamodb", address, config, address.endpoint)

    def close(self) -> None:
        self._client.close()

    def call(
        self,
        operation: str,
        backoff: Backoff | None = None,
        turn: Turn | None = None,
        **request: Any,
    ) -> Any:
        """Call until it succeeds, cannot succeed, or all attempts were made.

        Each attempt waits for its `turn`, which learns when DynamoDB was asked for too much. Raises
        TableMissing, TableInUse, Conflict (a condition did not hold), StoreUnavailable, or
        StoreError for a request that DynamoDB will never take.
        """
        backoff = backoff or Backoff(self._patience)
        while True:
            if turn:
                turn.wait()
            try:
                return getattr(self._client, operation)(**request)
            except FAILURES as error:
                if turn and is_throttling(error):
                    turn.refused()
                if not (is_transient(error) and backoff.pause()):
                    raise explained(operation, error, self._address, backoff.attempts) from error

    def pages(self, operation: str, **request: Any) -> Iterator[Any]:
        """Every page of a query or scan."""
        while True:
            page = self.call(operation, **request)
            yield page
            if "LastEvaluatedKey" not in page:
                return
            request["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def batch(
        self, operation: str, table: str, items: Any, pace: Pace | None = None
    ) -> Iterator[Any]:
        """Answers to a batch call, which is repeated for what DynamoDB left unprocessed."""
        backoff = Backoff(self._patience)
        while items:
            turn = pace.turn(_units(items)) if pace else None
            answer = self.call(operation, backoff, turn, RequestItems={table: items})
            yield answer
            rest = answer.get("UnprocessedItems") or answer.get("UnprocessedKeys") or {}
            left = rest.get(table, [])
            if turn:
                turn.answered(_units(left))
            if _size(left) < _size(items):
                backoff.restart()
            if left and not backoff.pause():
                raise throttled(operation, "unprocessed items", backoff.attempts)
            items = left

    def create_table(self, table: str, keys: Sequence[str], warm_write_units: int = 0) -> None:
        """Create a table, or wait for somebody else who is creating it; returns when it works.

        `keys` are the hash key and the range key. With `warm_write_units` the table takes so many
        write units per second from the start.
        """
        request = table_request(table, keys)
        if warm_write_units:
            request["WarmThroughput"] = {"WriteUnitsPerSecond": warm_write_units}
        with suppress(TableInUse):
            self.call("create_table", **request)
        self.wait_until_active(table, WARM_TABLE_SECONDS if warm_write_units else TABLE_SECONDS)

    def drop_table(self, table: str, patience_seconds: float = TABLE_SECONDS) -> None:
        """Have a table deleted; no error if it is gone. It may answer for some seconds more.

        One that a run which died left half created is waited for.
        """
        try:
            self.call("delete_table", TableName=table)
        except TableMissing:
            return
        except TableInUse:
            if self._status(table) == "CREATING":
                self.wait_until_active(table, patience_seconds)
                self.call("delete_table", TableName=table)

    def wait_until_active(self, table: str, patience_seconds: float = TABLE_SECONDS) -> None:
        """Raises StoreUnavailable if that takes too long."""
        pauses = Pauses(patience_seconds, longest_pause_seconds=1)
        while (status := self._status(table)) != "ACTIVE":
            if not pauses.pause():
                raise StoreUnavailable(
                    f"DynamoDB table {table} is {status} after {patience_seconds:.0f} s, not "
                    "ACTIVE. Look at it in the AWS console, or try again."
                )

    def _status(self, table: str) -> str:
        try:
            return str(self.call("describe_table", TableName=table)["Table"]["TableStatus"])
        except TableMissing:
            return "missing"


def table_request(table: str, keys: Sequence[str]) -> dict[str, Any]:
    """What both CreateTable and ImportTable want to know of a table."""
    return {
        "TableName": table,
        "KeySchema": [
            {"AttributeName": name, "KeyType": kind}
            for name, kind in zip(keys, ("HASH", "RANGE"), strict=True)
        ],
        "AttributeDefinitions": [{"AttributeName": name, "AttributeType": "S"} for name in keys],
        "BillingMode": "PAY_PER_REQUEST",
    }


def _size(items: Any) -> int:
    return len(items["Keys"] if isinstance(items, dict) else items)


def _units(puts: Any) -> int:
    return sum(write_units(put["PutRequest"]["Item"]) for put in puts)
