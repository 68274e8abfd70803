"""As many of the strongest terms of each text as a catalogue of this size can be compared by.

The product of all courses with each other takes the square of how many have a term, for every term.
What to leave out then? Of 776 courses of edX, ten nearest each, so many shared the subject:

    all terms                              .468     at 5.0 x courses^2 products
    terms of more than 1 % left out        .278        .07
    the 43 strongest of each course        .459        .49
    the 24 strongest of each course        .442        .17
    the 16 strongest of each course        .428        .10

A common word stays where it matters (python, in the title), and is left out where it does not
(static pruning by document: Buettcher & Clarke 2006).
"""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

MOST_PRODUCTS = 8_000_000_000
"""About a minute on two processors."""
FEWEST_TERMS = 8
ENTRIES_PER_BLOCK = 2**20


def affordable_terms(vectors: sp.csr_matrix, most: int = MOST_PRODUCTS) -> int:
    """How many of each row's strongest entries may stay, so that all rows with each other take at
    most so many products, or FEWEST_TERMS; 0 if all may. Equal rows count once.
    """
    different = _different(vectors)
    if _products(different.indices) <= most:
        return 0
    places = _places_in_rows(different)
    low, high = FEWEST_TERMS, int(places.max()) + 1
    while low < high:
        depth = (low + high + 1) // 2
        if _products(different.indices[places < depth]) <= most:
            low = depth
        else:
            high = depth - 1
    return low


def strongest_terms(vectors: sp.csr_matrix, depth: int) -> sp.csr_matrix:
    """Each row's `depth` largest entries alone, of length 1 again; ties by lower term; 0: all."""
    lengths = np.diff(vectors.indptr)
    if not depth or lengths.max(initial=0) <= depth:
        return vectors
    kept = _places_in_rows(vectors) < depth
    starts = np.concatenate([[0], np.cumsum(np.minimum(lengths, depth))])
    cells = vectors.data[kept], vectors.indices[kept], starts
    return unit(sp.csr_matrix(cells, shape=vectors.shape))


def unit(vectors: sp.csr_matrix) -> sp.csr_matrix:
    """Rows of length 1, in place; a row without an entry stays one."""
    return normalize(vectors, copy=False) if min(vectors.shape) else vectors


def subjects_of(vectors: sp.csr_matrix) -> NDArray[np.int64]:
    """int64 [terms]: how many rows have each."""
    return np.bincount(vectors.indices, minlength=vectors.shape[1])


def _places_in_rows(vectors: sp.csr_matrix) -> NDArray[np.int32]:
    """int32 [entries]: 0 for the largest of its row, 1 for the one after it; none is below 0."""
    places = np.empty(vectors.nnz, np.int32)
    starts = vectors.indptr
    first = 0
    while first < vectors.shape[0]:
        stop = int(np.searchsorted(starts, starts[first] + ENTRIES_PER_BLOCK, side="right")) - 1
        stop = min(max(stop, first + 1), vectors.shape[0])
        part = slice(starts[first], starts[stop])
        lengths = np.diff(starts[first : stop + 1])
        row = np.repeat(np.arange(stop - first, dtype=np.uint64), lengths)
        # The bits of floats that are not negative are in their order.
        falling = np.uint64(2**32 - 1) - vectors.data[part].view(np.uint32)
        order = np.argsort((row << np.uint64(32)) | falling, kind="stable")
        places[part][order] = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        first = stop
    return places


def _products(terms: NDArray[np.integer]) -> int:
    """What the terms of all rows, one after another, take: each the square of its number."""
    return int((np.bincount(terms).astype(np.int64) ** 2).sum())


def _different(vectors: sp.csr_matrix) -> sp.csr_matrix:
    """One of each of several equal rows."""
    mark = vectors @ np.random.default_rng(0).random(vectors.shape[1])
    _, first = np.unique(mark, return_index=True)
    return vectors if len(first) == vectors.shape[0] else vectors[np.sort(first)]
