"""The generation that fresh lists lie over: its models, its data, and the events since."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.few_users import FewUsers
from generator.dataset.vocabulary import UNKNOWN, Vocabulary
from generator.hybrids.base import Hybrid
from generator.lists.candidates import Candidates
from generator.models.base import Model
from generator.models.carried import Carried
from generator.plan import LEAST_FOR_BLOCKS, SHARE_FOR_BLOCKS, run_options
from generator.process.memory import BYTES_PER_MB, resident_bytes
from generator.process.progress import Steps
from generator.refresh.kept_run import KeptRun
from generator.refresh.new_courses import NewCourses
from generator.refresh.user_rows import UserRows
from generator.reranking.rules import Rules, rules_of
from generator.validation.events import described_alone, with_events
from shared.events import COURSE, Event
from shared.kinds import KINDS, KindName
from shared.records import Handle, Manifest, ModelCard
from shared.settings import GeneratorSettings


@dataclass(frozen=True)
class State:
    """The data at a moment, and the rules of lists on it."""

    dataset: Dataset
    rules: Rules


class Followed:
    def __init__(
        self, settings: GeneratorSettings, manifest: Manifest, kept: KeptRun, erasures: int
    ) -> None:
        """erasures: of events by now; another number, and what was read is to be read again."""
        self._settings, self._kept = settings, kept
        self.manifest, self.erasures = manifest, erasures
        self._validated = kept.validated()
        self._user_rows = UserRows(self._validated)
        self._stands_for = kept.stands_for()
        self._fitted_on = kept.dataset(self._validated)
        self.state = self._as_fitted = self._ruled(self._fitted_on, self._stands_for)
        self.cards = [card for card in manifest.served_models if kinds_of(card)]
        self.failed: set[str] = set()
        """Handles of those that cannot fold in, or were not kept."""
        self.cursor = manifest.events_cursor
        """Of the last event that is known here."""
        self._events: dict[Handle, list[Event]] = {}
        self._described: list[Handle] = []
        """Courses that events described since `fold_all`."""
        self._models: dict[str, Model] = {}
        self.is_warm = False
        """Whether it was tried to have all models in memory."""

    def know(self, events: Sequence[Event], cursor: int) -> None:
        """Those that come next after `cursor` of before."""
        for event in events:
            self._events.setdefault(event.user, []).append(event)
            if event.kind == COURSE and event.course is not None:
                self._described.append(event.course)
        self.cursor = cursor

    def fold_all(self) -> None:
        """Make the data anew, with all events: each `model` is then to be folded into that."""
        events = sorted(
            (event for of_user in self._events.values() for event in of_user),
            key=lambda event: event.at,
        )
        if len(rows_of(self.state.dataset.courses, self._described)):
            # To a model they are what they were when it took them over.
            self._models = {}
        self._described = []
        dataset = self._kept.dataset(with_events(self._validated, events))
        stands_for = self._stands_for
        if stands_for is not None:
            # Courses that came since stand for themselves.
            places = Carried(self._fitted_on, dataset).courses
            alone = np.arange(len(dataset.courses), dtype=np.int32)
            alone[places] = places[stands_for]
            stands_for = alone
        self.state = self._ruled(dataset, stands_for)
        self._models = {h: m for h, m in self._models.items() if not isinstance(m, Hybrid)}

    def new_courses(self, events: Sequence[Event]) -> NewCourses | None:
        """Those that these events describe, if any do that the tables do not."""
        about_courses = [event for event in events if event.kind == COURSE]
        if not about_courses:
            return None
        described = self._kept.dataset(described_alone(self._validated, about_courses))
        if not len(described.courses):
            return None
        return NewCourses(described, self.state.dataset, self.state.rules)

    def take_in(self, users: Collection[Handle]) -> FewUsers:
        """Bring the rows of these users up to date, as far as the data knows them: each `model` is
        then to take them in."""
        dataset = self.state.dataset
        known = dataset.users.handles(rows_of(dataset.users, users))
        events = [event for user in known for event in self._events.get(user, ())]
        validated = with_events(self._user_rows.of(known), events)
        theirs = self._kept.dataset(validated, like=dataset)
        few = FewUsers(theirs, rows_of(dataset.users, theirs.users.handles()), dataset)
        self.state = State(few.now, self.state.rules)
        return few

    def model(self, handle: str) -> Model:
        """As it was fitted, or as it was after the last round. Raises ModelError."""
        if handle in self._models:
            return self._models[handle]
        budget = self._settings.memory_budget_mb * BYTES_PER_MB
        left = int(SHARE_FOR_BLOCKS * max(budget - resident_bytes(), 0))
        run = run_options(self._settings, Steps(), max(left, LEAST_FOR_BLOCKS))
        model = self._kept.load(handle, self._as_fitted.dataset, run)
        if resident_bytes() < budget:
            self._models[handle] = model
        return model

    def is_quick(self, handle: str) -> bool:
        """Whether a model takes users in: one that is not in memory would be loaded for it."""
        model = self._models.get(handle)
        return model is not None and model.can_take_in

    def fail(self, handle: str) -> None:
        self._models.pop(handle, None)
        self.failed.add(handle)

    def candidates(self) -> Candidates:
        """Where components leave their deep lists for the hybrids."""
        settings = self._settings
        explained = min(settings.reasons_per_list, settings.stored_list_length)
        return Candidates.for_hybrids(self.cards, settings.candidates_per_user, explained)

    def _ruled(self, dataset: Dataset, stands_for: NDArray[np.int32] | None) -> State:
        rules = rules_of(self._settings, dataset, stands_for)
        return State(rules.offered(dataset), rules)


def kinds_of(card: ModelCard) -> list[KindName]:
    """The kinds of a model's lists that are of users: what they do changes no other."""
    if not card.is_personal:
        return []
    return [kind for kind in card.serves if KINDS[kind].subject == "user"]


def rows_of(vocabulary: Vocabulary, handles: Collection[Handle]) -> NDArray[np.int32]:
    """int32, ascending: of those that are in there; handles of the wrong type are not."""
    wanted = int if vocabulary.is_integer else str
    rows = vocabulary.index_of([handle for handle in handles if isinstance(handle, wanted)])
    return np.unique(rows[rows != UNKNOWN]).astype(np.int32)
