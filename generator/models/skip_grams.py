"""Vectors of courses that are taken up near each other: word2vec, with learners as sentences."""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from generator.dataset.take_ups import TakeUps
from generator.encoders.word_vectors import REQUIREMENTS
from generator.models.run_options import RunOptions
from shared.errors import ModelError

LONGEST = 10_000
"""gensim reads no further in a sentence, and says nothing: longer ones come in pieces."""


@dataclass(frozen=True)
class Training:
    """How gensim is to train; the names are the papers'."""

    embedding_size: int
    window: int
    negatives: int
    ns_exponent: float
    subsample: float
    """In multiples of the mean course's share; 0 passes over nothing."""
    epochs: int
    learning_rate: float


class SkipGrams(NamedTuple):
    """Rows of zeros for courses that are next to no other in anybody's sequence."""

    inputs: NDArray[np.float32]
    """float32 [courses, size]: what stands near the course."""
    outputs: NDArray[np.float32]
    """float32 [courses, size]: what the course stands near."""


class Sequences:
    """The courses of each user with two or more, as gensim reads them: again and again."""

    def __init__(self, taken: TakeUps) -> None:
        ends = np.flatnonzero(np.diff(taken.users, append=-1)) + 1
        starts = np.concatenate([[0], ends])[:-1]
        long = ends - starts > 1
        self._bounds = [
            (first, min(first + LONGEST, end))
            for start, end in zip(starts[long].tolist(), ends[long].tolist(), strict=True)
            for first in range(start, end, LONGEST)
        ]
        self._courses = taken.courses
        self.counts: NDArray[np.int64] = np.bincount(self._courses[self._read()])
        """int64 [courses up to the last]: how often each is there."""

    def __len__(self) -> int:
        return len(self._bounds)

    def __iter__(self) -> Iterator[list[int]]:
        return (self._courses[start:end].tolist() for start, end in self._bounds)

    def _read(self) -> NDArray[np.bool_]:
        read = np.zeros(len(self._courses), bool)
        for start, end in self._bounds:
            read[start:end] = True
        return read


def skip_grams(
    sequences: Sequences, n_courses: int, training: Training, run: RunOptions
) -> SkipGrams:
    """Skip-gram with negative sampling (Mikolov et al. 2013), the same for the same seed.

    Cost: epochs * take-ups * window * (negatives + 1) * size multiplications, on one thread, since
    several would write over each other in an order of their own. Numbers stay numbers up to a step
    of 1 (then some reach hundreds): gensim passes over products beyond 6. Raises ModelError without
    gensim.
    """
    learned = SkipGrams(
        *(np.zeros((n_courses, training.embedding_size), np.float32) for _ in range(2))
    )
    if not len(sequences):
        return learned
    word2vec = _untrained(sequences, training, run.seed)
    word2vec.train(
        sequences,
        total_examples=len(sequences),
        epochs=training.epochs,
        callbacks=[_told(run, training.epochs)],
    )
    rows = np.array(word2vec.wv.index_to_key)
    learned.inputs[rows], learned.outputs[rows] = word2vec.wv.vectors, word2vec.syn1neg
    return learned


def _untrained(sequences: Sequences, training: Training, seed: int) -> Any:
    """gensim's Word2Vec with its vocabulary, and vectors by lot."""
    try:
        from gensim.models import Word2Vec
    except ImportError as error:
        raise ModelError(f"gensim is not installed: pip install -r {REQUIREMENTS}.") from error
    counts = sequences.counts
    courses = np.flatnonzero(counts)
    word2vec = Word2Vec(
        sg=1,
        vector_size=training.embedding_size,
        window=training.window,
        negative=training.negatives,
        ns_exponent=training.ns_exponent,
        # From 1 on gensim takes it for a number of occurrences.
        sample=min(training.subsample / len(courses), 0.999),
        alpha=training.learning_rate,
        min_alpha=min(1e-4, training.learning_rate),
        seed=seed,
        workers=1,
        min_count=1,
        hashfxn=_same_everywhere,
    )
    frequencies = zip(courses.tolist(), counts[courses].tolist(), strict=True)
    word2vec.build_vocab_from_freq(dict(frequencies), corpus_count=len(sequences))
    return word2vec


def _same_everywhere(word: Any) -> int:
    # Python's own hash of a text differs from process to process.
    return zlib.crc32(str(word).encode())


def _told(run: RunOptions, epochs: int) -> Any:
    """Tells the run after every epoch."""
    from gensim.models.callbacks import CallbackAny2Vec

    class Told(CallbackAny2Vec):  # type: ignore[misc]
        done = 0

        def on_epoch_end(self, model: Any) -> None:
            self.done += 1
            run.progress(self.done, epochs)

    return Told()
