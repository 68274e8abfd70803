"""Fresh lists for those who did something since the live generation was made.

    log of events --read on from the cursor--> who is touched
    kept tables + all events since the generation --> the data as it is now
    kept models --fold in the data--> lists of the touched --> over the live generation's

A whole round makes the data and all that models hold of it anew, which takes a while whoever did
something. A quick one has the models take in the rows of those who did: others are listed for them
as they were in the last whole round.

Lists and cursor are written as one: after a kill the next round goes on from the cursor that the
last lists came with, and a round that is repeated writes the same lists. Who did nothing keeps the
list of the night, though a neighbour of theirs has new courses.
"""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.hybrids.base import Hybrid
from generator.lists.ranked import blocks_of, listed_block
from generator.models.base import Model
from generator.process.attempts import attempt
from generator.process.progress import Reporter
from generator.refresh.followed import Followed, kinds_of, rows_of
from generator.refresh.kept_run import KeptRun
from generator.refresh.new_courses import NewCourses
from generator.run_digest import config_digest
from shared.clock import utc_now
from shared.errors import GenerationMissing, ModelError
from shared.events import NOBODY, EventLog
from shared.fresh import FreshLists
from shared.fresh.lists import Progress
from shared.records import ListRow, Manifest, ModelCard, Row
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
    is_whole: bool = True
    """False if some of these users and courses, or some lists, must wait for a whole round."""
    courses: int = 0
    """That are new."""


class Refresher:
    """Of one tenant; hold the lock of `fresh` while there is one. Each round raises
    GenerationMissing if nothing is live, ModelError if what is live was not kept, StoreError."""

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
        self._followed: Followed | None = None

    def round(self) -> Round | None:
        """Fold in the next events, and write all lists of who did them; None if there are none."""
        started = time.monotonic()
        followed = self._follow_live()
        page = self._log.read_since(self._tenant, self._done(followed), EVENTS_PER_ROUND)
        if not page.events:
            return None
        self._read_on(followed, page.cursor)
        users = {event.user for event in page.events} - {NOBODY}
        followed.fold_all()
        dataset, new_courses = followed.state.dataset, followed.new_courses(page.events)
        rows = self._lists(
            followed,
            followed.cards,
            rows_of(dataset.users, users),
            lambda model: model.fold_in(dataset),
            new_courses,
        )
        facts = [*new_courses.facts()] if new_courses else []
        self._write(followed, [*facts, *rows], page.cursor)
        generation, seconds = followed.manifest.generation, time.monotonic() - started
        counts = len(page.events), len(users), len(rows)
        return Round(generation, *counts, seconds, courses=len(facts))

    def quick_round(self) -> Round | None:
        """Write what can be written at once for who did something since the round before; None if
        nobody did."""
        started = time.monotonic()
        followed = self._follow_live()
        done = self._done(followed)
        known, nobody_waits = max(followed.cursor, done), followed.cursor <= done
        self._warm_up(followed, done)
        page = self._log.read_since(self._tenant, known, EVENTS_PER_ROUND)
        if not page.events:
            return None
        self._read_on(followed, page.cursor)
        users = {event.user for event in page.events}  # NOBODY waits too
        quick = [card for card in followed.cards if followed.is_quick(card.model_handle)]
        few = followed.take_in(users)
        rows = self._lists(followed, quick, few.rows, lambda model: model.take_in(few))
        is_whole = (
            nobody_waits
            and len(few.rows) == len(users)
            and len(quick) == len(followed.cards) - len(followed.failed)
        )
        self._write(followed, rows, page.cursor if is_whole else done)
        seconds = time.monotonic() - started
        generation = followed.manifest.generation
        counts = len(page.events), len(users - {NOBODY}), len(rows)
        return Round(generation, *counts, seconds, is_whole)

    def _warm_up(self, followed: Followed, done: int) -> None:
        """Have the models in memory, as many as fit, before anybody waits for them: with what a
        refresher before this one had folded in, or new courses would leave the lists again."""
        if followed.is_warm:
            return
        if is_behind := followed.cursor < done:
            self._read_on(followed, done)
            followed.fold_all()
        for card in followed.cards:
            with attempt(self._reporter.say) as outcome:
                model = followed.model(card.model_handle)
                if is_behind:
                    model.fold_in(followed.state.dataset)
            self._note(followed, card, outcome.failed)
        followed.is_warm = True

    def _done(self, followed: Followed) -> int:
        """The cursor of the last event whose lists are all written."""
        progress = self._fresh.progress(self._tenant, followed.manifest.generation)
        return progress.cursor if progress else followed.manifest.events_cursor

    def _write(self, followed: Followed, rows: Sequence[Row], cursor: int) -> None:
        made_at = utc_now().isoformat(timespec="milliseconds")
        progress = Progress(cursor, made_at)
        self._fresh.write(self._tenant, followed.manifest.generation, rows, progress)

    def _follow_live(self) -> Followed:
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

    def _taken_up(self, manifest: Manifest, erasures: int) -> Followed:
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
        return Followed(self._settings, manifest, kept, erasures)

    def _read_on(self, followed: Followed, cursor: int) -> None:
        """Know all events since the generation, at least up to the cursor."""
        while followed.cursor < cursor:
            page = self._log.read_since(self._tenant, followed.cursor, EVENTS_PER_ROUND)
            followed.know(page.events, page.cursor if page.events else cursor)

    def _lists(
        self,
        followed: Followed,
        cards: Collection[ModelCard],
        touched: NDArray[np.int32],
        bring_up_to_date: Callable[[Model], object],
        new_courses: NewCourses | None = None,
    ) -> list[ListRow]:
        candidates, rules = followed.candidates(), followed.state.rules
        settings = self._settings
        rows: list[ListRow] = []
        n, reasons = settings.stored_list_length, settings.reasons_per_list
        for card in cards:
            if card.model_handle in followed.failed:
                continue
            with attempt(self._reporter.say) as outcome:
                model = followed.model(card.model_handle)
                if isinstance(model, Hybrid):
                    model.over(candidates)
                bring_up_to_date(model)
                if new_courses:
                    # First, for of two lists of one user the one that hybrids saw is to stay.
                    rows += new_courses.lists(model, n, reasons)
                for kind in kinds_of(card):
                    for block in blocks_of(_among(touched, model.known_subjects(kind))):
                        rows += listed_block(model, kind, block, n, reasons, candidates, rules)
            self._note(followed, card, outcome.failed)
        return rows

    def _note(self, followed: Followed, card: ModelCard, failed: str | None) -> None:
        if failed:
            followed.fail(card.model_handle)
            self._reporter.warn(
                f"{card.model_handle} keeps its nightly lists, without what is seen since: {failed}"
            )


def _among(rows: NDArray[np.int32], known: NDArray[np.int32]) -> NDArray[np.int32]:
    """Those of a few that are among many; both ascending. (`intersect1d` would sort the many.)"""
    if not len(known):
        return rows[:0]
    places = np.minimum(np.searchsorted(known, rows), len(known) - 1)
    there: NDArray[np.int32] = rows[known[places] == rows]
    return there
