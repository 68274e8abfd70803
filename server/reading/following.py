"""How well lists follow what learners do: what is kept, what waits, when lists were made last."""

from dataclasses import dataclass

from server.reading.live_view import LiveGeneration
from shared.events import EventLog
from shared.fresh import FreshLists


@dataclass(frozen=True, slots=True)
class Following:
    events: int
    """About how many are kept."""
    waiting: int
    """Of these so many came after those that the lists are made from, all of them."""
    refreshed_at: str
    """When fresh lists were written last over what is live; "" if they never were."""


class Follows:
    """Of the events and the fresh lists of one store; either may be absent."""

    def __init__(self, log: EventLog | None, fresh: FreshLists | None) -> None:
        self._event_log, self._fresh = log, fresh

    def of(self, live: LiveGeneration) -> Following | None:
        """None where there is no event at all. Raises StoreError."""
        log, tenant = self._event_log, live.manifest.tenant
        if log is None or not (kept := log.size(tenant)):
            return None
        progress = self._fresh.progress(tenant, live.generation) if self._fresh else None
        done = progress.cursor if progress else live.manifest.events_cursor
        waiting = min(kept, max(0, log.last_cursor(tenant) - done))
        return Following(kept, waiting, progress.made_at if progress else "")
