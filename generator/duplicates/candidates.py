"""Which pairs are worth a closer look: the nearest few of each course by its rarer words.

Comparing all with all would take 78 billion pairs of 395,000 courses. Words cost the square of how
many courses have them, so the commonest are left out until the product is small enough:

    word         the   python   pandas   "python pandas"   ...
    courses    90,000   8,000      300                40
    terms          -  64 mill   90,000             1,600       up to MOST_TERMS together
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.preprocessing import normalize
from sparse_dot_topn import sp_matmul_topn

from generator.duplicates.titles import Title
from generator.duplicates.weighted import Rows, WeightedTexts

MOST_TERMS = 2_000_000_000
NEAREST = 12
LEAST_COSINE = 0.2
WORDS_OF_A_TEXT = 24
"""The rarest of a description: they tell it from others, and the rest costs most."""
WEIGHT_OF_TITLE = 1.2
ROWS_PER_BLOCK = 8192

Progress = Callable[[int, int], None]


def candidate_pairs(
    titles: Sequence[Title],
    descriptions: WeightedTexts[str],
    threads: int,
    progress: Progress = lambda done, total: None,
) -> tuple[Rows, Rows]:
    """Row numbers of the two of each pair, the lower first, every pair once, ascending.

    Cost: at most MOST_TERMS products, NEAREST pairs a course.
    """
    vectors = _together(
        _rarest(WeightedTexts(titles, title_units), WORDS_OF_A_TEXT),
        _rarest(descriptions, WORDS_OF_A_TEXT),
    )
    by_word = vectors.T.tocsr()
    pairs = []
    for start in range(0, vectors.shape[0], ROWS_PER_BLOCK):
        nearest = sp_matmul_topn(
            vectors[start : start + ROWS_PER_BLOCK],
            by_word,
            NEAREST + 1,
            threshold=LEAST_COSINE,
            n_threads=threads,
        ).tocoo()
        pairs.append(_keys(nearest.row + start, nearest.col, vectors.shape[0]))
        progress(min(start + ROWS_PER_BLOCK, vectors.shape[0]), vectors.shape[0])
    keys = np.unique(np.concatenate(pairs)) if pairs else np.zeros(0, np.int64)
    left, right = np.divmod(keys, max(vectors.shape[0], 1))
    return left.astype(np.int32), right.astype(np.int32)


def title_units(title: Title) -> list[str]:
    """Words, words that follow each other, codes however they are cut, and the title as a whole."""
    if not title.words:
        return []
    pairs = list(pairwise(title.words))
    codes = [f"{word}{following}" for word, following in pairs if _has_digit(word + following)]
    together = [f"{word} {following}" for word, following in pairs]
    return [*title.words, *together, *codes, f"= {' '.join(sorted(title.words))}"]


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _rarest(texts: WeightedTexts[Any], most: int) -> sp.csr_matrix:
    """The vectors with at most so many words a row, the heaviest, none of which is in one text."""
    blocks = [
        _rarest_of(texts.vectors[start : start + ROWS_PER_BLOCK], texts, most)
        for start in range(0, texts.vectors.shape[0], ROWS_PER_BLOCK)
    ]
    # Of length 1 again: what is left of a long description weighs as much as a short one.
    return normalize(sp.vstack(blocks, "csr"), copy=False) if blocks else texts.vectors


def _rarest_of(vectors: sp.csr_matrix, texts: WeightedTexts[Any], most: int) -> sp.csr_matrix:
    row = np.repeat(np.arange(vectors.shape[0]), np.diff(vectors.indptr))
    shared = np.flatnonzero(texts.documents[vectors.indices] > 1)
    row, column, value = row[shared], vectors.indices[shared], vectors.data[shared]
    by_weight = np.lexsort((-texts.weights[column], row))
    place = np.arange(len(row)) - np.searchsorted(row, row)
    kept = np.sort(by_weight[place < most])
    return sp.csr_matrix((value[kept], (row[kept], column[kept])), vectors.shape)


def _together(titles: sp.csr_matrix, descriptions: sp.csr_matrix) -> sp.csr_matrix:
    """float32 [courses, words of both], of length 1, without what is too common to compare by."""
    vectors = sp.hstack([titles * WEIGHT_OF_TITLE, descriptions], "csr", np.float32)
    courses = np.bincount(vectors.indices, minlength=vectors.shape[1]).astype(np.float64)
    by_courses = np.argsort(courses, kind="stable")
    affordable = np.cumsum(courses[by_courses] ** 2) <= MOST_TERMS
    keep = np.zeros(vectors.shape[1], np.float32)
    keep[by_courses[affordable]] = 1
    vectors = (vectors @ sp.diags(keep)).tocsr().astype(np.float32)
    vectors.eliminate_zeros()
    vectors.sort_indices()
    return normalize(vectors, copy=False) if vectors.shape[0] else vectors


def _keys(row: NDArray[np.int32], column: NDArray[np.int32], count: int) -> NDArray[np.int64]:
    """One number a pair of different courses, whichever of the two asked for the other."""
    low, high = np.minimum(row, column), np.maximum(row, column)
    keys: NDArray[np.int64] = low.astype(np.int64) * count + high
    return np.unique(keys[low < high])
