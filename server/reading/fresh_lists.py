"""Lists that were made since the live generation, laid over those in it."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial

from server.reading.live_view import LiveGeneration
from shared.errors import StoreError
from shared.fresh import FreshLists
from shared.fresh.lists import FreshText, Made
from shared.records import Handle, Key, ListRow, Row
from shared.stores.base import parsed_row

REMEMBERED = 20_000
"""Lists of a tenant that are kept in memory."""
SECONDS_BETWEEN_LOOKS = 1.0
"""At a generation that nothing lies over yet: looking for a file takes as long as a lookup."""

NEVER = Made(0, "")
NOTHING: tuple[Made, FreshText | None] = (NEVER, None)

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class FreshRow(ListRow):
    """A list that was made since."""

    made_at: str = ""
    """ISO 8601 in UTC."""


@dataclass(slots=True)
class _Known:
    """Whose lists lie over a generation, as far as they were read."""

    generation: str
    none_until: float = 0.0
    """When to look again whether there are any."""
    made: dict[Handle, Made] = field(default_factory=dict)
    """When the newest list of each was made."""
    newest: int = 0
    """The number of the last write."""
    read: dict[Key, tuple[Made, FreshText | None]] = field(default_factory=dict)
    """Lists, and that there is none, with what was the subject's newest then."""


class FreshView:
    """Safe to use from several threads.

    Whose lists are fresh is known, and brought up to date as soon as anybody has written some: most
    lookups are of subjects who have none, and ask for no row.
    """

    def __init__(self, fresh: FreshLists | None, clock: Callable[[], float]) -> None:
        """None where the store has no such lists; `clock` counts seconds."""
        self._fresh, self._clock = fresh, clock
        self._tenants: dict[str, _Known] = {}

    def over(self, live: LiveGeneration, subjects: Sequence[Handle]) -> LiveGeneration:
        """The generation with the fresh lists of these subjects over its own; itself if there are
        none, or while they cannot be read."""
        fresh, tenant = self._fresh, live.manifest.tenant
        if fresh is None:
            return live
        known = self._tenants.get(tenant)
        if known is None or known.generation != live.generation:
            known = self._tenants[tenant] = _Known(live.generation)
        if known.none_until and self._clock() < known.none_until:
            return live
        try:
            self._read_on(fresh, tenant, known)
        except StoreError as error:
            _log.warning("Lists are served as the last run made them: %s", error)
            return live
        made = max((known.made.get(subject, NEVER) for subject in subjects), default=NEVER)
        if made is NEVER:
            return live
        read = partial(_read, fresh, live, known)
        return LiveGeneration(read, live.manifest, live.cards, live.created_at, made)

    def _read_on(self, fresh: FreshLists, tenant: str, known: _Known) -> None:
        if fresh.has_changed(tenant, known.generation):
            made = fresh.made_since(tenant, known.generation, known.newest)
            known.made.update(made)
            known.newest = max((of.number for of in made.values()), default=known.newest)
        elif not known.newest and not fresh.has_any(tenant, known.generation):
            known.none_until = self._clock() + SECONDS_BETWEEN_LOOKS


def _read(
    fresh: FreshLists,
    live: LiveGeneration,
    known: _Known,
    tenant: str,
    generation: str,
    keys: Sequence[Key],
) -> dict[Key, Row]:
    texts = _texts(fresh, known, tenant, generation, keys)
    rest = [key for key in keys if key not in texts]
    rows = live.read(tenant, generation, rest) if rest else {}
    for key, text in texts.items():
        row = rows[key] = parsed_row(key, text.text)
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


def _texts(
    fresh: FreshLists, known: _Known, tenant: str, generation: str, keys: Sequence[Key]
) -> dict[Key, FreshText]:
    """Those of these keys that there are; what was read before is not read again until the subject
    has a newer list."""
    newest = {key: known.made.get(key[1], NEVER) for key in keys}
    missing = [key for key in keys if known.read.get(key, NOTHING)[0] != newest[key]]
    if missing:
        found = fresh.get_many(tenant, generation, missing)
        if len(known.read) + len(missing) > REMEMBERED:
            known.read.clear()
        known.read.update({key: (newest[key], found.get(key)) for key in missing})
    read = {key: known.read.get(key, NOTHING)[1] for key in keys}
    return {key: text for key, text in read.items() if text is not None}
