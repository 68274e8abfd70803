"""What to ask somebody of whom nothing is known: the few things that tell users apart best.

    asked        [golang?]      [golang?, cooking?]
    cells      yes |  no     yes yes | yes no | no yes | no no       users by what they would answer

Each next question is the one that splits the cells of those before most evenly, so that no two ask
the same.
"""

from typing import Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from shared.records import Question

MOST_CANDIDATES = 2000
"""Tags or courses that are thought of: those that most users would say yes to."""
LEAST_USERS = 10
"""What fewer would say yes to tells of nearly nobody, and says who they are."""
LEAST_BITS = 1e-3
"""A question that tells less is not asked."""


def questions_of(dataset: Dataset, most: int) -> list[Question]:
    """At most so many, the one that tells most first.

    About the tags that users follow; where nobody follows any, about the tags of the courses that
    they viewed; where courses have none, about courses. A question tells the entropy of its answer,
    in bits, given the answers to those before: the greedy choice of the largest entropy together,
    which has 1 - 1/e of the best at least (Nemhauser et al. 1978; entropy is submodular). Cost: for
    each question a pass over the answers.
    """
    about, answers = _answers(dataset)
    yes = np.bincount(answers.indices, minlength=answers.shape[1])
    offered = yes >= LEAST_USERS
    if about == "course" and dataset.not_offered is not None:
        offered &= ~dataset.not_offered
    candidates = np.flatnonzero(offered).astype(np.int32)
    candidates = candidates[np.argsort(-yes[candidates], kind="stable")[:MOST_CANDIDATES]]
    answers = answers[np.diff(answers.indptr) > 0][:, candidates].tocsc()
    handles = (dataset.tags if about == "tag" else dataset.courses).handles(candidates)
    shares = np.diff(answers.indptr) / max(answers.shape[0], 1)
    return [
        Question(about, handles[place], round(float(shares[place]), 4), round(bits, 4))
        for place, bits in _chosen(answers, most)
    ]


def _answers(dataset: Dataset) -> tuple[Literal["tag", "course"], sp.csr_matrix]:
    """What questions are about, and an entry where a user would say yes: [users, tags or
    courses]."""
    if dataset.interests.nnz:
        return "tag", dataset.interests
    viewed = dataset.view_seconds.astype(np.float32)
    viewed.data = np.ones_like(viewed.data)
    if dataset.course_tags.nnz:
        return "tag", (viewed @ dataset.course_tags).tocsr()
    return "course", viewed


def _chosen(answers: sp.csc_matrix, most: int) -> list[tuple[int, float]]:
    """Columns and how many bits each tells. answers: [users, candidates]."""
    users, candidates = answers.shape
    cells = np.zeros(users, np.int64)
    chosen: list[tuple[int, float]] = []
    column = np.repeat(np.arange(candidates), np.diff(answers.indptr))
    while len(chosen) < min(most, candidates):
        sizes = np.bincount(cells)
        shape = (len(sizes), candidates)
        ones = np.ones(len(column), np.int32)
        # Entries of one place are added up: how many of each cell say yes to each candidate.
        yes = sp.csr_matrix((ones, (cells[answers.indices], column)), shape=shape)
        bits = _bits(yes, sizes) / max(users, 1)
        bits[[place for place, _ in chosen]] = 0
        best = int(bits.argmax())
        if bits[best] < LEAST_BITS:
            break
        chosen.append((best, float(bits[best])))
        said_yes = answers.indices[answers.indptr[best] : answers.indptr[best + 1]]
        cells = 2 * cells
        cells[said_yes] += 1
        cells = np.unique(cells, return_inverse=True)[1]
    return chosen


def _bits(yes: sp.csr_matrix, sizes: NDArray[np.int64]) -> NDArray[np.float64]:
    """float64 [candidates]: the entropy of each cell's answers times its users, summed up."""
    yes.sum_duplicates()
    cell = np.repeat(np.arange(len(sizes)), np.diff(yes.indptr))
    share = yes.data / sizes[cell]
    certain = share >= 1
    share = np.where(certain, 0.5, share)
    entropy = -share * np.log2(share) - (1 - share) * np.log2(1 - share)
    told = np.where(certain, 0, entropy * sizes[cell])
    return np.bincount(yes.indices, told, minlength=yes.shape[1]).astype(np.float64)
