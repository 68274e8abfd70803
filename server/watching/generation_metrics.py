"""The live generation in numbers, looked at when somebody asks for them."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric

from server.problems import Problem
from server.reading.live_view import LiveView
from shared.errors import StoreError


def live_generations(live_view: LiveView, tenants: Iterable[str]) -> Iterator[Metric]:
    """Age and id of what each tenant is served from; nothing of those who have nothing."""
    age = GaugeMetricFamily(
        "kindred_live_generation_age_seconds", "Since it was made", labels=["tenant"]
    )
    info = InfoMetricFamily("kindred_live_generation", "Which one is served", labels=["tenant"])
    degraded = GaugeMetricFamily(
        "kindred_live_generation_degraded",
        "1 while something else is served than the pointer names",
        labels=["tenant"],
    )
    for tenant in tenants:
        try:
            manifest = live_view.current(tenant).manifest
        except (Problem, StoreError):
            continue
        made = datetime.fromisoformat(manifest.created_at).timestamp()
        age.add_metric([tenant], time.time() - made)
        info.add_metric([tenant], {"generation": manifest.generation})
        degraded.add_metric([tenant], float(bool(live_view.trouble(tenant))))
    yield age
    yield info
    yield degraded
