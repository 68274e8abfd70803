"""The one record per tenant that decides what is live and who may write.

Pointer, history and lock stand in a single record on purpose: every backend can replace one record
on a condition, so each change is all or nothing and a writer who lost the lock cannot publish.
"""

import time
from dataclasses import dataclass, field
from typing import Self

import orjson
from pydantic import TypeAdapter


@dataclass(slots=True)
class LockRecord:
    """Who works for the tenant: a renewable lease, in seconds since the epoch."""

    token: str
    holder: str
    since: float
    expires_at: float


@dataclass(slots=True)
class Publication:
    generation: str
    published_at: str
    replaced_at: float | None = None
    """When another went live, in seconds since the epoch; None for the live one."""


@dataclass(slots=True)
class TenantState:
    live: str | None = None
    history: list[Publication] = field(default_factory=list)
    """Published generations that still have their lists, in the order they were live last."""
    lock: LockRecord | None = None

    def to_json(self) -> bytes:
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Fields that this version does not know are passed over. Raises ValueError."""
        stored = orjson.loads(text)
        # Defaults are for the state of nobody: half a record must not read as "nothing is live".
        if not isinstance(stored, dict) or not {"live", "history", "lock"} <= stored.keys():
            raise ValueError("pointer, history or lock is missing")
        return _TENANT_STATE.validate_python(stored)  # type: ignore[return-value]

    @property
    def generations(self) -> list[str]:
        return [entry.generation for entry in self.history]

    @property
    def live_and_before(self) -> list[str]:
        """The live generation, then those published before it, newest first."""
        if self.live not in self.generations:
            return [self.live] if self.live else []
        return self.generations[self.generations.index(self.live) :: -1]

    @property
    def live_and_newest(self) -> list[str]:
        """The live generation, then the others that were published, newest first."""
        newest = sorted(self.history, key=lambda entry: entry.published_at, reverse=True)
        others = [entry.generation for entry in newest if entry.generation != self.live]
        return [self.live, *others] if self.live else others

    @property
    def previous(self) -> str | None:
        """The generation that was published just before the live one."""
        return next(iter(self.live_and_before[1:]), None)

    def go_live(self, generation: str, published_at: str) -> None:
        """Add a generation and make it live."""
        # After a rollback the newest entry is not the live one: the live one moves to the end, so
        # that the next rollback leads to it and not to what was rolled back before.
        self.history.sort(key=lambda entry: entry.generation == self.live)
        self.history.append(Publication(generation, published_at))
        self.point_at(generation)

    def point_at(self, generation: str) -> None:
        """Make a generation of the history live."""
        for entry in self.history:
            if entry.generation == generation:
                entry.replaced_at = None
            elif entry.generation == self.live:
                entry.replaced_at = time.time()
        self.live = generation

    def maybe_read(self, seconds: float) -> set[str]:
        """Generations that a server may still read, since they were live less than so long ago."""
        since = time.time() - seconds
        return {
            entry.generation
            for entry in self.history
            if entry.replaced_at is None or entry.replaced_at > since
        }


_TENANT_STATE = TypeAdapter(TenantState)
