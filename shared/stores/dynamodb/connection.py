"""The door to DynamoDB: how it is reached, and how long it is tried."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, NoRegionError

from shared.errors import SettingsError, StoreUnavailable
from shared.stores.backoff import Backoff, Patience
from shared.stores.dynamodb.address import Address
from shared.stores.dynamodb.errors import (
    FAILURES,
    TableInUse,
    TableMissing,
    explained,
    is_transient,
    throttled,
)

TABLE_SECONDS = 180
POOL_CONNECTIONS = 80
"""Above the most threads that a server or the writer uses."""


class Connection:
    """A DynamoDB client for many threads; its patience decides how long each call may take."""

    def __init__(self, address: Address, patience: Patience) -> None:
        """Raises SettingsError for a region or profile that is missing; sends nothing."""
        self._address, self._patience = address, patience
        self._client = _client(address, patience)

    def close(self) -> None:
        self._client.close()

    def call(self, operation: str, backoff: Backoff | None = None, **request: Any) -> Any:
        """Call until it succeeds, cannot succeed, or all attempts were made.

        Raises TableMissing, TableInUse, Conflict (a condition did not hold), StoreUnavailable, or
        StoreError for a request that DynamoDB will never take.
        """
        backoff = backoff or Backoff(self._patience)
        while True:
            try:
                return getattr(self._client, operation)(**request)
            except FAILURES as error:
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

    def batch(self, operation: str, table: str, items: Any) -> Iterator[Any]:
        """Answers to a batch call, which is repeated for what DynamoDB left unprocessed."""
        backoff = Backoff(self._patience)
        while items:
            answer = self.call(operation, backoff, RequestItems={table: items})
            yield answer
            rest = answer.get("UnprocessedItems") or answer.get("UnprocessedKeys") or {}
            left = rest.get(table, [])
            if _size(left) < _size(items):
                backoff.restart()
            if left and not backoff.pause():
                raise throttled(operation, "unprocessed items", backoff.attempts)
            items = left

    def create_table(self, table: str, hash_key: str, range_key: str) -> None:
        """Create a table, or wait for somebody else who is creating it; returns when it works."""
        keys = {hash_key: "HASH", range_key: "RANGE"}
        with suppress(TableInUse):
            self.call(
                "create_table",
                TableName=table,
                KeySchema=[{"AttributeName": k, "KeyType": v} for k, v in keys.items()],
                AttributeDefinitions=[{"AttributeName": k, "AttributeType": "S"} for k in keys],
                BillingMode="PAY_PER_REQUEST",
            )
        self._wait_until_active(table)

    def drop_table(self, table: str) -> None:
        """Have a table deleted; no error if it is gone. It may answer for some seconds more."""
        try:
            self.call("delete_table", TableName=table)
        except TableMissing:
            return
        except TableInUse:
            # Being created, by a run that died, or being deleted already.
            if self._status(table) == "CREATING":
                self._wait_until_active(table)
                self.call("delete_table", TableName=table)

    def _wait_until_active(self, table: str) -> None:
        deadline, pause_seconds = time.monotonic() + TABLE_SECONDS, 0.05
        while (status := self._status(table)) != "ACTIVE":
            if time.monotonic() > deadline:
                raise StoreUnavailable(
                    f"DynamoDB table {table} is {status} after {TABLE_SECONDS} s, not ACTIVE. "
                    "Look at it in the AWS console, or try again."
                )
            time.sleep(pause_seconds)
            pause_seconds = min(2 * pause_seconds, 1)

    def _status(self, table: str) -> str:
        try:
            return str(self.call("describe_table", TableName=table)["Table"]["TableStatus"])
        except TableMissing:
            return "missing"


def _client(address: Address, patience: Patience) -> Any:
    config = Config(
        connect_timeout=patience.connect_timeout_seconds,
        read_timeout=patience.read_timeout_seconds,
        max_pool_connections=POOL_CONNECTIONS,
        # One attempt each: `call` retries, so that there is one place that bounds the time.
        retries={"mode": "standard", "total_max_attempts": 1},
        proxies={} if address.is_loopback else None,
    )
    try:
        session = botocore.session.Session(profile=address.profile)
        region = address.region or session.get_config_variable("region")
        if address.is_loopback:
            _stand_in_for_credentials(session)
            region = region or "us-east-1"
        return boto3.Session(botocore_session=session, region_name=region).client(
            "dynamodb", endpoint_url=address.endpoint, config=config
        )
    except NoRegionError:
        raise SettingsError(
            "The DynamoDB store needs a region: add region=NAME to STORE_URL, or set "
            "AWS_DEFAULT_REGION."
        ) from None
    except (BotoCoreError, ValueError) as error:
        raise SettingsError(f"The DynamoDB store cannot be opened: {error}") from error


def _stand_in_for_credentials(session: botocore.session.Session) -> None:
    """DynamoDB Local wants credentials but accepts any; real ones win, so that tools see the same.

    The providers that ask over the network are left out: off AWS they only cost seconds.
    """
    providers = session.get_component("credential_provider")
    providers.remove("iam-role")
    providers.remove("container-role")
    if session.get_credentials() is None:
        session.set_credentials("local", "local")


def _size(items: Any) -> int:
    return len(items["Keys"] if isinstance(items, dict) else items)
