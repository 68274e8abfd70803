"""What users did since the lists were made, looked up beside them."""

import logging
from collections.abc import Sequence, Set

from shared.errors import StoreError
from shared.events import EventLog
from shared.events.event import LEAVES_OUT
from shared.records import Handle

MOST = 1000
"""Of a user's latest events that are looked at."""

_log = logging.getLogger(__name__)


class RecentEvents:
    """Safe to use from several threads."""

    def __init__(self, log: EventLog | None) -> None:
        self._event_log = log

    def left_out(self, tenant: str, users: Sequence[Handle]) -> dict[Handle, Set[Handle]]:
        """The courses that each of these users has taken up or dismissed; who has done neither is
        left out.

        Lists go on being served as they are while the log cannot be read.
        """
        if self._event_log is None:
            return {}
        try:
            events = {user: self._event_log.of_user(tenant, user, MOST) for user in users}
        except StoreError as error:
            _log.warning("Lists are served as if nobody had done anything since: %s", error)
            return {}
        courses = {
            user: frozenset(
                event.course
                for event in of_user
                if event.kind in LEAVES_OUT and event.course is not None
            )
            for user, of_user in events.items()
            if of_user
        }
        return {user: taken for user, taken in courses.items() if taken}
