import numpy as np
import pytest

from benchmarks.nearest.agreement import share_right
from benchmarks.nearest.in_turns import median_seconds
from generator.nearest.top_n import TopN

SCORES = np.array([[0.9, 0.5, 0.5, 0.1, -np.inf], [0.2, 0.3, -np.inf, -np.inf, -np.inf]])


@pytest.mark.parametrize(
    ("first", "its_scores", "share"),
    [
        ([0, 1, 2], [0.9, 0.5, 0.5], 1),
        ([0, 2, 1], [0.9, 0.5, 0.5], 1),  # a tie, either way round
        ([0, 1, 3], [0.9, 0.5, 0.1], 0.5),
        ([0, 1, 1], [0.9, 0.5, 0.5], 0.5),
        ([0, 1, 2], [0.9, 0.5, 0.4], 0.5),
        ([0, 1, -1], [0.9, 0.5, 0], 0.5),
    ],
)
def test_a_list_is_right_if_it_is_the_best_up_to_ties(first, its_scores, share):
    top = TopN(
        np.array([first, [1, 0, -1]], np.int32), np.array([its_scores, [0.3, 0.2, 0]], np.float32)
    )
    assert share_right(top, np.arange(2), lambda rows: SCORES[rows]) == share


def test_ways_take_turns_after_a_run_that_does_not_count():
    calls = []
    taken = median_seconds({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, 2)
    assert "".join(calls) == "ababab"
    assert all(seconds >= 0 for seconds in taken.values())
