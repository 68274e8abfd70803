"""Counting in memory, against prometheus-client's own metrics."""

import random
import threading

from prometheus_client import CollectorRegistry, Histogram

from server.watching.counts import Counts, summed
from server.watching.metrics import REQUEST_BUCKETS, Metrics


def test_a_histogram_says_what_that_of_prometheus_says():
    dice, registry, metrics = random.Random(5), CollectorRegistry(), Metrics()
    theirs = Histogram(
        "kindred_request_seconds",
        "From request to answer",
        ("tenant", "route"),
        registry=registry,
        buckets=REQUEST_BUCKETS,
    )
    values = [10 ** dice.uniform(-5, 1) for _ in range(500)]
    for seconds in [*values, *REQUEST_BUCKETS, 0.0]:  # a bound belongs to its own bucket
        metrics.answered("a", "/x", "200", seconds)
        theirs.labels("a", "/x").observe(seconds)
    (expected,) = registry.collect()
    (ours,) = (m for m in metrics.collect() if m.name == "kindred_request_seconds")
    assert {(s.name, *s.labels.items()): s.value for s in ours.samples} == {
        (s.name, *s.labels.items()): s.value
        for s in expected.samples
        if not s.name.endswith("_created")
    }
    assert (ours.type, ours.documentation) == (expected.type, expected.documentation)


def test_threads_lose_no_count():
    counts = Counts()
    count, observe = counts.counter("c"), counts.histogram("h", (1.0, 2.0))

    def many() -> None:
        for _ in range(20_000):
            count(1)
            observe(1.5)

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert summed([counts.snapshot()]) == {
        "c": {(): [80_000]},
        "h": {(): [0, 80_000, 0, 120_000.0]},
    }


def test_a_snapshot_stays_as_it_was_taken():
    counts = Counts()
    count = counts.counter("c", "a")
    count(2)
    taken = counts.snapshot()
    count(3)
    counts.counter("c", "b")
    assert taken == {"c": [(("a",), [2])]}
    assert summed([taken, counts.snapshot()]) == {"c": {("a",): [7], ("b",): [0]}}
