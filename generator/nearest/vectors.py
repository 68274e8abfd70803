"""Vectors as rows of either sort: sparse where features are words, dense where learned."""

from typing import Any, TypeAlias

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.preprocessing import normalize

from generator.nearest.dense_candidates import DenseCandidates
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.ties import TieOrder

Vectors: TypeAlias = Any
"""float32 [rows, size], an array or CSR; a row of zeros, or without an entry: nothing is known."""


def unit_rows(vectors: Vectors) -> Vectors:
    """The same with rows of length 1, and rows of zeros as they are."""
    if not vectors.shape[1]:
        return vectors
    if not sp.issparse(vectors):
        return np.asarray(normalize(vectors.astype(np.float32, copy=False)), np.float32)
    unit = normalize(vectors.tocsr().astype(np.float32, copy=False))
    unit.sort_indices()
    return unit


def filled_rows(vectors: Vectors) -> NDArray[np.bool_]:
    """bool [rows]: True where anything is known."""
    filled = np.diff(vectors.indptr) > 0 if sp.issparse(vectors) else vectors.any(axis=1)
    return np.asarray(filled)


def entries_of_rows(vectors: Vectors) -> NDArray[np.int64]:
    """int64 [rows]: how many numbers each takes."""
    if sp.issparse(vectors):
        return np.asarray(np.diff(vectors.indptr), np.int64)
    return np.full(len(vectors), vectors.shape[1], np.int64)


def row_products(ours: Vectors, theirs: Vectors) -> NDArray[np.float32]:
    """float32 [rows]: the dot product of each row of one with the same row of the other."""
    if sp.issparse(ours):
        return np.asarray(ours.multiply(theirs).sum(axis=1), np.float32).ravel()
    return np.asarray(np.einsum("rs,rs->r", ours, theirs), np.float32)


def with_rows(vectors: Vectors, rows: NDArray[np.int32], those: Vectors) -> Vectors:
    """The same where `rows`, which are empty so far, are `those`."""
    if not sp.issparse(vectors):
        vectors[rows] = those
        return vectors
    places = sp.csr_matrix(
        (np.ones(len(rows), np.float32), (rows, np.arange(len(rows)))),
        shape=(vectors.shape[0], len(rows)),
    )
    filled = (vectors + places @ those).tocsr()
    filled.sort_indices()
    return filled


def candidates_of(vectors: Vectors, order: TieOrder) -> SparseCandidates | DenseCandidates:
    """Those of which anything is known, to be searched; `order` is of all."""
    if sp.issparse(vectors):
        return SparseCandidates(vectors, order)
    filled = np.flatnonzero(filled_rows(vectors)).astype(np.int32)
    if len(filled) == len(vectors):
        return DenseCandidates(vectors, order)
    return DenseCandidates(vectors[filled], order, filled)
