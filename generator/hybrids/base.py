"""The contract of hybrids: models that are made from the lists of other models.

    components, one after another:  fit -> deep lists -> candidates on disk
    the hybrid:                     learn(rehearsal) -> over(candidates) -> fit -> lists

A run hands over what it has listed anyway. A hybrid that is fitted on its own, like any other
model, lists its components first.
"""

from abc import abstractmethod
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.few_users import FewUsers
from generator.lists.candidates import NO_CANDIDATES, Candidates, DeepLists
from generator.lists.ranked import ranked
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.registry import model_class
from generator.models.run_options import RunOptions
from shared.kinds import KINDS, KindName
from shared.records import ReasonKind
from shared.settings.generator import CANDIDATES_PER_USER


@dataclass(frozen=True)
class Rehearsal:
    """What models listed from a part of the past, and what these users took up after it."""

    candidates: Candidates
    users: NDArray[np.int32]
    """int32: who may be learned from, as row numbers of the candidates."""
    held_out: sp.csr_matrix
    """bool [users, courses]: what each of `users` took up."""
    measure: Callable[[NDArray[np.int32], sp.csr_matrix], NDArray[np.float64]]
    """(lists int32 [users, n], what these users took up) -> float64 [users]: to be made large."""
    dataset: Dataset
    """The part of the past that the models learned from."""


class Hybrid(Model):
    """A model whose lists are made from the candidates of those that it `uses`.

    It uses those of them that have listed somebody, and knows whom any of these knows.
    """

    learned: ClassVar[tuple[str, ...]] = ("components", "_stored_lists")
    components: dict[str, ReasonKind | None]
    """Handle -> what its reasons are, of those that were listed."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._candidates: Candidates | None = None

    def learn(self, rehearsal: Rehearsal) -> Self:
        """Choose by the rehearsal what options leave open; before it is fitted."""
        self._learn(rehearsal)
        return self

    def over(self, candidates: Candidates) -> Self:
        """Take the components' lists of the same data from here when it is fitted or folded in."""
        self._candidates = candidates
        return self

    @property
    def made_from(self) -> tuple[str, ...]:
        return tuple(self.components) if self.is_fitted else self.uses

    def without_lists(self) -> Self:
        """The same hybrid with what it learned and nobody's lists: it knows whom `over` brings."""
        alone = copy(self)
        alone._lists = {handle: lists.emptied() for handle, lists in self._lists.items()}
        return alone

    def memory_bytes(self, dataset: Dataset) -> int:
        """Where each list is, and a few blocks of lists; these themselves stay on disk."""
        return BYTES_OF_BLOCKS + 4 * len(self.uses) * len(dataset.users)

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        kind = self.serves[0]
        candidates = self._candidates or candidates_of(self.uses, kind, dataset, run)
        self._candidates = None
        self._lists = dict(candidates.lists(kind, self.uses))
        self.components = {handle: lists.reason_kind for handle, lists in self._lists.items()}

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        """Users who are new or changed have the lists that `over` brought, or none."""
        old = self.dataset
        changed = carried.changed_users(old.view_seconds, dataset.view_seconds)
        changed |= carried.changed_users(old.seen, dataset.seen)
        changed |= carried.changed_users(old.ratings, dataset.ratings)
        for before, now in (
            (old.interests, dataset.interests),
            (old.assessments, dataset.assessments),
        ):
            changed |= carried.changed_users(before, now, of_tags=True)
        brought = self._candidates or NO_CANDIDATES
        self._candidates = None
        new_lists = dict(brought.lists(self.serves[0], list(self.components)))
        for handle, lists in self._lists.items():
            new, kept = new_lists.get(handle), lists.known.any()
            self._lists[handle] = lists.carried(carried, ~changed, KINDS[self.serves[0]].entry)
            if new is not None and not kept:
                # `without_lists`: these are all there are, as deep as they were brought.
                self._lists[handle] = new
            elif new is not None:
                users = np.flatnonzero(new.known & changed).astype(np.int32)
                self._lists[handle].keep(users, new.of(users), new.why(users))

    def _take_in(self, few: FewUsers) -> None:
        """Whom `over` brought lists of have these, and nobody else has any."""
        brought = self._candidates or NO_CANDIDATES
        self._candidates = None
        lists = dict(brought.lists(self.serves[0], list(self.components)))
        self._lists = {h: lists.get(h, known.emptied()) for h, known in self._lists.items()}

    @property
    def _stored_lists(self) -> list[NDArray[Any]]:
        return [part for lists in self._lists.values() for part in lists.arrays()]

    @_stored_lists.setter
    def _stored_lists(self, arrays: list[NDArray[Any]]) -> None:
        of_each = len(arrays) // max(len(self.components), 1)
        self._lists = {
            handle: DeepLists.made_of(arrays[place * of_each : (place + 1) * of_each], reason_kind)
            for place, (handle, reason_kind) in enumerate(self.components.items())
        }

    def _knows(self) -> NDArray[np.bool_]:
        """Whom a personal component knows: whoever has only what everybody has is unknown.

        Without a personal component these are all that any has a list for.
        """
        personal = {name for name in self._lists if model_class(name).is_personal}
        knows = np.zeros(len(self.dataset.users), bool)
        for handle in personal or self._lists:
            knows |= self._lists[handle].known
        return knows

    @abstractmethod
    def _learn(self, rehearsal: Rehearsal) -> None: ...


BYTES_OF_BLOCKS = 64 * 2**20
EXPLAINED = 10
"""Entries of a component's list whose reasons are kept."""


def candidates_of(
    handles: Sequence[str], kind: KindName, dataset: Dataset, run: RunOptions
) -> Candidates:
    """Fit and list those of these models that have what they need, one after another.

    Each is a step of progress: their own steps would begin anew with every model.
    """
    candidates = Candidates({kind: handles}, CANDIDATES_PER_USER, EXPLAINED)
    silently = replace(run, progress=RunOptions().progress)
    for done, handle in enumerate(handles, 1):
        model = model_class(handle)()
        if not model.missing_inputs(dataset):
            model.fit(dataset, silently)
            ranked(model, kind, model.known_subjects(kind), 1, candidates)
        run.progress(done, len(handles))
    return candidates
