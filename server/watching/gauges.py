"""What is served, how the last runs ended and whether keys can be read, in numbers: looked at when
somebody asks for them."""

import time
from collections.abc import Iterable, Iterator
from datetime import datetime

from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily, Metric

from server.problems import Problem
from server.reading.following import Follows
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
    refused = GaugeMetricFamily(
        "kindred_refused_generations", "Published, but damaged or gone", labels=["tenant"]
    )
    for tenant in tenants:
        try:
            manifest = live_view.current(tenant).manifest
        except (Problem, StoreError):
            pass
        else:
            age.add_metric([tenant], _seconds_since(manifest.created_at))
            info.add_metric([tenant], {"generation": manifest.generation})
            degraded.add_metric([tenant], float(bool(live_view.trouble(tenant))))
        refused.add_metric([tenant], len(live_view.refused(tenant)))
    yield from (age, info, degraded, refused)


def last_runs(live_view: LiveView, tenants: Iterable[str]) -> Iterator[Metric]:
    """Of each tenant whose runs note how they end, the last one."""
    age = GaugeMetricFamily("kindred_last_run_age_seconds", "Since it ended", labels=["tenant"])
    exit_code = GaugeMetricFamily(
        "kindred_last_run_exit_code", "With which it ended", labels=["tenant", "generation"]
    )
    for tenant in tenants:
        try:
            outcome = live_view.last_run(tenant)
        except (Problem, StoreError):
            continue
        if outcome is not None:
            age.add_metric([tenant], _seconds_since(outcome.ended_at))
            exit_code.add_metric([tenant, outcome.generation], outcome.exit_code)
    yield from (age, exit_code)


def events(live_view: LiveView, follows: Follows, tenants: Iterable[str]) -> Iterator[Metric]:
    """Of each tenant whose learners did something: how well lists follow it."""
    kept = GaugeMetricFamily("kindred_events", "Kept in the log", labels=["tenant"])
    waiting = GaugeMetricFamily(
        "kindred_events_waiting",
        "That not all lists are made from: for a refresh, or the next run",
        labels=["tenant"],
    )
    age = GaugeMetricFamily(
        "kindred_refresh_age_seconds", "Since fresh lists were written", labels=["tenant"]
    )
    for tenant in tenants:
        try:
            following = follows.of(live_view.current(tenant))
        except (Problem, StoreError):
            continue
        if following is not None:
            kept.add_metric([tenant], following.events)
            waiting.add_metric([tenant], following.waiting)
            if following.refreshed_at:
                age.add_metric([tenant], _seconds_since(following.refreshed_at))
    yield from (kept, waiting, age)


def keys(are_unreadable: bool) -> Metric:
    """Whether the key file cannot be used as it is now."""
    return GaugeMetricFamily(
        "kindred_keys_unreadable", "1 while the key file cannot be used", float(are_unreadable)
    )


def _seconds_since(moment: str) -> float:
    return time.time() - datetime.fromisoformat(moment).timestamp()
