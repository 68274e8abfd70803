"""What the server counts, for Prometheus and for its own pages.

Every label has few values: routes are those of the application, tenants those that are configured,
and nothing that a caller sends becomes a label.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

from prometheus_client import generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from server.watching.askers import ASKER
from server.watching.counts import Add, Counts, Labelled, add_numbers, summed
from server.watching.figures import tallies_of
from server.watching.history import History
from server.watching.shared_counts import SharedCounts

REQUEST_BUCKETS = (
    *(0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05),
    *(0.1, 0.25, 0.5, 1.0, 2.5, 5.0),
)
STORE_BUCKETS = (
    *(0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001),
    *(0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1.0, 2.5),
)


@dataclass(frozen=True, slots=True)
class _Family:
    """What is counted under one name; with `bounds` it is a histogram."""

    name: str
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()

    def metric(self, counted: Labelled) -> Metric:
        name = f"kindred_{self.name}"
        if not self.bounds:
            counter = CounterMetricFamily(name, self.help, labels=self.labels)
            for labels, (number,) in counted.items():
                counter.add_metric(labels, number)
            return counter
        histogram = HistogramMetricFamily(name, self.help, labels=self.labels)
        bounds = [*map(floatToGoString, self.bounds), "+Inf"]
        for labels, (*buckets, seconds) in counted.items():
            up_to_each = accumulate(buckets)
            histogram.add_metric(labels, [*zip(bounds, up_to_each, strict=True)], seconds)
        return histogram


_REQUESTS = _Family("requests", "Answers", ("tenant", "route", "status"))
_REQUEST_SECONDS = _Family(
    "request_seconds", "From request to answer", ("tenant", "route"), REQUEST_BUCKETS
)
_ANSWERED = "answered"
"""A histogram by tenant, route and status, of which those two are made: one count a request."""
_STORE_SECONDS = _Family(
    "store_read_seconds",
    "Reads of lists that reached the store",
    ("tenant", "asker"),
    STORE_BUCKETS,
)
_STORE_ERRORS = _Family("store_errors", "Reads that failed", ("tenant",))
_CACHE = _Family("cache_lookups", "Lists looked for", ("tenant", "result", "asker"))
_FALLBACKS = _Family("fallbacks", "Users answered with what is popular", ("tenant",))
_WORKER_STARTS = _Family("worker_starts", "Workers started")
_COUNTED = (_STORE_SECONDS, _STORE_ERRORS, _CACHE, _FALLBACKS, _WORKER_STARTS)


class Metrics:
    """The metrics of one application, which are counted in its process' memory."""

    def __init__(self, folder: Path | None = None) -> None:
        """In `folder` worker processes leave their counts for each other; without it this process
        counts for itself alone."""
        self._counts = Counts()
        self._answered: dict[tuple[str, str, str], Add] = {}
        self._tenants: dict[tuple[str, str], TenantMetrics] = {}
        self._counts.counter(_WORKER_STARTS.name)(1)
        self.history = History()
        self._shared = SharedCounts(folder, self._counts.snapshot) if folder else None
        self.remember()
        if self._shared is not None:
            self._shared.write_behind(self.remember)

    def answered(self, tenant: str, route: str, status: str, seconds: float) -> None:
        key = (tenant, route, status)
        observe = self._answered.get(key)
        if observe is None:
            observe = self._counts.histogram(_ANSWERED, REQUEST_BUCKETS, *key)
            self._answered[key] = observe
        observe(seconds)

    def of(self, tenant: str) -> "TenantMetrics":
        """For whoever it is that lists are read for now."""
        asker = ASKER.get()
        known = self._tenants.get((tenant, asker))
        if known is None:
            known = self._tenants[tenant, asker] = TenantMetrics(
                self._counts.counter(_CACHE.name, tenant, "hit", asker),
                self._counts.counter(_CACHE.name, tenant, "miss", asker),
                self._counts.histogram(_STORE_SECONDS.name, STORE_BUCKETS, tenant, asker),
                self._counts.counter(_STORE_ERRORS.name, tenant),
                self._counts.counter(_FALLBACKS.name, tenant),
            )
        return known

    def remember(self) -> None:
        """Add to the history if it is time to."""
        if self.history.is_due:
            self.history.note(tallies_of(self.collect()))

    def collect(self) -> Iterator[Metric]:
        """Every metric, summed over all workers: the others' as they last left them."""
        others = self._shared.of_others() if self._shared else ()
        sums = summed([self._counts.snapshot(), *others])
        answered = sums.get(_ANSWERED, {})
        yield _REQUESTS.metric({labels: [sum(n[:-1])] for labels, n in answered.items()})
        yield _REQUEST_SECONDS.metric(_by_tenant_and_route(answered))
        for family in _COUNTED:
            yield family.metric(sums.get(family.name, {}))
        living = self._shared.living() if self._shared else 1
        yield GaugeMetricFamily("kindred_workers", "Workers that live", living)

    def exposition(self, more: Iterable[Metric]) -> bytes:
        """All of that, and `more`, in the text format of Prometheus."""
        return generate_latest(_Collected([*self.collect(), *more]))


def _by_tenant_and_route(answered: Labelled) -> Labelled:
    sums: Labelled = {}
    for (*tenant_and_route, _), numbers in answered.items():
        add_numbers(sums, tuple(tenant_and_route), numbers)
    return sums


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
