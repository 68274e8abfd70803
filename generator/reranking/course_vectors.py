"""What courses are compared by: the best description that the data has of all of them."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfTransformer
from sklearn.preprocessing import normalize

from generator.dataset.course_words import BYTES_PER_LETTER, weighted_texts
from generator.dataset.dataset import Dataset
from generator.text.terms import Reading
from generator.text.tfidf import Field, Limits, TfidfSpace

MOST_KINDS = 4096
"""So many different vectors have a table of their cosines, of 64 MiB."""
DIMENSIONS = 64
"""Of the vectors where there are more of them."""
WEIGHT_OF_NAMES = 3
WORDS = Limits(pair_subjects=2**31, max_share=0.5, max_terms=50_000)
"""No pairs: what two courses have in common need not be said in the same order."""


class Description(NamedTuple):
    made_of: str
    vectors: sp.csr_matrix
    """float [courses, features]: empty rows where nothing is known."""


class CourseVectors:
    """Cosines between courses, many at once.

    Courses with equal vectors are one kind. Of at most MOST_KINDS kinds the cosines stand in a
    table; of more, vectors are brought to DIMENSIONS numbers (latent semantic analysis, Deerwester
    et al. 1990), whose cosines are taken when they are asked for.
    """

    def __init__(self, described: Description, seed: int = 0) -> None:
        self.made_of = described.made_of
        vectors = described.vectors.astype(np.float32)
        # The library refuses a matrix without columns.
        vectors = normalize(vectors) if vectors.nnz else vectors
        self.known: NDArray[np.bool_] = np.diff(vectors.indptr) > 0
        """bool [courses]: of which anything is known."""
        self._kinds, first = _kinds_of(vectors)
        kinds = vectors[first]
        self._is_table = len(first) <= MOST_KINDS
        self._numbers = _cosines(kinds) if self._is_table else _reduced(kinds, seed)

    def cosines(self, courses: NDArray[np.int32], others: NDArray[np.int32]) -> NDArray[np.float32]:
        """float32 [rows, n]: of each of `courses` [rows] with its row of `others` [rows, n].

        0 where nothing is known of one of them, or below 0; whatever at a padding.
        """
        one, many = self._kinds[courses], self._kinds[others]
        if self._is_table:
            return np.asarray(self._numbers[one[:, None], many])
        cosines = np.einsum("rs,rns->rn", self._numbers[one], self._numbers[many])
        return np.asarray(np.maximum(cosines, 0), np.float32)


def course_vectors(dataset: Dataset, memory_bytes: float = np.inf) -> CourseVectors:
    """By texts and tags; without texts by tags alone, as diversity is measured in an evaluation;
    without these by who viewed the courses.

    memory_bytes: where reading the texts may take more than this, it is as if there were none.
    Cost: 0.3 ms a course of 100 words.
    """
    if 0 < BYTES_PER_LETTER * dataset.bytes("texts") <= memory_bytes:
        return CourseVectors(Description("texts", _of_words(dataset)))
    if dataset.course_tags.nnz:
        return CourseVectors(Description("tags", dataset.course_tags))
    return CourseVectors(Description("viewers", _by_rarity(dataset.view_seconds > 0)))


def _of_words(dataset: Dataset) -> sp.csr_matrix:
    """TF-IDF of single words; a title and a tag weigh more than a description."""
    texts = weighted_texts(dataset, WEIGHT_OF_NAMES, WEIGHT_OF_NAMES)
    fields = [Field(*of_courses) for of_courses in texts]
    return TfidfSpace.learned(fields, Reading(True, "stem"), WORDS)[1]


def _by_rarity(viewed: sp.csr_matrix) -> sp.csr_matrix:
    viewers = viewed.T.tocsr().astype(np.float32)
    # The library refuses a matrix without anything in it.
    return TfidfTransformer().fit_transform(viewers) if viewers.nnz else viewers


def _kinds_of(vectors: sp.csr_matrix) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """int32 [courses]: which kind each is of; and a course of each kind."""
    kinds: dict[bytes, int] = {}
    of_course = np.empty(vectors.shape[0], np.int32)
    first: list[int] = []
    for course in range(vectors.shape[0]):
        row = slice(vectors.indptr[course], vectors.indptr[course + 1])
        key = vectors.indices[row].tobytes() + vectors.data[row].tobytes()
        kind = of_course[course] = kinds.setdefault(key, len(kinds))
        if kind == len(first):
            first.append(course)
    return of_course, np.array(first, np.int64)


def _cosines(kinds: sp.csr_matrix) -> NDArray[np.float32]:
    return np.asarray(np.clip((kinds @ kinds.T).toarray(), 0, 1))


def _reduced(kinds: sp.csr_matrix, seed: int) -> NDArray[np.float32]:
    reducing = TruncatedSVD(min(DIMENSIONS, kinds.shape[1]), random_state=seed)
    return np.asarray(normalize(reducing.fit_transform(kinds)), np.float32)
