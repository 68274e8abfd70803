"""What users did since the lists were made: kept, and known beside the lists."""

import logging
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from server.lookup.since import Since, since_of
from server.problems import Problem
from shared.errors import StoreError
from shared.events import Event, EventLog
from shared.events.log import START
from shared.records import Handle

MOST = 1000
"""Of a user's latest events that are looked at."""
REMEMBERED = 20_000
"""Users of whom it is remembered what they did; of all others only that they did something."""

_log = logging.getLogger(__name__)


@dataclass
class _Known:
    """Of one tenant's events, as far as they were read."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    cursor: int = START
    erasures: int = 0
    users: set[Handle] = field(default_factory=set)
    """Whoever did something."""
    since: dict[Handle, Since] = field(default_factory=dict)
    look_at: float = 0.0
    """When to look again whether anything was kept."""
    away_until: float = 0.0
    """When to ask a log again that did not answer."""


class RecentEvents:
    """Safe to use from several threads.

    Who did something is known, and brought up to date as soon as anybody has kept an event: most
    lookups are of users who did nothing, and ask the log for no row.
    """

    def __init__(
        self, log: EventLog | None, refresh_seconds: float, clock: Callable[[], float]
    ) -> None:
        """`log` is None where the store has none; that it has no event yet, and of one elsewhere
        what it has, is believed for `refresh_seconds`, unless this process keeps one. `clock`
        counts seconds."""
        self._event_log = log
        self._refresh_seconds, self._clock = refresh_seconds, clock
        self._tenants: dict[str, _Known] = {}

    @property
    def are_kept(self) -> bool:
        """Whether the store has a log."""
        return self._event_log is not None

    def keep(self, tenant: str, events: Sequence[Event], most: int) -> list[bool]:
        """Of each event whether it is new; all are on disk then.

        most: events of a tenant that may be kept. Raises Problem where there is no log or it is
        full, StoreError if it cannot be written.
        """
        if self._event_log is None:
            raise Problem(
                "no-event-log",
                "STORE_URL names a store that keeps no events; SQLite and DynamoDB do.",
            )
        if self._event_log.size(tenant) >= most:
            raise Problem(
                "too-many-events",
                f"{most:,} events are kept for this tenant, and no more may be (EVENTS_KEPT): "
                "`python run_generator.py events compact --before DATE` drops those that the "
                "tables have by now.",
            )
        is_new = self._event_log.append(tenant, events)
        self._known(tenant).look_at = 0.0
        return is_new

    def since(self, tenant: str, users: Sequence[Handle]) -> dict[Handle, Since]:
        """What each of these users did since; who has done nothing is left out.

        Lists go on being served as they are while the log cannot be read.
        """
        log = self._event_log
        if log is None or not users:
            return {}
        known, now = self._known(tenant), self._clock()
        if now < known.away_until:
            return {}
        try:
            if now >= known.look_at:
                # Before the look: what this process keeps meanwhile makes it look again.
                known.look_at = 0.0 if log.reads_are_local else now + self._refresh_seconds
                if log.has_changed(tenant):
                    _read_on(log, tenant, known)
                elif known.cursor == START:
                    known.look_at = now + self._refresh_seconds
            return {user: _of(log, tenant, known, user) for user in users if user in known.users}
        except StoreError as error:
            if not log.reads_are_local:
                # Or every lookup would wait for it.
                known.away_until = now + self._refresh_seconds
            _log.warning("Lists are served as if nobody had done anything since: %s", error)
            return {}

    def latest(self, tenant: str, user: Handle, most: int) -> list[Event]:
        """What a user did last, the last first; nothing while the log cannot be read."""
        if self._event_log is None or not self.since(tenant, [user]):
            return []
        with suppress(StoreError):
            return self._event_log.of_user(tenant, user, most)
        return []

    def _known(self, tenant: str) -> _Known:
        return self._tenants.get(tenant) or self._tenants.setdefault(tenant, _Known())


def _read_on(log: EventLog, tenant: str, known: _Known) -> None:
    with known.lock:
        erasures = log.erasures(tenant)
        if erasures != known.erasures:
            # Whose events are gone cannot be told.
            known.cursor, known.users, known.since = START, set(), {}
        users, cursor = log.users_since(tenant, known.cursor)
        for user in users:
            known.since.pop(user, None)
        known.users.update(users)
        known.cursor, known.erasures = cursor, erasures


def _of(log: EventLog, tenant: str, known: _Known, user: Handle) -> Since:
    since = known.since.get(user)
    if since is None:
        cursor = known.cursor
        since = since_of(log.of_user(tenant, user, MOST))
        with known.lock:
            if len(known.since) >= REMEMBERED:
                known.since.clear()
            # What was read before somebody read on may be older than that.
            if cursor == known.cursor:
                known.since[user] = since
    return since
