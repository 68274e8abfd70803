"""A table in front of which so many write units a second pass, and no more."""

import json
import threading
import time
from typing import Any

from tests.faulty_dynamodb import Forward

WRITE_UNIT_BYTES = 1024


class LimitedTable:
    """As the fault of BatchWriteItem it answers like DynamoDB above a table's limit.

    Items over the limit come back unprocessed, and a batch of which nothing passes is refused
    altogether. Unused units are kept for `burst_seconds`.
    """

    def __init__(self, units_per_second: float, burst_seconds: float = 0.1) -> None:
        self.items: dict[tuple[str, str], Any] = {}
        self.calls = self.throttled_calls = 0
        self._units_per_second = units_per_second
        self._most = units_per_second * burst_seconds
        self._units, self._at = self._most, time.monotonic()
        self._lock = threading.Lock()

    def __call__(self, body: Any, forward: Forward) -> tuple[int, bytes]:
        ((table, puts),) = body["RequestItems"].items()
        with self._lock:
            left = [put for put in puts if not self._take(put["PutRequest"]["Item"])]
            self.calls += 1
            self.throttled_calls += bool(left)
        if len(left) == len(puts):
            code = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
            return 400, json.dumps({"__type": code, "message": "says the test"}).encode()
        return 200, json.dumps({"UnprocessedItems": {table: left} if left else {}}).encode()

    def _take(self, item: Any) -> bool:
        now = time.monotonic()
        passed = (now - self._at) * self._units_per_second
        self._units, self._at = min(self._most, self._units + passed), now
        size = sum(len(name.encode()) + len(value["S"].encode()) for name, value in item.items())
        units = -(-size // WRITE_UNIT_BYTES)
        if units > self._units:
            return False
        self._units -= units
        self.items[item["subject"]["S"], item["section"]["S"]] = item
        return True
