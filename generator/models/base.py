"""The contract of every model, and what all of them share.

A model is its file: class attributes that say what it serves and needs, its `Options`, and methods
on row numbers: `_fit`, `_knows`, and one for each kind of list that it serves. The public methods
here check arguments, hide users and courses that the model does not know, order ties and fix the
types; saving, loading and folding in follow from `learned`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generator.dataset.dataset import Dataset, Input
from generator.dataset.few_users import FewUsers
from generator.models.carried import Carried
from generator.models.options import ModelOptions
from generator.models.run_options import RunOptions
from generator.models.saving import digest_of, read_description, read_learned, write_learned
from generator.models.search import Search
from generator.nearest.top_n import PADDING, TopN, empty_top_n, ordered
from generator.process.processors import one_blas_thread
from generator.reasons.naming import names_of
from generator.reasons.reasons import Reasons, no_reasons
from shared.errors import ModelError, SettingsError
from shared.kinds import KINDS, Entity, KindName
from shared.records import Handle, ReasonKind

COPIES_OF_INPUTS = 9
"""Weighting makes copies, and transposed ones are kept: 72 bytes for the 8 of a sparse entry."""
BYTES_PER_ROW = 128
RANKERS: dict[KindName, str] = {
    "similar_users": "_similar_users",
    "recommendations": "_recommend",
    "similar_courses": "_similar_courses",
    "course_users": "_course_users",
    "resume": "_resume",
}
"""The method of each kind: (known subjects, n) -> TopN; a model has those of what it serves."""
ALL_WAYS: tuple[KindName, ...] = tuple(name for name, kind in KINDS.items() if not kind.of_own)
"""From users and courses to users and courses: what a model with vectors of both serves."""
ALWAYS_LEARNED = ("_viewers_for_ties",)
"""Of every model: int64 [courses], as they were when it was fitted."""


class Model(ABC):
    """One way to relate users and courses.

    Results are `TopN(indices, scores)`: int32 and float32 [subjects, n], best first, ties by
    `generator.nearest.ties`, padded with -1 and 0. Nobody and nothing is in their own list, a
    course that a user has seen in neither's, and nothing whose score is not above zero.
    """

    handle: ClassVar[str]
    title: ClassVar[str]
    serves: ClassVar[tuple[KindName, ...]] = ("similar_users", "recommendations")
    needs: ClassVar[tuple[Input, ...]]
    """What the data must have, or the model is skipped."""
    wants: ClassVar[tuple[Input, ...]] = ()
    """What it uses beside that where the data has it."""
    uses: tuple[str, ...] = ()
    """Handles of the models whose lists it is made from; hybrids only."""
    is_personal: ClassVar[bool] = True
    """False: one ranking for everybody (`ranking`), but for what each has seen."""
    logit_kinds: ClassVar[tuple[KindName, ...]] = ()
    """Kinds of list whose scores a softmax makes chances of, so that one that is not above zero may
    be listed too; hybrids add them to logarithms. All other scores are evidence."""
    Options: ClassVar[type[ModelOptions]] = ModelOptions
    learned: ClassVar[tuple[str, ...]] = ()
    """Attributes that fitting sets and saving keeps: arrays, CSR matrices, lists of arrays, and
    what JSON holds. All else is made from these and the dataset, by `_prepare`."""
    library_bytes: ClassVar[int] = 0
    """What its library keeps from its import until the process ends, if that is much."""
    library: ClassVar[str] = ""
    """Which library that is: models of one count it once."""
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {}
    """What the reasons of each kind of list are; a list that is not in here has none."""

    _search: Search

    def __init__(self, **options: Any) -> None:
        """Raises SettingsError if an option is unknown or out of its range."""
        self.config = self.Options.read(self.handle, options)

    @classmethod
    def missing_inputs(cls, dataset: Dataset) -> list[Input]:
        """What this model needs and the data does not have."""
        return [need for need in cls.needs if need not in dataset.available]

    def memory_bytes(self, dataset: Dataset) -> int:
        """Bytes that fitting and listing take at most: beyond the data, blocks of products apart.

        An estimate from sizes alone. A run asks every model before it fits the first, and leaves
        out those that would not fit into MEMORY_BUDGET_MB. This one is for models that keep a few
        weighted copies of their inputs; a model with more, such as factors or a square matrix,
        overrides it, and a contract test holds what it says against what it takes.
        """
        inputs: set[Input] = {*self.needs, *self.wants, "views"}
        held = sum(dataset.bytes(name) for name in inputs)
        rows = len(dataset.users) + len(dataset.courses)
        return int(COPIES_OF_INPUTS * held + BYTES_PER_ROW * rows)

    @property
    def is_fitted(self) -> bool:
        return hasattr(self, "dataset")

    @property
    def options(self) -> dict[str, Any]:
        return self.config.model_dump()

    @property
    def made_from(self) -> tuple[str, ...]:
        """Handles of the models whose lists it is, or will be, made from."""
        return self.uses

    @property
    def measures(self) -> Mapping[str, float]:
        """What the model learned about itself while fitting, by name; empty if nothing."""
        return {}

    @one_blas_thread()
    def fit(self, dataset: Dataset, run: RunOptions | None = None) -> Self:
        """Learn from `dataset`. Raises ModelError if an input that the model needs is empty."""
        if missing := self.missing_inputs(dataset):
            raise ModelError(f"{self.handle} needs {', '.join(missing)}, and the data has none.")
        self.dataset = dataset
        self.run = run or RunOptions()
        self._viewers_for_ties = dataset.viewers
        self._make_search()
        self._fit(dataset, self.run)
        self._prepare()
        return self

    def save(self, folder: Path) -> None:
        """Keep what was learned in `folder`, which is made: `generator.models.saving` says how."""
        about = {
            "handle": self.handle,
            "options": self.options,
            "seed": self.run.seed,
            "users": digest_of(self.dataset.users),
            "courses": digest_of(self.dataset.courses),
        }
        kept = (*self.learned, *ALWAYS_LEARNED)
        write_learned(folder, about, {name: getattr(self, name) for name in kept})

    @classmethod
    @one_blas_thread()
    def load(cls, folder: Path, dataset: Dataset, run: RunOptions | None = None) -> Self:
        """The model that was saved in `folder`, with its options, for the data it was fitted on.

        The seed is the one it was fitted with, whatever `run` says.

        Raises ModelError if the folder holds none, or one of another class, version or data.
        """
        saved = read_description(folder)
        if saved["handle"] != cls.handle:
            raise ModelError(f"{folder} holds the model {saved['handle']}, not {cls.handle}.")
        try:
            model = cls(**saved["options"])
        except SettingsError as error:
            raise ModelError(f"{folder} is of another version of {cls.handle}. {error}") from None
        if set(saved["learned"]) != {*cls.learned, *ALWAYS_LEARNED}:
            raise ModelError(f"{folder} is of another version of {cls.handle}; fit it again.")
        for entities, vocabulary in (("users", dataset.users), ("courses", dataset.courses)):
            if saved[entities] != digest_of(vocabulary):
                raise ModelError(
                    f"{folder} was learned from other {entities} than the data has: load it with "
                    "the data it was fitted on, then fold_in what is new."
                )
        for name, value in read_learned(folder, saved).items():
            setattr(model, name, value)
        model.dataset, model.run = dataset, replace(run or RunOptions(), seed=saved["seed"])
        model._make_search()
        model._prepare()
        return model

    @one_blas_thread()
    def fold_in(self, dataset: Dataset) -> Self:
        """Take over data in which some users are new or changed, with the same courses or more.

        What was learned of courses and of everybody else stays as it is: the same data again
        changes no list. Raises ModelError if a course is gone, or the model cannot fold in.
        """
        carried = Carried(self.dataset, dataset)
        self._fold_in(dataset, carried)
        self.dataset = dataset
        self._viewers_for_ties = carried.by_course(self._viewers_for_ties, 0)
        self._make_search()
        self._prepare()
        return self

    @property
    def can_take_in(self) -> bool:
        return type(self)._take_in is not Model._take_in

    @one_blas_thread()
    def take_in(self, few: FewUsers) -> Self:
        """As `fold_in`, for a few users of its data, `few.whole`, and in a moment: their rows alone
        are made anew.

        Whoever and whatever is listed for them stays as it was when the model was last prepared: of
        two who change at once neither finds the other's new courses. Raises ModelError if the model
        cannot.
        """
        self._take_in(few)
        self.dataset = few.now
        self._search = self._search.over(self.dataset)
        return self

    def known_users(self) -> NDArray[np.int32]:
        """int32: ascending row numbers of the users that this model has learned something about."""
        return np.flatnonzero(self._knows()).astype(np.int32)

    def known_courses(self) -> NDArray[np.int32]:
        """int32: likewise of the courses that it can list something for; none if it never does."""
        return np.flatnonzero(self._knows_courses()).astype(np.int32)

    def known_subjects(self, kind: KindName) -> NDArray[np.int32]:
        """int32: those of `known_users` or `known_courses` whose lists the kind is."""
        return self.known_users() if KINDS[kind].subject == "user" else self.known_courses()

    @one_blas_thread()
    def top_n(self, kind: KindName, indices: ArrayLike, n: int) -> TopN:
        """The `n` best entries for each subject (user or course, as the kind says).

        A subject that is out of range, or of which the model knows nothing, gets padding alone.
        Raises ModelError if the model does not serve the kind, ValueError if n < 1.
        """
        if kind not in self.serves:
            raise ModelError(f"{self.handle} serves {', '.join(self.serves)}, not {kind}.")
        if n < 1:
            raise ValueError(f"n must be at least 1. Received: n = {n}")
        subjects = np.asarray(indices, dtype=np.int64).reshape(-1)
        known = self._known_among(subjects, KINDS[kind].subject)
        if not known.any():
            return empty_top_n(len(subjects), n)
        rows = subjects[known].astype(np.int32)
        ranked = ordered(getattr(self, RANKERS[kind])(rows, n), self._search.ties(kind, rows))
        if kind not in self.logit_kinds:
            ranked.indices[ranked.scores <= 0] = PADDING
            np.maximum(ranked.scores, 0, out=ranked.scores)
        if known.all():
            return ranked
        answer = empty_top_n(len(subjects), n)
        answer.indices[known], answer.scores[known] = ranked
        return answer

    def similar_users(self, user_indices: ArrayLike, n: int) -> TopN:
        """The `n` nearest other users of each user, with the model's similarity as score."""
        return self.top_n("similar_users", user_indices, n)

    def recommend(self, user_indices: ArrayLike, n: int) -> TopN:
        """The `n` best unseen courses of each user."""
        return self.top_n("recommendations", user_indices, n)

    def similar_courses(self, course_indices: ArrayLike, n: int) -> TopN:
        """The `n` nearest other courses of each course."""
        return self.top_n("similar_courses", course_indices, n)

    def course_users(self, course_indices: ArrayLike, n: int) -> TopN:
        """The `n` users whom each course suits best, of those who have not seen it."""
        return self.top_n("course_users", course_indices, n)

    def resume(self, user_indices: ArrayLike, n: int) -> TopN:
        """The `n` courses that each user began and has not completed, whose turn it is most."""
        return self.top_n("resume", user_indices, n)

    @one_blas_thread()
    def ranking(self, n: int) -> TopN:
        """The `n` best courses for nobody in particular, as one row.

        Raises ModelError if the model is personal.
        """
        return self._ranking(n)

    @property
    def can_score(self) -> bool:
        return type(self)._score is not Model._score

    @one_blas_thread()
    def score(self, user_indices: ArrayLike, course_indices: ArrayLike) -> NDArray[np.float32]:
        """What the model would score these courses in these users' recommendations, seen or not.

        course_indices: int [users, n], -1 pads. Returns float32 [users, n], NaN where it does not
        know the user or the course. Raises ModelError if it can score only what it lists.
        """
        users = np.asarray(user_indices, dtype=np.int64).reshape(-1)
        courses = np.asarray(course_indices, dtype=np.int32)
        known = self._known_among(users, "user")
        scores = np.full(courses.shape, np.nan, np.float32)
        inside = (courses >= 0) & (courses < len(self.dataset.courses))
        if known.any():
            asked = np.where(inside, courses, 0)[known]
            scores[known] = self._score(users[known].astype(np.int32), asked)
        scores[~inside] = np.nan
        return scores

    @one_blas_thread()
    def reasons(self, kind: KindName, indices: ArrayLike, listed: ArrayLike) -> Reasons:
        """Why each of the `listed` entries, int32 [subjects, n] from `top_n`, is in the list.

        Raises ModelError if the model has no reasons for such lists.
        """
        if kind not in self.reason_kinds:
            raise ModelError(f"{self.handle} has no reasons for its {KINDS[kind].title}.")
        entries = np.asarray(listed, dtype=np.int32)
        subjects = np.asarray(indices, dtype=np.int64).reshape(-1)
        known = self._known_among(subjects, KINDS[kind].subject)
        reasons = no_reasons(entries)
        if known.any():
            explained = self._reasons(kind, subjects[known].astype(np.int32), entries[known])
            for of_all, of_known in zip(reasons, explained, strict=True):
                of_all[known] = of_known
        return reasons

    def named(self, kind: ReasonKind, indices: NDArray[np.int32]) -> list[Handle]:
        """What reasons of this kind are called; a model that finds words names them itself."""
        return names_of(kind, indices, self.dataset)

    def _make_search(self) -> None:
        self._search = Search(self.dataset, self._viewers_for_ties, self.run, self.is_personal)

    def _known_among(self, subjects: NDArray[np.int64], entity: Entity) -> NDArray[np.bool_]:
        knows = self._knows() if entity == "user" else self._knows_courses()
        in_range = (subjects >= 0) & (subjects < len(knows))
        if not in_range.any():
            return in_range
        return in_range & knows[np.where(in_range, subjects, 0)]

    @abstractmethod
    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        """Set what `learned` names."""

    def _prepare(self) -> None:  # noqa: B027
        """Make all else from `learned` and `self.dataset`: after fitting, loading, folding in."""

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        """Bring `learned` to the row numbers of `dataset`; a model that can overrides this."""
        raise ModelError(f"{self.handle} cannot fold users in: fit it again.")

    def _take_in(self, few: FewUsers) -> None:
        """Put what `_prepare` makes of users into the place of theirs; a model that can overrides
        this."""
        raise ModelError(f"{self.handle} takes nobody in: fold the users in.")

    @abstractmethod
    def _knows(self) -> NDArray[np.bool_]:
        """bool [users]: True where the model has learned something about the user."""

    def _knows_courses(self) -> NDArray[np.bool_]:
        """bool [courses]: True where it has lists for the course; none unless overridden."""
        return np.zeros(len(self.dataset.courses), bool)

    def _ranking(self, n: int) -> TopN:
        raise ModelError(f"{self.handle} has a ranking for each user, and none for everybody.")

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        raise ModelError(f"{self.handle} scores only what it lists.")

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        raise ModelError(f"{self.handle} has no reasons.")
