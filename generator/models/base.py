"""The contract of every model, and what all of them share.

A model is its file: class attributes that say what it serves and needs, a frozen `Config`, and
three methods on row numbers (`_fit`, `_similar_users`, `_recommend`). The public methods here check
arguments, hide users the model does not know, order ties and fix the types.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any, ClassVar, Literal, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from generator.dataset.dataset import Dataset, Input
from generator.nearest.top_n import TopN, empty_top_n, ordered
from generator.reasons.reasons import Reasons, no_reasons
from shared.errors import ModelError, SettingsError
from shared.records import ReasonKind

Task = Literal["similar_users", "recommendations"]

BYTES_PER_ENTRY = 72
"""Six copies of a sparse entry: weighting makes them, transposed ones are kept."""
BYTES_PER_ROW = 128


@dataclass(frozen=True)
class RunOptions:
    """How to run, apart from what a model is: none of it may change a list, except the seed."""

    seed: int = 42
    threads: int = 1
    memory_budget_bytes: int = 2**31
    progress: Callable[[int, int], None] = field(default=lambda done, total: None)
    """Called with steps done and steps in all while a model is fitted."""


@dataclass(frozen=True)
class NoConfig:
    """For a model without anything to choose."""


class Model(ABC):
    """One way to relate users to users and users to courses.

    Results are `TopN(indices, scores)`: int32 and float32 [users, n], best first, ties by lower
    index, padded with -1 and 0. A user is never in their own list, nor a course they have seen.
    """

    handle: ClassVar[str]
    title: ClassVar[str]
    serves: ClassVar[tuple[Task, ...]] = ("similar_users", "recommendations")
    needs: ClassVar[tuple[Input, ...]]
    Config: ClassVar[type] = NoConfig
    library_bytes: ClassVar[int] = 0
    """What its libraries keep from their import until the process ends, if that is much."""
    reason_kinds: ClassVar[Mapping[Task, ReasonKind]] = {}
    """What the reasons of each kind of list are; a list that is not in here has none."""

    def __init__(self, **options: Any) -> None:
        """Raises SettingsError if an option is unknown or out of its range."""
        known = [f.name for f in fields(self.Config)]
        if unknown := sorted(set(options) - set(known)):
            raise SettingsError(
                f"MODEL_OPTIONS names {', '.join(unknown)} for {self.handle}, which has only: "
                f"{', '.join(known) or 'no options'}."
            )
        defaults = asdict(self.Config())
        for name, value in options.items():
            if not _is_like(value, defaults[name]):
                raise SettingsError(
                    f"MODEL_OPTIONS of {self.handle}: {name} must be like {defaults[name]!r}. "
                    f"Received: {value!r}"
                )
        try:
            self.config = self.Config(**options)
        except ValueError as error:
            raise SettingsError(f"MODEL_OPTIONS of {self.handle}: {error}") from None

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
        entries = sum(dataset.inputs[need].nnz for need in {*self.needs, "views"})
        rows = len(dataset.users) + len(dataset.courses)
        return int(BYTES_PER_ENTRY * entries + BYTES_PER_ROW * rows)

    @property
    def is_fitted(self) -> bool:
        return hasattr(self, "dataset")

    @property
    def options(self) -> dict[str, Any]:
        return asdict(self.config)

    @property
    def measures(self) -> Mapping[str, float]:
        """What the model learned about itself while fitting, by name; empty if nothing."""
        return {}

    def fit(self, dataset: Dataset, run: RunOptions | None = None) -> Self:
        """Learn from `dataset`. Raises ModelError if an input that the model needs is empty."""
        if missing := self.missing_inputs(dataset):
            raise ModelError(f"{self.handle} needs {', '.join(missing)}, and the data has none.")
        self.dataset = dataset
        self.run = run or RunOptions()
        self._fit(dataset, self.run)
        return self

    def known_users(self) -> NDArray[np.int32]:
        """int32: ascending row numbers of the users that this model has learned something about."""
        return np.flatnonzero(self._knows()).astype(np.int32)

    def similar_users(self, user_indices: ArrayLike, n: int) -> TopN:
        """The `n` nearest other users of each user, with the model's similarity as score.

        A user index that is out of range, or of whom the model knows nothing, gets padding alone.
        Raises ModelError if the model serves no similar users, ValueError if n < 1.
        """
        return self._answer("similar_users", self._similar_users, user_indices, n)

    def recommend(self, user_indices: ArrayLike, n: int) -> TopN:
        """The `n` best unseen courses of each user; otherwise as `similar_users`."""
        return self._answer("recommendations", self._recommend, user_indices, n)

    def similar_user_reasons(self, user_indices: ArrayLike, listed: ArrayLike) -> Reasons:
        """Why each of the `listed` users, int32 [users, n] from `similar_users`, is in the list.

        Raises ModelError if the model has no reasons for such lists.
        """
        return self._explain("similar_users", self._similar_user_reasons, user_indices, listed)

    def course_reasons(self, user_indices: ArrayLike, listed: ArrayLike) -> Reasons:
        """Why each of the `listed` courses is recommended; otherwise as `similar_user_reasons`."""
        return self._explain("recommendations", self._course_reasons, user_indices, listed)

    def _explain(
        self,
        task: Task,
        explain: Callable[[NDArray[np.int32], NDArray[np.int32]], Reasons],
        user_indices: ArrayLike,
        listed: ArrayLike,
    ) -> Reasons:
        if task not in self.reason_kinds:
            raise ModelError(f"{self.handle} has no reasons for its {task.replace('_', ' ')}.")
        entries = np.asarray(listed, dtype=np.int32)
        users = np.asarray(user_indices, dtype=np.int64).reshape(-1)
        known = self._known_among(users)
        reasons = no_reasons(entries)
        if known.any():
            found = explain(users[known].astype(np.int32), entries[known])
            for of_all, of_known in zip(reasons, found, strict=True):
                of_all[known] = of_known
        return reasons

    def _answer(
        self,
        task: Task,
        rank: Callable[[NDArray[np.int32], int], TopN],
        user_indices: ArrayLike,
        n: int,
    ) -> TopN:
        if task not in self.serves:
            raise ModelError(f"{self.handle} serves {', '.join(self.serves)}, not {task}.")
        if n < 1:
            raise ValueError(f"n must be at least 1. Received: n = {n}")
        users = np.asarray(user_indices, dtype=np.int64).reshape(-1)
        known = self._known_among(users)
        answer = empty_top_n(len(users), n)
        if known.any():
            ranked = ordered(rank(users[known].astype(np.int32), n))
            answer.indices[known] = ranked.indices
            answer.scores[known] = ranked.scores
        return answer

    def _known_among(self, users: NDArray[np.int64]) -> NDArray[np.bool_]:
        in_range = (users >= 0) & (users < len(self.dataset.users))
        return in_range & self._knows()[np.where(in_range, users, 0)] if len(users) else in_range

    @abstractmethod
    def _fit(self, dataset: Dataset, run: RunOptions) -> None: ...

    @abstractmethod
    def _knows(self) -> NDArray[np.bool_]:
        """bool [users]: True where the model has learned something about the user."""

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        """As `similar_users`, for known users only; a model that serves it overrides this."""
        raise ModelError(f"{self.handle} serves no similar users.")

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        """As `recommend`, for known users only; a model that serves it overrides this."""
        raise ModelError(f"{self.handle} serves no recommendations.")

    def _similar_user_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        """As `similar_user_reasons`, for users with lists; a model that has any overrides this."""
        raise ModelError(f"{self.handle} has no reasons for its similar users.")

    def _course_reasons(self, users: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        """As `course_reasons`, for users with lists; a model that has any overrides this."""
        raise ModelError(f"{self.handle} has no reasons for its recommendations.")


def _is_like(value: object, default: object) -> bool:
    """Whether an option's value is of its default's kind; a whole number will do for any number."""
    if isinstance(value, bool) or isinstance(default, bool):
        return type(value) is type(default)
    return isinstance(value, (type(default), int) if isinstance(default, float) else type(default))
