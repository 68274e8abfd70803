"""DynamoDB that throttles, fails, hangs up, or is away, as seen over HTTP."""

import itertools
import random
import threading
import time

import pytest

from tests.faults.stores import on_dynamodb
from tests.faults.strikes import Limits
from tests.faulty_dynamodb import (
    answer_lost,
    answered,
    faulty_dynamodb,
    half_done,
    nothing_done,
    passed_on,
    refused,
)

pytestmark = on_dynamodb

OPERATIONS = [
    *("BatchGetItem", "BatchWriteItem", "CreateTable", "DeleteItem", "DeleteTable"),
    *("DescribeTable", "GetItem", "PutItem", "Query", "Scan", "UpdateItem"),
]
KINDS = {
    "throttled": refused("ProvisionedThroughputExceededException"),
    "over the account's limit": refused("RequestLimitExceeded"),
    "internal error": refused("InternalServerError", 500),
    "503": answered(503, b"<html>no JSON</html>"),
    "hung up": lambda body, forward: None,
    "answer lost": answer_lost,
}
BATCH_KINDS = KINDS | {"half unprocessed": half_done, "all unprocessed": nothing_done}


@pytest.fixture
def proxy(store_url):
    with faulty_dynamodb(store_url.partition("endpoint=")[2]) as proxy:
        yield proxy


@pytest.fixture
def through(store_url, proxy):
    """Settings that lead through the proxy."""
    return {"STORE_URL": store_url.partition("endpoint=")[0] + f"endpoint={proxy.endpoint}"}


class OneCallIn:
    """Fails one call in `every`, each time in another way, as drawn by chance."""

    def __init__(self, every: int, seed: int) -> None:
        self._every, self._chance = every, random.Random(seed)
        self._calls = itertools.count(1)
        self._lock = threading.Lock()
        self.failed = 0

    def of(self, operation: str):
        kinds = list((BATCH_KINDS if operation.startswith("Batch") else KINDS).values())

        def fault(body, forward):
            with self._lock:
                fails = next(self._calls) % self._every == 0
                self.failed += fails
                kind = self._chance.choice(kinds) if fails else passed_on
            return kind(body, forward)

        return fault


@pytest.mark.parametrize("every", [10, 3])
def test_a_run_on_a_store_that_often_fails_publishes_the_same(
    platform, proxy, through, every, fault
):
    failing = OneCallIn(every, seed=every)
    proxy.always = {operation: failing.of(operation) for operation in OPERATIONS}
    with fault(f"1 call in {every} throttled, failed or lost") as injected:
        for night in range(3):
            ended = platform.run(night, **through)
            injected.count = failing.failed
            assert ended.code == 0, ended.said
            platform.check(night)
            platform.check_tidy()
    assert failing.failed > 5


class Outage:
    """Nobody answers, from the n-th batch of rows on, for so many seconds."""

    def __init__(self, batch: int, seconds: float) -> None:
        self._batches_left, self._seconds = batch, seconds
        self._began: float | None = None

    def of(self, operation: str):
        def fault(body, forward):
            self._batches_left -= operation == "BatchWriteItem"
            if self._began is None and self._batches_left <= 0:
                self._began = time.monotonic()
            away = self._began is not None and time.monotonic() - self._began < self._seconds
            return None if away else forward(body)

        return fault


def test_a_run_outlasts_an_outage_of_seconds(platform, proxy, through, fault):
    platform.publish(0)
    outage = Outage(batch=4, seconds=2)
    proxy.always = {operation: outage.of(operation) for operation in OPERATIONS}
    with fault("outage of 2 s while writing"):
        ended = platform.run(1, **through)
        assert ended.code == 0, ended.said
        platform.check(1)
        platform.check_tidy()


@pytest.mark.parametrize("batch", [0, 1, 6], ids=lambda batch: f"batch {batch}")
def test_if_the_store_stays_away_the_run_ends_in_a_sentence(platform, proxy, through, batch, fault):
    before = platform.publish(0)
    outage = Outage(batch, seconds=3600)
    proxy.always = {operation: outage.of(operation) for operation in OPERATIONS}
    with fault("outage that lasts"):
        ended = platform.run(1, limits=Limits(impatient=True), **through)
        assert ended.code == 5, ended.said
        assert "DynamoDB" in ended.error
        assert "does not answer" in ended.error
        assert platform.check(0) == before
        platform.let_the_lease_lapse()
        platform.publish(1)
        platform.check_tidy()
