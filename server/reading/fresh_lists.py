"""Lists that were made since the live generation, laid over those in it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from server.reading.live_view import LiveGeneration
from shared.errors import StoreError
from shared.fresh import FreshLists
from shared.records import Handle, Key, ListRow, Row
from shared.stores.base import parsed_row

SECONDS_BETWEEN_LOOKS = 1.0
"""At a generation that nothing lies over yet: looking for a file takes as long as a lookup."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class FreshRow(ListRow):
    """A list that was made since."""

    made_at: str = ""
    """ISO 8601 in UTC."""


class FreshView:
    """Safe to use from several threads."""

    def __init__(self, fresh: FreshLists | None, clock: Callable[[], float]) -> None:
        """None where the store has no such lists; `clock` counts seconds."""
        self._fresh, self._clock = fresh, clock
        self._none_until: dict[str, tuple[str, float]] = {}
        """Tenant -> the generation that no list lay over, and when to look again."""

    def over(self, live: LiveGeneration, subjects: Sequence[Handle]) -> LiveGeneration:
        """The generation with the fresh lists of these subjects over its own; itself if there are
        none, or while they cannot be read."""
        fresh, tenant = self._fresh, live.manifest.tenant
        if fresh is None:
            return live
        generation, until = self._none_until.get(tenant, ("", 0.0))
        if generation == live.generation and self._clock() < until:
            return live
        try:
            made_at = fresh.latest(tenant, live.generation, subjects)
            if not made_at and not fresh.has_any(tenant, live.generation):
                until = self._clock() + SECONDS_BETWEEN_LOOKS
                self._none_until[tenant] = live.generation, until
        except StoreError as error:
            _log.warning("Lists are served as the last run made them: %s", error)
            return live
        if not made_at:
            return live
        return replace(live, read=partial(_read, fresh, live), fresh_at=made_at)


def _read(
    fresh: FreshLists, live: LiveGeneration, tenant: str, generation: str, keys: Sequence[Key]
) -> dict[Key, Row]:
    texts = fresh.get_many(tenant, generation, keys)
    rows = live.read(tenant, generation, [key for key in keys if key not in texts])
    for key, text in texts.items():
        row = parsed_row(key, text.text)
        if isinstance(row, ListRow):
            rows[key] = FreshRow(
                row.kind,
                row.subject,
                row.model_handle,
                row.entries,
                row.scores,
                row.reasons,
                text.made_at,
            )
    return rows
