from itertools import chain

import numpy as np
import pytest

from generator.lists import ranked
from generator.lists.ranked import blocks_of, listed_block
from generator.models.base import Model
from generator.nearest.top_n import TopN
from shared.kinds import KINDS
from shared.records import ListRow
from tests.datasets import make_dataset


class LastUserFirst(Model):
    """Knows users 0 and 2 and course 1; lists fixed answers that can be told apart."""

    handle = "last_user_first"
    title = "A fake"
    serves = tuple(KINDS)
    needs = ("interests",)

    def _fit(self, dataset, run):
        pass

    def _knows(self):
        return np.array([True, False, True])

    def _knows_courses(self):
        return np.array([False, True])

    def _similar_users(self, users, n):
        indices = np.where(users[:, None] == 0, [[2, 1]], [[1, -1]])
        return TopN(indices.astype(np.int32), np.array([[0.1, 0.05]] * len(users), np.float32))

    def _recommend(self, users, n):
        indices = np.where(users[:, None] == 0, [[1, -1]], [[-1, -1]])
        return TopN(indices.astype(np.int32), np.array([[2.5, 0]] * len(users), np.float32))

    def _similar_courses(self, courses, n):
        return TopN(np.array([[0, -1]], np.int32), np.array([[0.7, 0]], np.float32))

    def _course_users(self, courses, n):
        return TopN(np.array([[2, 0]], np.int32), np.array([[0.9, 0.3]], np.float32))


def small():
    return make_dataset([(10, "a"), (20, "a"), (30, "a")], courses=["x", "y"])


@pytest.mark.parametrize(
    ("kind", "rows"),
    [
        ("similar_users", [(10, [30, 20], [0.1, 0.05]), (30, [20], [0.1])]),
        ("recommendations", [(10, ["y"], [2.5]), (30, [], [])]),
        ("similar_courses", [("y", ["x"], [0.7])]),
        ("course_users", [("y", [30, 10], [0.9, 0.3])]),
    ],
)
@pytest.mark.parametrize("subjects_per_block", [1, 1000])
def test_row_numbers_become_handles_and_padding_disappears(
    monkeypatch, subjects_per_block, kind, rows
):
    monkeypatch.setattr(ranked, "SUBJECTS_PER_BLOCK", subjects_per_block)
    data = small()
    model = LastUserFirst().fit(data)
    blocks = blocks_of(model.known_subjects(kind))
    listed = chain.from_iterable(listed_block(model, kind, block, 2) for block in blocks)
    assert list(listed) == [
        ListRow(kind, subject, "last_user_first", entries, scores)
        for subject, entries, scores in rows
    ]


def test_handles_are_plain_python_values():
    data = small()
    model = LastUserFirst().fit(data)
    rows = listed_block(model, "similar_users", model.known_users(), 2)
    assert type(rows[0].subject) is int
    assert type(rows[0].entries[0]) is int
    assert b'"scores":[0.1,0.05]' in rows[0].to_json()
