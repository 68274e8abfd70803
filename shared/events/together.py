"""Group commit: what several threads want to write is written and synced as one.

    thread 1   put ── writes [1] ───────────────┐
    thread 2        put ── waits ──┐            │ done
    thread 3          put ── waits ─┴─ the first of them writes [2, 3] ── done, done

Whoever waited finds its own part written, or writes what has gathered meanwhile. (DeWitt et al.,
SIGMOD 1984, call it so; one sync then serves all who came during the last one.)
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from shared.stores.backend import check_names

Part = TypeVar("Part")
Outcome = TypeVar("Outcome")


@dataclass(slots=True)
class _Waiting(Generic[Part, Outcome]):
    part: Part
    is_done: bool = False
    outcome: Outcome | None = None
    error: Exception | None = None


class Together(Generic[Part, Outcome]):
    """Hands parts to `write`, several at once if they come while it is busy."""

    def __init__(self, write: Callable[[Sequence[Part]], Sequence[Outcome]]) -> None:
        """`write` has an outcome for each part, in the same order, or fails for all of them."""
        self._write = write
        self._gathered: list[_Waiting[Part, Outcome]] = []
        self._gathering, self._writing = threading.Lock(), threading.Lock()

    def put(self, part: Part) -> Outcome:
        """What `write` made of it, once it is written. Raises what `write` raises."""
        own: _Waiting[Part, Outcome] = _Waiting(part)
        with self._gathering:
            self._gathered.append(own)
        with self._writing:
            if not own.is_done:
                self._write_all()
        if own.error is not None:
            raise own.error
        return own.outcome  # type: ignore[return-value]

    def _write_all(self) -> None:
        with self._gathering:
            taken, self._gathered = self._gathered, []
        try:
            outcomes = self._write([one.part for one in taken])
            for one, outcome in zip(taken, outcomes, strict=True):
                one.outcome = outcome
        except Exception as error:
            for one in taken:
                one.error = error
        for one in taken:
            one.is_done = True


class TogetherByTenant(Generic[Part, Outcome]):
    """Likewise of several tenants, each apart."""

    def __init__(self, write: Callable[[str, Sequence[Part]], Sequence[Outcome]]) -> None:
        """`write` is given the tenant first."""
        self._write = write
        self._lock = threading.Lock()
        self._of_tenant: dict[str, Together[Part, Outcome]] = {}

    def put(self, tenant: str, part: Part) -> Outcome:
        """Raises SettingsError for a name that no tenant can have, and what `write` raises."""
        with self._lock:
            if tenant not in self._of_tenant:
                check_names(tenant)
                self._of_tenant[tenant] = Together(partial(self._write, tenant))
            together = self._of_tenant[tenant]
        return together.put(part)
