"""What a ranker learns from: shortlists in the rehearsal, and what was taken up of them."""

from typing import NamedTuple

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.hybrids.base import Rehearsal
from generator.hybrids.blended import SUBJECTS_PER_BLOCK
from generator.hybrids.shortlists import CONSIDERED, Shortlists
from generator.nearest.top_n import PADDING
from generator.ranking.features import features, names
from generator.ranking.known import Asked, Known
from generator.ranking.trees import Lesson

MOST_USERS = 8000
"""Learned from at most so many who took up something that is on their shortlist."""
HELD_OUT_SHARE = 0.2


class Lessons(NamedTuple):
    users: NDArray[np.int64]
    """int64: places in the rehearsal."""
    courses: NDArray[np.int32]
    """int32 [users, width]: their shortlists, padded with -1."""
    of_all: Lesson
    held_out_from: int
    """From this one on users say how many trees are good; those before it are learned from."""

    def parts(self) -> tuple[Lesson, Lesson]:
        """What is learned from, and what is held out."""
        return self.of_all.parts(self.held_out_from)

    def best_of_held_out(self, scores: NDArray[np.float32], n: int) -> NDArray[np.int32]:
        """int32 [users, n]: the best courses of each by float32 [entries]."""
        courses = self.courses[self.held_out_from :]
        by_user = np.full(courses.shape, -np.inf, np.float32)
        by_user[courses != PADDING] = scores
        best = np.argsort(-by_user, axis=1, kind="stable")[:, :n]
        return np.take_along_axis(courses, best, axis=1)


def lessons_of(shortlists: Shortlists, rehearsal: Rehearsal, known: Known) -> Lessons:
    """A fifth of the users, by lot, is held out.

    Whoever took up nothing of their shortlist teaches no order, and is left out. Users are looked
    at in an order by lot until there are MOST_USERS: memory does not grow with the platform.
    """
    order = np.random.default_rng(0).permutation(len(rehearsal.users))
    table = np.empty((min(MOST_USERS, len(order)) * CONSIDERED, len(names(shortlists.lists))), "f4")
    users, courses, labels = [], [], []
    entries = so_far = 0
    for start in range(0, len(order), SUBJECTS_PER_BLOCK):
        places = order[start : start + SUBJECTS_PER_BLOCK]
        listed_to, listed = shortlists.of(rehearsal.users[places])
        taken_up = _taken_up(listed_to, rehearsal.held_out[places])
        teaches = np.flatnonzero(taken_up.any(axis=1))[: MOST_USERS - so_far]
        asked = Asked(rehearsal.users[places[teaches]], listed_to[teaches])
        is_there = asked.courses != PADDING
        rows = features(known, asked, [part[teaches] for part in listed])[is_there.ravel()]
        table[entries : entries + len(rows)] = rows
        users.append(places[teaches])
        courses.append(asked.courses)
        labels.append(taken_up[teaches][is_there])
        entries, so_far = entries + len(rows), so_far + len(teaches)
        if so_far >= MOST_USERS:
            break
    shown = np.concatenate(courses)
    lengths = (shown != PADDING).sum(axis=1)
    of_all = Lesson(table[:entries], np.concatenate(labels), lengths)
    return Lessons(np.concatenate(users), shown, of_all, round(so_far * (1 - HELD_OUT_SHARE)))


def _taken_up(courses: NDArray[np.int32], held_out: sp.csr_matrix) -> NDArray[np.bool_]:
    """bool [users, width]."""
    size = held_out.shape[1]
    rows = np.arange(len(courses), dtype=np.int64)[:, None] * size
    theirs = np.repeat(rows.ravel(), np.diff(held_out.indptr)) + held_out.indices
    return np.isin(np.where(courses == PADDING, -1, rows + courses), theirs)
