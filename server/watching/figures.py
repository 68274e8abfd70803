"""The metrics as plain numbers, for a page of our own."""

from collections.abc import Iterable
from dataclasses import dataclass

from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample


@dataclass(frozen=True, slots=True)
class Figures:
    """One tenant since the server started, over all workers. A rate is what two of these differ by,
    over the time between them. Shares and latencies are None if nothing was counted."""

    requests: int
    failed: int
    """Answers with 5xx."""
    p50_seconds: float | None
    p95_seconds: float | None
    p99_seconds: float | None
    store_p99_seconds: float | None
    cache_hit_share: float | None
    fallbacks: int
    workers: int
    worker_starts: int


def figures_of(tenant: str, families: Iterable[Metric]) -> Figures:
    """Of `Metrics.collect`; other tenants' samples are left out."""
    samples = [
        sample
        for family in families
        for sample in family.samples
        if sample.labels.get("tenant", tenant) == tenant
    ]

    def total(name: str, **labels: str) -> int:
        found = (s for s in samples if s.name == f"kindred_{name}")
        return round(sum(s.value for s in found if labels.items() <= s.labels.items()))

    answers = [s for s in samples if s.name == "kindred_requests_total"]
    latencies = [s for s in samples if s.name == "kindred_request_seconds_bucket"]
    store = [s for s in samples if s.name == "kindred_store_read_seconds_bucket"]
    lookups, hits = total("cache_lookups_total"), total("cache_lookups_total", result="hit")
    return Figures(
        requests=total("requests_total"),
        failed=round(sum(s.value for s in answers if s.labels["status"] >= "500")),
        p50_seconds=quantile(0.50, latencies),
        p95_seconds=quantile(0.95, latencies),
        p99_seconds=quantile(0.99, latencies),
        store_p99_seconds=quantile(0.99, store),
        cache_hit_share=hits / lookups if lookups else None,
        fallbacks=total("fallbacks_total"),
        workers=total("workers"),
        worker_starts=total("worker_starts_total"),
    )


def quantile(share: float, buckets: Iterable[Sample]) -> float | None:
    """As `histogram_quantile` of Prometheus: within a bucket values are taken to lie evenly; above
    the last bound it is that bound. Buckets of several routes are added."""
    counts: dict[float, float] = {}
    for sample in buckets:
        bound = float(sample.labels["le"])
        counts[bound] = counts.get(bound, 0) + sample.value
    bounds = sorted(counts)
    if not bounds or not counts[bounds[-1]]:
        return None
    rank = share * counts[bounds[-1]]
    lower, below = 0.0, 0.0
    for bound in bounds[:-1]:
        if counts[bound] >= rank:
            return lower + (bound - lower) * (rank - below) / (counts[bound] - below)
        lower, below = bound, counts[bound]
    return lower
