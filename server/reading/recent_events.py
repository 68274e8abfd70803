"""What users did since the lists were made: kept, and looked up beside the lists."""

import logging
from collections.abc import Callable, Sequence

from server.lookup.since import Since, since_of
from server.problems import Problem
from shared.errors import StoreError
from shared.events import Event, EventLog
from shared.records import Handle

MOST = 1000
"""Of a user's latest events that are looked at."""
HAS_SOME = -1.0

_log = logging.getLogger(__name__)


class RecentEvents:
    """Safe to use from several threads.

    That a tenant has no events at all is remembered until this process keeps one, or for
    `refresh_seconds`, after which those of other processes are seen.
    """

    def __init__(
        self, log: EventLog | None, refresh_seconds: float, clock: Callable[[], float]
    ) -> None:
        """`log` is None where the store has none; `clock` counts seconds."""
        self._event_log = log
        self._refresh_seconds, self._clock = refresh_seconds, clock
        self._none_until: dict[str, float] = {}
        """Tenant -> when to look again, or HAS_SOME."""

    def keep(self, tenant: str, events: Sequence[Event], most: int) -> list[bool]:
        """Of each event whether it is new; all are on disk then.

        most: events of a tenant that may be kept. Raises Problem where there is no log or it is
        full, StoreError if it cannot be written.
        """
        if self._event_log is None:
            raise Problem(
                "no-event-log",
                "STORE_URL names a store that keeps no events yet; events are kept beside SQLite.",
            )
        if self._event_log.size(tenant) >= most:
            raise Problem(
                "too-many-events",
                f"{most:,} events are kept for this tenant, and no more may be (EVENTS_KEPT): "
                "`python run_generator.py events compact --before DATE` drops those that the "
                "tables have by now.",
            )
        is_new = self._event_log.append(tenant, events)
        self._none_until[tenant] = HAS_SOME
        return is_new

    def since(self, tenant: str, users: Sequence[Handle]) -> dict[Handle, Since]:
        """What each of these users did since; who has done nothing is left out.

        Lists go on being served as they are while the log cannot be read.
        """
        log = self._event_log
        if log is None or not users:
            return {}
        try:
            if self._has_none(tenant, log):
                return {}
            events = {user: log.of_user(tenant, user, MOST) for user in users}
        except StoreError as error:
            _log.warning("Lists are served as if nobody had done anything since: %s", error)
            return {}
        return {user: since_of(of_user) for user, of_user in events.items() if of_user}

    def _has_none(self, tenant: str, log: EventLog) -> bool:
        until = self._none_until.get(tenant, 0.0)
        if until == HAS_SOME:
            return False
        now = self._clock()
        if now < until:
            return True
        has_some = log.size(tenant) > 0
        self._none_until[tenant] = HAS_SOME if has_some else now + self._refresh_seconds
        return not has_some
