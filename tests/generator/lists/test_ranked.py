import numpy as np
import pytest

from generator.lists import ranked
from generator.lists.ranked import ranked_lists
from generator.models.base import Model
from generator.nearest.top_n import TopN
from shared.records import UserLists
from tests.datasets import make_dataset


class LastUserFirst(Model):
    """Knows users 0 and 2; lists fixed answers that can be told apart."""

    handle = "last_user_first"
    title = "A fake"
    needs = ("interests",)

    def _fit(self, dataset, run):
        pass

    def _knows(self):
        return np.array([True, False, True])

    def _similar_users(self, users, n):
        indices = np.where(users[:, None] == 0, [[2, 1]], [[1, -1]])
        return TopN(indices.astype(np.int32), np.array([[0.1, 0.05]] * len(users), np.float32))

    def _recommend(self, users, n):
        indices = np.where(users[:, None] == 0, [[1, -1]], [[-1, -1]])
        return TopN(indices.astype(np.int32), np.array([[2.5, 0]] * len(users), np.float32))


@pytest.mark.parametrize("users_per_block", [1, 1000])
def test_row_numbers_become_handles_and_padding_disappears(monkeypatch, users_per_block):
    monkeypatch.setattr(ranked, "USERS_PER_BLOCK", users_per_block)
    data = make_dataset([(10, "a"), (20, "a"), (30, "a")], courses=["x", "y"])
    blocks = list(ranked_lists(LastUserFirst().fit(data), data, 2))
    assert np.concatenate([users for users, _ in blocks]).tolist() == [0, 2]
    assert [one for _, lists in blocks for one in lists] == [
        UserLists(10, "last_user_first", [30, 20], [0.1, 0.05], ["y"], [2.5]),
        UserLists(30, "last_user_first", [20], [0.1], [], []),
    ]


def test_handles_are_plain_python_values():
    data = make_dataset([(10, "a"), (20, "a"), (30, "a")], courses=["x", "y"])
    _, lists = next(ranked_lists(LastUserFirst().fit(data), data, 2))
    assert type(lists[0].user_handle) is int
    assert type(lists[0].similar_users[0]) is int
    assert type(lists[0].courses[0]) is str
    assert b'"similar_user_scores":[0.1,0.05]' in lists[0].to_json()
