"""Which generation is live, remembered per tenant and looked up again every few seconds."""

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Self, TypeVar

from server.problems import Problem
from server.reading.breaker import Breaker
from shared.errors import GenerationDamaged, GenerationMissing, OtherFormat, StoreError
from shared.records import Key, Manifest, ModelCard, Row, RunOutcome
from shared.stores import Store
from shared.stores.state import TenantState

Result = TypeVar("Result")
Clock = Callable[[], float]
RowReader = Callable[[str, str, Sequence[Key]], dict[Key, Row]]
"""tenant, generation, keys -> rows, as `Store.get_many`."""

ManifestReader = Callable[[str], Manifest]
"""generation -> its manifest, as `Store.manifest`."""

Background = Callable[[Callable[[], None]], None]
"""Runs a piece of work without waiting for it."""

_log = logging.getLogger(__name__)


def in_a_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="generation", daemon=True).start()


@dataclass(frozen=True, slots=True)
class LiveGeneration:
    """One generation as the server reads it; it never changes."""

    read: RowReader
    manifest: Manifest
    cards: Mapping[str, ModelCard]
    """The models that have lists, by handle."""
    created_at: datetime
    freshest: object = None
    """Of which moment the newest list is that lies over it; None where none does."""

    @classmethod
    def of(cls, read: RowReader, manifest: Manifest) -> Self:
        cards = {card.model_handle: card for card in manifest.served_models}
        return cls(read, manifest, cards, datetime.fromisoformat(manifest.created_at))

    @property
    def generation(self) -> str:
        return self.manifest.generation

    def rows(self, keys: Sequence[Key]) -> dict[Key, Row]:
        """The stored rows, of any sections; those that are not there are left out."""
        return self.read(self.manifest.tenant, self.manifest.generation, keys)


@dataclass(slots=True)
class _Held:
    lock: threading.Lock = field(default_factory=threading.Lock)
    live: LiveGeneration | None = None
    checked_at: float = 0.0
    refused: dict[str, StoreError] = field(default_factory=dict)
    """Generations that were damaged or lost; this process does not come back to them."""
    trouble: str = ""
    """Why something else than what the pointer names is served, for callers."""

    def forget_all_but(self, generations: Sequence[str]) -> None:
        """Generations that are pruned or discarded are nobody's trouble any more."""
        self.refused = {name: why for name, why in self.refused.items() if name in generations}


class LiveView:
    """Gives every request the live generation without asking the store each time.

    Safe to use from several threads: one of them looks at the pointer, the others go on with what
    is known. While the pointer cannot be read, the known generation goes on being served. A
    generation is held against its checksum before it is served, and a damaged one is refused: then
    the known one stays, or the newest that is whole is served, older or newer.
    """

    def __init__(
        self,
        store: Store,
        refresh_seconds: float,
        clock: Clock = time.monotonic,
        read: RowReader | None = None,
        breaker: Breaker | None = None,
        in_background: Background = in_a_thread,
    ) -> None:
        """`read` gives rows in place of `store.get_many`; `clock` counts seconds; `breaker` guards
        the store from requests that would queue for it.
        """
        self._store = store
        self._ask = (breaker or Breaker(clock)).call
        self._in_background = in_background
        self._read = read or store.get_many
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._tenants: dict[str, _Held] = {}

    def read(self, tenant: str, ask: Callable[[LiveGeneration], Result]) -> Result:
        """What `ask` makes of the live generation; all it reads is of that one generation.

        If its lists are gone (pruned since we looked, or lost) or turn out damaged, `ask` is called
        once more, on the one that is served then. Raises Problem if nothing is live, StoreError if
        lists cannot be read.
        """
        live = self.current(tenant)
        try:
            return ask(live)
        except (GenerationMissing, GenerationDamaged) as error:
            return ask(self._replace(tenant, live, error))

    def trouble(self, tenant: str) -> str:
        """Why the tenant is served something else than what its pointer names; "" if it is not."""
        held = self._tenants.get(tenant)
        return "" if held is None else held.trouble

    def refused(self, tenant: str) -> Sequence[str]:
        """The published generations that this process has found damaged or gone."""
        held = self._tenants.get(tenant)
        return [] if held is None else list(held.refused)

    def last_run(self, tenant: str) -> RunOutcome | None:
        """How the tenant's last run ended; None if none was noted. Raises StoreError."""
        return self._ask(lambda: self._store.last_run(tenant))

    def current(self, tenant: str) -> LiveGeneration:
        held = self._tenants.get(tenant) or self._tenants.setdefault(tenant, _Held())
        if held.live is None:
            return self._first(tenant, held)
        due = self._clock() - held.checked_at >= self._refresh_seconds
        if due and held.lock.acquire(blocking=False):
            # Reading a generation through takes seconds, and nobody waits for it: the lock is given
            # back by the thread that does so, and the known generation is served until then.
            self._in_background(partial(self._follow_pointer, tenant, held, held.live))
        return held.live

    def _first(self, tenant: str, held: _Held) -> LiveGeneration:
        with held.lock:
            if held.live is None:
                held.live = self._load(tenant, held)
                held.checked_at = self._clock()
            return held.live

    def _replace(self, tenant: str, gone: LiveGeneration, error: StoreError) -> LiveGeneration:
        held = self._tenants[tenant]
        with held.lock:
            if held.live is None or held.live is gone:
                named = self._ask(lambda: self._store.live_generation(tenant))
                lost = named == gone.generation
                if lost or isinstance(error, GenerationDamaged):
                    self._refuse(held, tenant, gone.generation, error)
                held.live = self._load(tenant, held)
                held.checked_at = self._clock()
            return held.live

    def _follow_pointer(self, tenant: str, held: _Held, known: LiveGeneration) -> None:
        try:
            state = self._ask(lambda: self._store.state(tenant))
            if state.live is None:
                held.trouble = _without_pointer(f"{known.generation} stays")
                _log.warning("Tenant %s: %s", tenant, held.trouble)
                return
            held.forget_all_but(state.generations)
            if state.live == known.generation:
                held.trouble = ""
            elif state.live not in held.refused:
                held.live = self._checked(held, tenant, state.live, self._manifest(tenant, state))
                held.trouble = ""
                _log.info("Tenant %s: generation %s is live now.", tenant, state.live)
            else:
                held.trouble = _instead(state.live, known.generation)
        except Exception as error:  # whatever is wrong with the next one, the known one still works
            unforeseen = not isinstance(error, StoreError)
            held.trouble = (
                f"What is live now cannot be read; {known.generation} stays. "
                "`python run_generator.py check` says why, and what to do."
            )
            _log.warning(
                "Tenant %s: %s stays: %s", tenant, known.generation, error, exc_info=unforeseen
            )
        finally:
            held.checked_at = self._clock()
            held.lock.release()

    def _load(self, tenant: str, held: _Held) -> LiveGeneration:
        """The live generation, or, if it cannot be read, the newest that can, older or newer."""
        try:
            state = self._ask(lambda: self._store.state(tenant))
        except StoreError as error:
            return self._newest_without_pointer(tenant, held, error)
        if state.live is None:
            nothing = nothing_published(tenant, self._refresh_seconds)
            return self._newest_without_pointer(tenant, held, nothing)
        failure: StoreError | None = None
        for generation in state.live_and_newest:
            try:
                live = self._checked(held, tenant, generation, self._manifest(tenant, state))
            except StoreError as error:
                failure = failure or error
                continue
            held.trouble = ""
            if failure is not None:
                held.trouble = _instead(state.live, generation)
                _log.error("Tenant %s: %s %s", tenant, held.trouble, failure)
            return live
        raise failure or nothing_published(tenant, self._refresh_seconds)

    def _newest_without_pointer(
        self, tenant: str, held: _Held, failure: Problem | StoreError
    ) -> LiveGeneration:
        """The newest whole one that was published by what its manifest says. Raises `failure` if
        there is none, and StoreError if that cannot be told either."""
        published = self._ask(lambda: self._store.published(tenant))
        manifests = {manifest.generation: manifest for manifest in published}
        for generation in manifests:
            with suppress(StoreError):
                live = self._checked(held, tenant, generation, manifests.__getitem__)
                held.trouble = _without_pointer(f"{generation}, the newest whole, is served")
                _log.error("Tenant %s: %s %s", tenant, held.trouble, failure)
                return live
        raise failure

    def _manifest(self, tenant: str, state: TenantState) -> ManifestReader:
        return lambda generation: self._store.manifest(tenant, generation, state)

    def _checked(
        self, held: _Held, tenant: str, generation: str, manifest_of: ManifestReader
    ) -> LiveGeneration:
        """Raises StoreError: what is damaged or gone is refused from now on, and an outage is not
        its fault."""
        if known := held.refused.get(generation):
            raise type(known)(*known.args)
        try:
            manifest = self._ask(lambda: manifest_of(generation))
            # Not through the breaker: reading one file through may take long to fail, and others
            # are whole.
            self._store.check(manifest)
        except (GenerationDamaged, GenerationMissing) as damage:
            self._refuse(held, tenant, generation, damage)
            raise
        return LiveGeneration.of(self._read, manifest)

    def _refuse(self, held: _Held, tenant: str, generation: str, error: StoreError) -> None:
        held.refused[generation] = error
        _log.error("Tenant %s: generation %s is refused: %s", tenant, generation, error)


def _instead(live: str, served: str) -> str:
    return f"Generation {live} is live, but cannot be read; {served} is served in its place."


def _without_pointer(consequence: str) -> str:
    return (
        f"The record of what is live is gone or cannot be read, so {consequence}. "
        "`python run_generator.py check` says what is wrong, and `check --adopt` mends it."
    )


def nothing_published(tenant: str, retry_after_seconds: float) -> Problem:
    return Problem(
        "nothing-published",
        f"Tenant {tenant} has no published generation. "
        "Run `python run_generator.py`, then ask again.",
        headers=retry_after(retry_after_seconds),
    )


def unreadable(error: StoreError, retry_after_seconds: float) -> Problem:
    """What a caller may know of why lists cannot be read; paths and names are for the log."""
    headers = retry_after(retry_after_seconds)
    if isinstance(error, OtherFormat):
        detail = error.for_callers
    elif isinstance(error, GenerationDamaged | GenerationMissing):
        detail = (
            "What the store holds is damaged or gone; the server's log says what to repair. Ask "
            "again when the next lists are published."
        )
    else:
        detail = (
            f"The store of lists does not answer. Ask again in {headers['Retry-After']} s; if it "
            "stays so, the server's log says what to repair."
        )
    return Problem("store-unavailable", detail, headers=headers)


def retry_after(seconds: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, round(seconds)))}
