"""What models that read sequences with a network share: all but the network's body.

    take-ups -> sequences -> network, trained -.-> vectors of courses -- product -> next courses
                                               '-> ONNX -> states of users --'

The state is what the network makes of a user's latest courses. After training it comes from the
network as ONNX alone, whether the model was just fitted, loaded or folded in: so lists are the
same, and a process that only lists or folds in never imports TensorFlow.
"""

from abc import abstractmethod
from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset, Input
from generator.dataset.few_users import FewUsers
from generator.models.base import Model
from generator.models.carried import Carried
from generator.models.course_sequences import numbers_of_courses, sequences_of
from generator.models.encoded_texts import BYTES_OF_SENTENCES, EncodedTexts, written
from generator.models.network_training import measures_of
from generator.models.run_options import RunOptions
from generator.models.sequence_fitting import (
    SequenceOptions,
    fitted_network,
    scored_in_a_step,
)
from generator.nearest.dense_candidates import DenseCandidates
from generator.nearest.parts import parts_of
from generator.nearest.top_n import PADDING, TopN
from generator.nearest.vectors import row_products, unit_rows
from generator.networks.exported import Ask, opened, states_of
from generator.networks.sequence_batches import (
    NextCourseBatches,
    SequenceBatches,
    tokens_of_a_step,
)
from generator.networks.sequences import COURSES, Sequences, windows_to_learn_from
from generator.reasons.reasons import Reasons, no_reasons, strongest
from shared.kinds import KindName
from shared.records import ReasonKind

USERS_PER_BLOCK = 4096
LEFT_OUT = 5
"""So many of the latest courses are left out, one at a time, to see which carried a course."""
COPIES_OF_TABLE = 8
"""Weights, gradients, two moments of the optimizer, the best epoch's, what is kept and searched."""
COPIES_OF_STATES = 4
BYTES_PER_LOGIT = 16
BYTES_PER_HIDDEN = 160
"""Of a step of a sequence in training: what its layers keep for the way back."""
BYTES_OF_PROGRAMS = 120 * 2**20
"""What TensorFlow and onnxruntime make of a network, beside its numbers."""
BYTES_PER_REASON = 64
BYTES_PER_TEXT = 3 * 4 * 384


class SequenceModel(EncodedTexts, Model):
    """A model whose network foretells, after each course of a user, the next one.

    A subclass gives `_body`. Scores of courses are products of the user's state with the vectors
    that the network also reads, and only order; similar courses and users are those of the largest
    cosine of vectors and of states.
    """

    serves: ClassVar[tuple[KindName, ...]] = ("similar_users", "recommendations", "similar_courses")
    needs: ClassVar[tuple[Input, ...]] = ("interactions",)
    logit_kinds: ClassVar[tuple[KindName, ...]] = ("recommendations",)
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = {"recommendations": "watched_courses"}
    Options = SequenceOptions
    config: SequenceOptions
    learned = (
        *("_numbers", "_vectors", "_of_texts", "_states", "_network", "_measures"),
        *EncodedTexts.learned_of_texts,
    )
    library, library_bytes = "tensorflow", 700 * 2**20

    @abstractmethod
    def _body(self, size: int, seed: int) -> Any:
        """The Keras layer that `generator.networks.sequence_network` speaks of."""

    def _batches(self, sequences: Sequences, seed: int) -> SequenceBatches:
        """What the network learns from: windows, and what it has to foretell of them."""
        windows = windows_to_learn_from(sequences, self.config.length)
        return NextCourseBatches(sequences, windows, self.config.length, seed)

    def _network_of(self, *parts: Any) -> Any:
        """The network, of the parts that `generator.networks.sequence_network` speaks of."""
        from generator.networks.sequence_network import SequenceNetwork

        return SequenceNetwork(*parts)

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, and the table, the states, and what one training step holds."""
        size = self.config.embedding_size
        courses, users = len(dataset.courses), len(dataset.users)
        kept = 4 * size * (COPIES_OF_TABLE * courses + COPIES_OF_STATES * users)
        tokens = tokens_of_a_step(dataset.view_seconds.nnz, courses)
        logits = BYTES_PER_LOGIT * tokens * scored_in_a_step(self.config, courses)
        texts = BYTES_OF_SENTENCES + BYTES_PER_TEXT * courses if self.config.texts else 0
        return super().memory_bytes(dataset) + kept + logits + texts + self._bytes_of_body(tokens)

    def _bytes_of_body(self, tokens: int) -> int:
        """What the body keeps of a training step of so many tokens, and its programs."""
        return BYTES_PER_HIDDEN * self.config.embedding_size * tokens + BYTES_OF_PROGRAMS

    @property
    def measures(self) -> Mapping[str, float]:
        """The epoch that was best, and its NDCG@10 on courses held out, where enough were."""
        return self._measures

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        self._numbers = numbers_of_courses(dataset, self.config.min_viewers)
        sequences = self._sequences_in(dataset)
        size, count = self.config.embedding_size, int(self._numbers.max(initial=0))
        self._vectors = np.zeros((1 + count, size), np.float32)
        self._of_texts = np.zeros((0, size), np.float32)
        self._states = np.zeros((len(dataset.users), size), np.float32)
        self._network, self._measures = b"", {}
        texts = self._learned_texts(dataset, run)
        if not (sequences.lengths > 1).any():
            return
        viewers = np.bincount(sequences.steps[COURSES] - 1, minlength=count)
        fitted = fitted_network(
            sequences,
            viewers,
            None if texts is None else texts[self._numbers > 0],
            self._body,
            self._batches,
            self._network_of,
            self.config,
            run,
            handle=self.handle,
        )
        self._vectors[1:], self._network = fitted.table, fitted.graph
        self._of_texts = fitted.of_texts
        self._measures = measures_of(fitted.epochs, fitted.ndcg)
        if texts is not None:
            self._add_courses(np.flatnonzero(self._numbers == 0), texts[self._numbers == 0])
            sequences = self._sequences_in(dataset)
        self._read(sequences, np.flatnonzero(sequences.lengths).astype(np.int32))

    def _learned_texts(self, dataset: Dataset, run: RunOptions) -> NDArray[np.float32] | None:
        """float32 [courses, any] of unit length or zeros; None where texts do not count."""
        if not self.config.texts:
            self._learn_no_texts()
            return None
        self._learn_texts(self.config.texts, dataset, run)
        return self._embedded(written(dataset, np.arange(len(dataset.courses), dtype=np.int32)))

    def _add_courses(self, courses: NDArray[np.integer], texts: NDArray[np.float32]) -> None:
        """Give courses that have no number one, and the vector that their text says."""
        told = texts.any(axis=1)
        first = len(self._vectors)
        self._numbers[courses[told]] = np.arange(first, first + int(told.sum()))
        self._vectors = np.vstack([self._vectors, texts[told] @ self._of_texts])

    def _read(self, sequences: Sequences, users: NDArray[np.int32]) -> None:
        """Set the states of these users, who have a sequence."""
        for start in range(0, len(users), USERS_PER_BLOCK):
            block = users[start : start + USERS_PER_BLOCK]
            self._states[block] = self._states_after(self._latest(sequences, block))

    def _latest(
        self, sequences: Sequences, users: NDArray[np.int32]
    ) -> dict[str, NDArray[np.int32]]:
        """int32 [users, length] by name: the steps that the network reads of each."""
        return sequences.read(sequences.ends(users, self.config.length), self.config.length)

    def _states_after(self, inputs: Mapping[str, NDArray[np.int32]]) -> NDArray[np.float32]:
        return states_of(self._ask, inputs, self._vectors, self.run.threads)

    @cached_property
    def _ask(self) -> Ask:
        return opened(self._network)

    def _sequences_in(self, dataset: Dataset) -> Sequences:
        return sequences_of(dataset, self._numbers, self.config.contexts)

    def _prepare(self) -> None:
        self._sequences = self._sequences_in(self.dataset)
        learned = bool(self._network)
        self._known: NDArray[np.bool_] = (self._sequences.lengths > 0) & learned
        self._listed = np.flatnonzero((self._numbers > 0) & learned).astype(np.int32)
        self._users = np.flatnonzero(self._known).astype(np.int32)
        order = self._search.order("course")
        self._next = cache(lambda: DenseCandidates(self._listed_vectors(), order, self._listed))
        self._near_courses = cache(
            lambda: DenseCandidates(unit_rows(self._listed_vectors()), order, self._listed)
        )
        self._near_users = cache(
            lambda: DenseCandidates(
                unit_rows(self._states[self._users]), self._search.order("user"), self._users
            )
        )

    def _listed_vectors(self) -> NDArray[np.float32]:
        return self._vectors[self._numbers[self._listed]]

    def _fold_in(self, dataset: Dataset, carried: Carried) -> None:
        before = self._sequences
        self._numbers = carried.by_course(self._numbers, 0)
        if len(self._of_texts):
            unnumbered = np.flatnonzero(self._numbers == 0).astype(np.int32)
            self._add_courses(unnumbered, self._embedded(written(dataset, unnumbered)))
        now = self._sequences_in(dataset)
        self._states = carried.by_user(self._states, 0)
        stayed = np.flatnonzero(carried.users >= 0).astype(np.int32)
        changed = now.lengths > 0
        for start in range(0, len(stayed), USERS_PER_BLOCK):
            old = stayed[start : start + USERS_PER_BLOCK]
            new = carried.users[old]
            steps_then, steps_now = self._latest(before, old), self._latest(now, new)
            same = [(steps_now[name] == of).all(axis=1) for name, of in steps_then.items()]
            changed[new[np.all(same, axis=0)]] = False
        if self._network:
            self._read(now, np.flatnonzero(changed).astype(np.int32))

    def _take_in(self, few: FewUsers) -> None:
        theirs, whole = self._sequences_in(few.dataset), self._sequences
        known = np.flatnonzero((theirs.lengths > 0) & bool(self._network)).astype(np.int32)
        self._states[few.rows] = 0
        if len(known):
            self._states[few.rows[known]] = self._states_after(self._latest(theirs, known))
        self._known = few.put(self._known, (theirs.lengths > 0) & bool(self._network))
        steps = {
            name: few.woven(of, whole.offsets, theirs.steps[name], theirs.offsets)
            for name, of in whole.steps.items()
        }
        self._sequences = Sequences(few.starts(whole.offsets, theirs.offsets), steps)

    def _knows(self) -> NDArray[np.bool_]:
        return self._known

    def _knows_courses(self) -> NDArray[np.bool_]:
        knows: NDArray[np.bool_] = (self._numbers > 0) & bool(self._network)
        return knows

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._search.nearest("recommendations", users, self._states[users], self._next(), n)

    def _similar_courses(self, courses: NDArray[np.int32], n: int) -> TopN:
        queries = unit_rows(self._vectors[self._numbers[courses]])
        return self._search.nearest("similar_courses", courses, queries, self._near_courses(), n)

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        queries = unit_rows(self._states[users])
        return self._search.nearest("similar_users", users, queries, self._near_users(), n)

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        numbers = self._numbers[courses]
        scores = np.einsum("us,uns->un", self._states[users], self._vectors[numbers])
        return np.where(numbers > 0, scores, np.float32(np.nan)).astype(np.float32)

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        """Which of the latest courses carried an entry: by how much its score falls without it.

        (Occlusion; Zeiler & Fergus, ECCV 2014.)
        """
        reasons = no_reasons(listed)
        numbers = np.full(len(subjects), listed.shape[1] * self._vectors.shape[1])
        for rows in parts_of(numbers, self.run.memory_budget_bytes / BYTES_PER_REASON):
            reasons.put(rows, self._reasons_of_some(subjects[rows], listed[rows]))
        return reasons

    def _reasons_of_some(self, subjects: NDArray[np.int32], listed: NDArray[np.int32]) -> Reasons:
        inputs = self._latest(self._sequences, subjects)
        counts, of_row = (inputs[COURSES] > 0).sum(axis=1), np.arange(len(subjects))
        row, column = np.nonzero(listed >= 0)
        theirs = self._vectors[self._numbers[listed[row, column]]]
        places, falls = [], []
        number_to_course = np.full(len(self._vectors), PADDING, np.int64)
        number_to_course[self._numbers[self._listed]] = self._listed
        for back in range(1, min(LEFT_OUT, int(counts.max(initial=0))) + 1):
            place = counts - back
            without = _without(inputs, place)
            fall = self._states[subjects] - self._states_after(without)
            left_out = number_to_course[inputs[COURSES][of_row, np.maximum(place, 0)]]
            places.append(np.where(place >= 0, left_out, PADDING)[row])
            falls.append(row_products(fall[row], theirs))
        return strongest(_as_matrix(places, falls, len(self.dataset.courses)), listed)


def _without(
    inputs: Mapping[str, NDArray[np.int32]], place: NDArray[np.int64]
) -> dict[str, NDArray[np.int32]]:
    """The same without each row's step at `place`; the row as it is where that is below 0."""
    length = inputs[COURSES].shape[1]
    columns = np.arange(length)
    source = columns + ((columns >= place[:, None]) & (place[:, None] >= 0))
    inside = source < length
    source = np.minimum(source, length - 1)
    return {
        name: np.where(inside, np.take_along_axis(of, source, axis=1), 0).astype(np.int32)
        for name, of in inputs.items()
    }


def _as_matrix(
    places: list[NDArray[np.int64]], falls: list[NDArray[np.float32]], courses: int
) -> sp.csr_matrix:
    """[entries, courses]: by how much each course that was left out carried the entry."""
    column, fall = np.array(places), np.array(falls)
    _, entry = np.nonzero(column >= 0)
    shape = (column.shape[1] if column.ndim == 2 else 0), courses
    return sp.csr_matrix((fall[column >= 0], (entry, column[column >= 0])), shape=shape)
