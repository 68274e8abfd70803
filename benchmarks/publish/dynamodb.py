"""How fast lists go into DynamoDB, beside a bare parallel loop of `batch_write_item`."""

import secrets
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import boto3
from botocore.config import Config

from shared.records import ListRow
from shared.stores import open_store

TENANT = "default"
REGION = "us-east-1"
THREADS = 8
ROWS_PER_CALL = 25


def rows_per_second(endpoint: str, lists: Sequence[ListRow]) -> float:
    """Of `write` into a generation that was begun."""
    store = open_store(
        f"dynamodb://bench-{secrets.token_hex(4)}?region={REGION}&endpoint={endpoint}"
    )
    with store.lock(TENANT):
        generation = store.begin(TENANT)
        start = time.perf_counter()
        store.write(TENANT, generation, lists)
        seconds = time.perf_counter() - start
        store.discard(TENANT, generation)
    store.close()
    return len(lists) / seconds


def bare_rows_per_second(endpoint: str, lists: Sequence[ListRow]) -> float:
    """Ready items, 25 a call, from as many threads as the store has; no retries, no checks."""
    client = boto3.client(
        "dynamodb",
        endpoint_url=endpoint,
        region_name=REGION,
        aws_access_key_id="local",
        aws_secret_access_key="local",  # DynamoDB Local takes any
        config=Config(max_pool_connections=THREADS),
    )
    table = f"bare-{secrets.token_hex(4)}"
    keys = ("subject", "section")
    client.create_table(
        TableName=table,
        KeySchema=[
            {"AttributeName": name, "KeyType": kind}
            for name, kind in zip(keys, ("HASH", "RANGE"), strict=True)
        ],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in keys],
        BillingMode="PAY_PER_REQUEST",
    )
    puts = [{"PutRequest": {"Item": _item(row)}} for row in lists]
    calls = [puts[i : i + ROWS_PER_CALL] for i in range(0, len(puts), ROWS_PER_CALL)]
    with ThreadPoolExecutor(THREADS) as threads:
        start = time.perf_counter()
        for answer in threads.map(
            lambda call: client.batch_write_item(RequestItems={table: call}), calls
        ):
            assert not answer["UnprocessedItems"]
        seconds = time.perf_counter() - start
    client.delete_table(TableName=table)
    return len(lists) / seconds


def _item(row: ListRow) -> dict[str, dict[str, str]]:
    return {
        "subject": {"S": str(row.subject)},
        "section": {"S": row.section},
        "row": {"S": row.to_json().decode()},
    }
