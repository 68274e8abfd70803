"""The one record per tenant that decides what is live and who may write.

Pointer, history and lock stand in a single record on purpose: every backend can replace one record
on a condition, so each change is all or nothing and a writer who lost the lock cannot publish.
"""

import time
from dataclasses import asdict, dataclass, field
from typing import Self

import orjson
from pydantic import TypeAdapter

from shared.errors import GenerationMissing, Pinned


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
    pinned_at: str | None = None
    """Since when what is live stays so until somebody unpins it; None: anything may go live."""

    def to_json(self) -> bytes:
        stored = asdict(self)
        # The first servers refuse a state with a field that they do not know: it is only there for
        # who has pinned something.
        if self.pinned_at is None:
            del stored["pinned_at"]
        return orjson.dumps(stored)

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

    def take_up(self, generation: str, published_at: str) -> None:
        """Put a generation that was published then into its place in the history."""
        self.history.append(Publication(generation, published_at, replaced_at=time.time()))
        self.history.sort(key=lambda entry: entry.published_at)

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


def require_unpinned(state: TenantState, tenant: str) -> None:
    """Raise Pinned if what is live is to stay so."""
    if state.pinned_at is not None:
        raise Pinned(
            f"Generation {state.live} of tenant {tenant} is pinned since {state.pinned_at}, so it "
            "stays live; `python run_generator.py unpin` lets others go live again."
        )


def published_one(tenant: str, generation: str | None, state: TenantState) -> str:
    """The generation, if one can point back at it. Raises GenerationMissing."""
    if generation is None:
        raise GenerationMissing(
            f"Tenant {tenant} has no generation before {state.live or 'the first'}, "
            "so there is nothing to roll back to."
        )
    if generation not in state.generations:
        raise GenerationMissing(
            f"Generation {generation} of tenant {tenant} was never published or is pruned; "
            f"published are: {', '.join(state.generations) or 'none'}."
        )
    return generation


_TENANT_STATE = TypeAdapter(TenantState)
