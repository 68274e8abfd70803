"""The metrics as plain numbers, for a page of our own.

Whoever looks at pages is not counted: their requests, what these read, probes and scrapes are none
of the API.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample

from server.watching.askers import PAGES

NOT_OF_THE_API = ("/explorer", "/assets", "/docs", "/redoc", "/health", "/ready", "/metrics")
"""How the routes begin of pages, probes and scrapes."""

Buckets = Mapping[float, float]
"""Upper bound -> how many values are not above it, since the start."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted of one tenant up to some moment, over all workers."""

    requests: int = 0
    failed: int = 0
    """Answers with 5xx."""
    fallbacks: int = 0
    cache_hits: int = 0
    cache_lookups: int = 0
    latencies: Buckets = field(default_factory=dict)
    store_reads: Buckets = field(default_factory=dict)

    def since(self, before: "Tally") -> "Tally":
        """What came in between."""
        return Tally(
            self.requests - before.requests,
            self.failed - before.failed,
            self.fallbacks - before.fallbacks,
            self.cache_hits - before.cache_hits,
            self.cache_lookups - before.cache_lookups,
            _less(self.latencies, before.latencies),
            _less(self.store_reads, before.store_reads),
        )


@dataclass(frozen=True, slots=True)
class Figures:
    """Of a stretch of time. Shares and latencies are None if nothing was counted."""

    seconds: float
    requests: int
    rate: float
    """Requests a second."""
    failed: int
    p50_seconds: float | None
    p95_seconds: float | None
    p99_seconds: float | None
    store_p99_seconds: float | None
    cache_hit_share: float | None
    fallbacks: int
    fallback_share: float | None


def tallies_of(families: Iterable[Metric]) -> dict[str, Tally]:
    """Tenant -> what `Metrics.collect` has counted of it."""
    of_tenants: dict[str, list[Sample]] = {}
    for sample in (sample for family in families for sample in family.samples):
        labels = sample.labels
        is_own = labels.get("route", "").startswith(NOT_OF_THE_API) or labels.get("asker") == PAGES
        if (tenant := labels.get("tenant")) is not None and not is_own:
            of_tenants.setdefault(tenant, []).append(sample)
    return {tenant: _tally(samples) for tenant, samples in of_tenants.items()}


def figures_of(tally: Tally, seconds: float) -> Figures:
    """Of what was counted within so many seconds."""
    requests, lookups = tally.requests, tally.cache_lookups
    return Figures(
        seconds=seconds,
        requests=requests,
        rate=requests / seconds if seconds > 0 else 0.0,
        failed=tally.failed,
        p50_seconds=quantile(0.50, tally.latencies),
        p95_seconds=quantile(0.95, tally.latencies),
        p99_seconds=quantile(0.99, tally.latencies),
        store_p99_seconds=quantile(0.99, tally.store_reads),
        cache_hit_share=tally.cache_hits / lookups if lookups else None,
        fallbacks=tally.fallbacks,
        fallback_share=tally.fallbacks / requests if requests else None,
    )


def quantile(share: float, buckets: Buckets) -> float | None:
    """As `histogram_quantile` of Prometheus: within a bucket values are taken to lie evenly; above
    the last bound it is that bound."""
    bounds = sorted(buckets)
    if not bounds or buckets[bounds[-1]] <= 0:
        return None
    rank = share * buckets[bounds[-1]]
    lower, below = 0.0, 0.0
    for bound in bounds[:-1]:
        if buckets[bound] >= rank:
            return lower + (bound - lower) * (rank - below) / (buckets[bound] - below)
        lower, below = bound, buckets[bound]
    return lower


def _tally(samples: Iterable[Sample]) -> Tally:
    numbers: dict[str, float] = {}
    latencies: dict[float, float] = {}
    store_reads: dict[float, float] = {}
    histograms = {"request_seconds_bucket": latencies, "store_read_seconds_bucket": store_reads}
    for sample in samples:
        name, labels = sample.name.removeprefix("kindred_"), sample.labels
        if (buckets := histograms.get(name)) is not None:
            bound = float(labels["le"])
            # Of several routes, added.
            buckets[bound] = buckets.get(bound, 0) + sample.value
        if name == "requests_total" and labels["status"] >= "500":
            numbers["failed"] = numbers.get("failed", 0) + sample.value
        if name == "cache_lookups_total" and labels["result"] == "hit":
            numbers["hits"] = numbers.get("hits", 0) + sample.value
        numbers[name] = numbers.get(name, 0) + sample.value
    return Tally(
        round(numbers.get("requests_total", 0)),
        round(numbers.get("failed", 0)),
        round(numbers.get("fallbacks_total", 0)),
        round(numbers.get("hits", 0)),
        round(numbers.get("cache_lookups_total", 0)),
        latencies,
        store_reads,
    )


def _less(now: Buckets, before: Buckets) -> Buckets:
    return {bound: count - before.get(bound, 0) for bound, count in now.items()}
