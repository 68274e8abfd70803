"""Where a course stands on a learner's way: levels reached in its tags, what is to come before."""

import numpy as np
from numpy.typing import NDArray

from generator.dataset.level_progress import LevelProgress
from generator.ranking.course_facts import NAMES as OF_COURSES
from generator.ranking.known import Asked, Known

NAMES = ("level_gap", "prerequisites_missing", "prerequisites_done")
LEVEL = OF_COURSES.index("level")


def features(known: Known, asked: Asked) -> list[NDArray[np.float32]]:
    """float32 [users, width] for each of NAMES: levels beyond the next one, numbers of courses."""
    progress = LevelProgress.by_heights(known.dataset, known.courses[:, LEVEL])
    missing, done = _prerequisites(known, asked)
    return [progress.steps(asked.users, asked.courses), missing, done]


def _prerequisites(known: Known, asked: Asked) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Of each course, how many prerequisites the user has not completed, and how many they have."""
    needs = known.dataset.prerequisites[np.maximum(asked.courses.ravel(), 0)]
    total = np.where(asked.courses >= 0, np.diff(needs.indptr).reshape(asked.courses.shape), 0)
    pair = np.repeat(np.arange(asked.courses.size), np.diff(needs.indptr))
    of_users = asked.users[pair // max(asked.courses.shape[1], 1)]
    completed = known.dataset.has_finished(of_users, needs.indices)
    done = np.bincount(pair, completed, asked.courses.size).reshape(asked.courses.shape)
    done = np.where(asked.courses >= 0, done, 0)
    return (total - done).astype(np.float32), done.astype(np.float32)
