"""How a course suits a user: by tags, words, author, level, and how popular it is."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.vectors import unit_rows
from generator.ranking.course_facts import NAMES as OF_COURSES
from generator.ranking.known import Asked, Known
from generator.ranking.user_features import mean_popularity

NAMES = (
    "tags_followed",
    "tags_viewed",
    "text_likeness",
    "text_likeness_last",
    "author_share",
    "level_step",
    "popularity_step",
)
LAST = 3
"""Views whose levels are the user's last."""
LEVEL, POPULARITY = OF_COURSES.index("level"), OF_COURSES.index("popularity")


def features(known: Known, asked: Asked) -> list[NDArray[np.float32]]:
    """float32 [users, width] for each of NAMES."""
    data, users = known.dataset, asked.users
    viewed = data.seen[users].astype(np.float32)
    last = known.last_courses(users, LAST)
    popularity = known.courses[asked.courses, POPULARITY]
    return [
        _products(data.interests[users], data.course_tags, asked.courses),
        _products(_unit(viewed @ data.course_tags), data.course_tags, asked.courses),
        _products(_unit(viewed @ known.texts), known.texts, asked.courses),
        _products(_unit(_rows_of_last(last, known.texts)), known.texts, asked.courses),
        _of_author(viewed, data.course_authors, asked.courses),
        known.courses[asked.courses, LEVEL] - _mean_level(last, known)[:, None],
        popularity - mean_popularity(known, users)[:, None],
    ]


def _products(
    rows: sp.csr_matrix, courses: sp.csr_matrix, asked: NDArray[np.int32]
) -> NDArray[np.float32]:
    """float32 [users, width]: inner product of a user's row and each course's; 0 where neither."""
    if not rows.shape[1] or not rows.nnz:
        return np.zeros(asked.shape, np.float32)
    products = np.empty(asked.shape, np.float32)
    for user in range(len(asked)):
        row = np.zeros(rows.shape[1], np.float32)
        mine = slice(rows.indptr[user], rows.indptr[user + 1])
        row[rows.indices[mine]] = rows.data[mine]
        products[user] = courses[asked[user]] @ row
    return products


def _unit(rows: sp.spmatrix) -> sp.csr_matrix:
    return unit_rows(sp.csr_matrix(rows, dtype=np.float32))


def _rows_of_last(last: NDArray[np.int32], vectors: sp.csr_matrix) -> sp.csr_matrix:
    """[users, terms]: the vector of each user's last course."""
    there = last[:, 0] >= 0
    rows = vectors[np.where(there, last[:, 0], 0)]
    return sp.diags_array(there.astype(np.float32)) @ rows


def _of_author(
    viewed: sp.csr_matrix, authors: NDArray[np.int32], asked: NDArray[np.int32]
) -> NDArray[np.float32]:
    """Which part of a user's courses the course's author made; NaN where nobody is named."""
    known = authors >= 0
    of_author = sp.csr_matrix(
        (np.ones(known.sum(), np.float32), (np.flatnonzero(known), authors[known])),
        shape=(len(authors), int(authors.max(initial=-1)) + 1),
    )
    courses = np.maximum(np.diff(viewed.indptr), 1).astype(np.float32)
    shares = _products(viewed @ of_author, of_author, asked) / courses[:, None]
    return np.where(known[asked], shares, np.float32(np.nan))


def _mean_level(last: NDArray[np.int32], known: Known) -> NDArray[np.float32]:
    """float32 [users]; NaN where none of the last courses has a level."""
    levels = np.where(last >= 0, known.courses[last, LEVEL], np.nan)
    counts = (~np.isnan(levels)).sum(axis=1)
    means = np.nansum(levels, axis=1) / np.maximum(counts, 1)
    return np.where(counts, means, np.nan).astype(np.float32)
