"""Fresh lists for those who did something since the live generation was made.

    log of events --read on from the cursor--> who is touched
    kept tables + all events since the generation --> the data as it is now
    kept models --fold in the data--> lists of the touched --> over the live generation's

Lists and cursor are written as one: after a kill the next round goes on from the cursor that the
last lists came with, and a round that is repeated writes the same lists. Who did nothing keeps the
list of the night, though a neighbour of theirs has new courses.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.vocabulary import UNKNOWN
from generator.hybrids.base import Hybrid
from generator.lists.candidates import Candidates
from generator.lists.ranked import blocks_of, listed_block
from generator.models.base import Model
from generator.models.carried import Carried
from generator.plan import LEAST_FOR_BLOCKS, SHARE_FOR_BLOCKS, run_options
from generator.process.attempts import attempt
from generator.process.memory import BYTES_PER_MB, resident_bytes
from generator.process.progress import Reporter, Steps
from generator.refresh.kept_run import KeptRun
from generator.reranking.rules import Rules, rules_of
from generator.run_digest import config_digest
from generator.validation.events import with_events
from generator.validation.validation import Validated
from shared.clock import utc_now
from shared.errors import GenerationMissing, ModelError
from shared.events import Event, EventLog
from shared.fresh import FreshLists
from shared.fresh.lists import Progress
from shared.kinds import KINDS, KindName
from shared.records import Handle, ListRow, Manifest, ModelCard
from shared.settings import GeneratorSettings
from shared.stores import Store

EVENTS_PER_ROUND = 10_000


@dataclass(frozen=True, slots=True)
class Round:
    """What one round came to."""

    generation: str
    events: int
    users: int
    lists: int
    seconds: float


@dataclass
class _Followed:
    """The generation that fresh lists lie over, and what it was made from."""

    manifest: Manifest
    erasures: int
    """Of events by then: another number, and what was read is to be read again."""
    kept: KeptRun
    validated: Validated
    dataset: Dataset
    events: list[Event]
    """Those since the generation, that are folded in."""
    cursor: int
    """Of the last of them."""
    models: dict[str, Model] = field(default_factory=dict)
    """Those that fit into memory; the others are loaded for every round."""
    failed: set[str] = field(default_factory=set)
    """Handles of those that cannot fold in, or were not kept."""


class Refresher:
    """Of one tenant; hold the lock of `fresh` while there is one."""

    def __init__(
        self,
        settings: GeneratorSettings,
        store: Store,
        log: EventLog,
        fresh: FreshLists,
        reporter: Reporter,
    ) -> None:
        self._settings, self._store, self._log, self._fresh = settings, store, log, fresh
        self._reporter, self._tenant = reporter, settings.tenant
        self._followed: _Followed | None = None

    def round(self) -> Round | None:
        """Fold in the next events, and write the lists of who did them; None if there are none.

        Raises GenerationMissing if nothing is live, ModelError if what is live was not kept,
        StoreError.
        """
        started = time.monotonic()
        followed = self._follow_live()
        generation = followed.manifest.generation
        progress = self._fresh.progress(self._tenant, generation)
        done = progress.cursor if progress else followed.manifest.events_cursor
        page = self._log.read_since(self._tenant, done, EVENTS_PER_ROUND)
        if not page.events:
            return None
        self._read_on(followed, page.cursor)
        users = {event.user for event in page.events}
        rows = self._lists_of(followed, users)
        made_at = utc_now().isoformat(timespec="milliseconds")
        self._fresh.write(self._tenant, generation, rows, Progress(page.cursor, made_at))
        seconds = time.monotonic() - started
        return Round(generation, len(page.events), len(users), len(rows), seconds)

    def _follow_live(self) -> _Followed:
        """What is live now; taken up anew if that is another generation than before."""
        live = self._store.live_generation(self._tenant)
        if live is None:
            raise GenerationMissing(
                f"Tenant {self._tenant} has no live generation to refresh; run the generator."
            )
        erasures = self._log.erasures(self._tenant)
        known = self._followed
        if not known or (known.manifest.generation, known.erasures) != (live, erasures):
            # Two generations in memory would be one too many.
            self._followed = known = None
            manifest = self._store.manifest(self._tenant, live)
            self._followed = known = self._taken_up(manifest, erasures)
        return known

    def _taken_up(self, manifest: Manifest, erasures: int) -> _Followed:
        kept = KeptRun.of(self._settings, manifest.generation)
        if not self._settings.models_folder or not kept.is_there:
            raise ModelError(
                f"Generation {manifest.generation} was made without keeping its models. Set "
                "MODELS_FOLDER, such as to data/models, and run the generator: what it publishes "
                "can be refreshed."
            )
        if config_digest(self._settings) != manifest.config_digest:
            self._reporter.warn(
                "The settings are not those that the live lists were made with; fresh lists are "
                "made with what is set now."
            )
        validated = kept.validated()
        dataset = kept.dataset(validated)
        offered = rules_of(self._settings, dataset, kept.stands_for()).offered(dataset)
        cursor = manifest.events_cursor
        return _Followed(manifest, erasures, kept, validated, offered, [], cursor)

    def _read_on(self, followed: _Followed, cursor: int) -> None:
        """Have all events since the generation, at least up to the cursor."""
        while followed.cursor < cursor:
            page = self._log.read_since(self._tenant, followed.cursor, EVENTS_PER_ROUND)
            followed.events += page.events
            followed.cursor = page.cursor if page.events else cursor

    def _lists_of(self, followed: _Followed, users: Collection[Handle]) -> list[ListRow]:
        validated = with_events(followed.validated, followed.events)
        dataset = followed.kept.dataset(validated)
        stands_for = _carried_duplicates(followed, dataset)
        rules = rules_of(self._settings, dataset, stands_for)
        dataset = rules.offered(dataset)
        touched = _rows_of(dataset, users)
        served = followed.manifest.served_models
        cards = [c for c in served if _kinds_of(c) and c.model_handle not in followed.failed]
        wanted: dict[KindName, list[str]] = {}
        for card in cards:
            for kind in _kinds_of(card) if card.uses else ():
                wanted[kind] = [*wanted.get(kind, []), *card.uses]
        candidates = Candidates(
            wanted,
            self._settings.candidates_per_user,
            min(self._settings.reasons_per_list, self._settings.stored_list_length),
        )
        rows: list[ListRow] = []
        for card in cards:
            with attempt(self._reporter.say) as outcome:
                rows += self._listed(followed, card, dataset, touched, candidates, rules)
            if outcome.failed:
                followed.models.pop(card.model_handle, None)
                followed.failed.add(card.model_handle)
                self._reporter.warn(
                    f"{card.model_handle} keeps its nightly lists, without what is seen since: "
                    f"{outcome.failed}"
                )
        return rows

    def _listed(
        self,
        followed: _Followed,
        card: ModelCard,
        dataset: Dataset,
        touched: NDArray[np.int32],
        candidates: Candidates,
        rules: Rules,
    ) -> list[ListRow]:
        model = self._model(followed, card.model_handle)
        if isinstance(model, Hybrid):
            model.over(candidates)
        model.fold_in(dataset)
        settings, rows = self._settings, []
        for kind in _kinds_of(card):
            known = np.intersect1d(touched, model.known_subjects(kind)).astype(np.int32)
            for subjects in blocks_of(known):
                rows += listed_block(
                    model,
                    kind,
                    subjects,
                    settings.stored_list_length,
                    settings.reasons_per_list,
                    candidates,
                    rules,
                )
        return rows

    def _model(self, followed: _Followed, handle: str) -> Model:
        """As it was fitted, or as it was after the last round."""
        if handle in followed.models:
            return followed.models[handle]
        budget = self._settings.memory_budget_mb * BYTES_PER_MB
        left = int(SHARE_FOR_BLOCKS * max(budget - resident_bytes(), 0))
        run = run_options(self._settings, Steps(), max(left, LEAST_FOR_BLOCKS))
        model = followed.kept.load(handle, followed.dataset, run)
        # A hybrid remembers the lists that it was brought, which grow old.
        if not isinstance(model, Hybrid) and resident_bytes() < budget:
            followed.models[handle] = model
        return model


def _kinds_of(card: ModelCard) -> list[KindName]:
    """The kinds of a model's lists that are of users: what they do changes no other."""
    if not card.is_personal:
        return []
    return [kind for kind in card.serves if KINDS[kind].subject == "user"]


def _rows_of(dataset: Dataset, users: Collection[Handle]) -> NDArray[np.int32]:
    """int32, ascending: of those who are in the data; handles of the wrong type are not."""
    wanted = int if dataset.users.is_integer else str
    rows = dataset.users.index_of([user for user in users if isinstance(user, wanted)])
    return np.unique(rows[rows != UNKNOWN]).astype(np.int32)


def _carried_duplicates(followed: _Followed, dataset: Dataset) -> NDArray[np.int32] | None:
    """Which course is listed for which, among the courses of `dataset`; new ones stand alone."""
    stands_for = followed.kept.stands_for()
    if stands_for is None:
        return None
    places = Carried(followed.dataset, dataset).courses
    now = np.arange(len(dataset.courses), dtype=np.int32)
    now[places] = places[stands_for]
    return now
