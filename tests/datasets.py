"""Datasets written down by hand: triples in, matrices out."""

import numpy as np
import scipy.sparse as sp

from generator.dataset.dataset import Dataset
from generator.dataset.vocabulary import Vocabulary
from shared.records import Handle


def make_dataset(
    interests: list[tuple[Handle, str]] = (),
    views: list[tuple[Handle, Handle, float, str]] = (),
    course_tags: list[tuple[Handle, str]] = (),
    users: list[Handle] = (),
    courses: list[Handle] = (),
) -> Dataset:
    """`views`: (user, course, seconds, level), one a pair; `users` and `courses`: idle ones."""
    user_vocabulary = Vocabulary([*users, *(u for u, _ in interests), *(v[0] for v in views)])
    course_vocabulary = Vocabulary([*courses, *(v[1] for v in views), *(c for c, _ in course_tags)])
    tag_vocabulary = Vocabulary([tag for _, tag in [*interests, *course_tags]])
    level_vocabulary = Vocabulary([v[3] for v in views if v[3]])
    level_of = {level: index for index, level in enumerate(level_vocabulary.handles())}

    def matrix(rows, columns, values, shape, dtype):
        found = sp.csr_matrix((np.array(values, dtype), (rows, columns)), shape=shape, dtype=dtype)
        found.sort_indices()
        return found

    def tagged(pairs, vocabulary):
        return matrix(
            vocabulary.index_of([handle for handle, _ in pairs]),
            tag_vocabulary.index_of([tag for _, tag in pairs]),
            [1] * len(pairs),
            (len(vocabulary), len(tag_vocabulary)),
            np.float32,
        )

    rows = user_vocabulary.index_of([v[0] for v in views])
    columns = course_vocabulary.index_of([v[1] for v in views])
    shape = len(user_vocabulary), len(course_vocabulary)
    levelled = np.array([bool(v[3]) for v in views], bool)
    return Dataset(
        users=user_vocabulary,
        courses=course_vocabulary,
        tags=tag_vocabulary,
        levels=level_vocabulary,
        interests=tagged(interests, user_vocabulary),
        course_tags=tagged(course_tags, course_vocabulary),
        view_seconds=matrix(rows, columns, [v[2] for v in views], shape, np.float32),
        viewed_levels=matrix(
            rows[levelled],
            columns[levelled],
            [1 + level_of[v[3]] for v in views if v[3]],
            shape,
            np.int8,
        ),
    )
