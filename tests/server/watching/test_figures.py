"""The metrics as plain numbers, against what was done and against arithmetic by hand."""

import pytest
from prometheus_client import CollectorRegistry, Histogram

from server.watching.figures import Figures, Tally, figures_of, quantile, tallies_of
from server.watching.metrics import Metrics

BOUNDS = [1.0, 2.0, 4.0]


def figures(metrics: Metrics, tenant: str = "a") -> Figures:
    return figures_of(tallies_of(metrics.collect()).get(tenant, Tally()), 10.0)


def buckets(values: list[float]) -> dict[float, float]:
    registry = CollectorRegistry()
    histogram = Histogram("h", "h", registry=registry, buckets=BOUNDS)
    for value in values:
        histogram.observe(value)
    (family,) = registry.collect()
    return {float(s.labels["le"]): s.value for s in family.samples if s.name == "h_bucket"}


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [
        ([], 0.5, None),
        ([0.5] * 4, 0.5, 0.5),  # rank 2 of 4 in the bucket 0..1
        ([1.5] * 4, 0.5, 1.5),
        ([0.5, 0.5, 3.0, 3.0], 0.75, 3.0),  # rank 3: 1 of 2 in the bucket 2..4
        ([0.5, 9.0], 0.99, 4.0),  # above the last bound
    ],
)
def test_quantiles_are_those_of_prometheus(values, share, expected):
    assert quantile(share, buckets(values)) == expected


def test_of_a_tenant_nothing_of_the_others_is_seen():
    metrics = Metrics()
    for seconds in (0.0004, 0.0004, 0.0004, 0.2):
        metrics.answered("a", "/similar-users", "200", seconds)
    metrics.answered("a", "/recommendations", "503", 2.0)
    metrics.of("a").cache_hits(3)
    metrics.of("a").cache_misses(1)
    metrics.of("a").store_seconds(0.003)
    metrics.of("a").fallbacks(2)
    metrics.answered("b", "/similar-users", "500", 9.0)
    metrics.of("b").cache_misses(10)
    found = figures(metrics)
    assert (found.requests, found.rate, found.failed, found.fallbacks) == (5, 0.5, 1, 2)
    assert found.fallback_share == 0.4
    assert found.cache_hit_share == 0.75
    assert 0.00025 < found.p50_seconds <= 0.0005
    assert 1.0 < found.p99_seconds <= 2.5
    assert 0.0025 < found.store_p99_seconds <= 0.005


def test_where_nothing_was_asked_there_are_no_shares():
    found = figures(Metrics())
    assert (found.requests, found.p50_seconds, found.cache_hit_share) == (0, None, None)


@pytest.mark.parametrize(
    "route", ["/explorer/operations/figures", "/explorer", "/health", "/ready", "/metrics", "/docs"]
)
def test_whoever_looks_probes_or_scrapes_is_not_counted(route):
    metrics = Metrics()
    metrics.answered("a", "/similar-users", "200", 0.001)
    metrics.answered("a", route, "500", 3.0)
    found = figures(metrics)
    assert (found.requests, found.failed) == (1, 0)
    assert found.p99_seconds <= 0.001
