"""What the server counts, for Prometheus and for its own pages.

Every label has few values: routes are those of the application, tenants those that are configured,
and nothing that a caller sends becomes a label.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from server.watching.metrics_files import folder_of_counts

REQUEST_BUCKETS = (
    *(0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
STORE_BUCKETS = (
    *(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001),
    *(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 2.5),
)

Add = Callable[[float], None]


class Metrics:
    """The metrics of one application. Children are bound once, since looking one up by its labels
    takes longer than counting."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = self._counter("requests", "Answers", "tenant", "route", "status")
        self._request_seconds = self._histogram(
            "request_seconds", "From request to answer", REQUEST_BUCKETS, "tenant", "route"
        )
        self._store_seconds = self._histogram(
            "store_read_seconds", "Reads of lists that reached the store", STORE_BUCKETS, "tenant"
        )
        self._store_errors = self._counter("store_errors", "Reads that failed", "tenant")
        self._cache = self._counter("cache_lookups", "Lists looked for", "tenant", "result")
        self._fallbacks = self._counter(
            "fallbacks", "Users answered with what is popular", "tenant"
        )
        self._worker_starts = self._counter("worker_starts", "Workers started")
        self._workers = Gauge(
            "kindred_workers",
            "Workers that live",
            registry=self._registry,
            multiprocess_mode="livesum",
        )
        self._answered: dict[tuple[str, str, str], tuple[Add, Add]] = {}
        self._tenants: dict[str, TenantMetrics] = {}
        self._worker_starts.inc()
        self._workers.set(1)

    def answered(self, tenant: str, route: str, status: str, seconds: float) -> None:
        key = (tenant, route, status)
        bound = self._answered.get(key)
        if bound is None:
            bound = self._answered[key] = (
                self._requests.labels(tenant, route, status).inc,
                self._request_seconds.labels(tenant, route).observe,
            )
        bound[0](1)
        bound[1](seconds)

    def of(self, tenant: str) -> "TenantMetrics":
        found = self._tenants.get(tenant)
        if found is None:
            found = self._tenants[tenant] = TenantMetrics(
                self._cache.labels(tenant, "hit").inc,
                self._cache.labels(tenant, "miss").inc,
                self._store_seconds.labels(tenant).observe,
                self._store_errors.labels(tenant).inc,
                self._fallbacks.labels(tenant).inc,
            )
        return found

    def collect(self) -> Iterable[Metric]:
        """Every metric, summed over all workers."""
        folder = folder_of_counts()
        if folder is None:
            return self._registry.collect()
        collector: Collector = MultiProcessCollector(None, str(folder))  # type: ignore[no-untyped-call]
        return collector.collect()

    def exposition(self, more: Iterable[Metric]) -> bytes:
        """All of that, and `more`, in the text format of Prometheus."""
        return generate_latest(_Collected([*self.collect(), *more]))

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(f"kindred_{name}_total", help_text, labels, registry=self._registry)

    def _histogram(
        self, name: str, help_text: str, buckets: tuple[float, ...], *labels: str
    ) -> Histogram:
        return Histogram(
            f"kindred_{name}", help_text, labels, registry=self._registry, buckets=buckets
        )


@dataclass(frozen=True, slots=True)
class TenantMetrics:
    """What is counted while a tenant's lists are read."""

    cache_hits: Add
    cache_misses: Add
    store_seconds: Add
    store_errors: Add
    fallbacks: Add


class _Collected(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families
