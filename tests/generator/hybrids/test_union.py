"""Scores of several models side by side: against a loop over users in plain Python."""

import math

import numpy as np
import pytest

from generator.hybrids.union import LAST, comparable, union_of
from generator.nearest.top_n import TopN

SCALES = ("rank", "flat-rank", "z-score")


def lists_by_lot(seed: int, users: int = 30, n: int = 6) -> TopN:
    random = np.random.default_rng(seed)
    indices = np.stack([random.permutation(12)[:n] for _ in range(users)]).astype(np.int32)
    scores = -np.sort(-random.random((users, n)).astype(np.float32), axis=1)
    for user in range(users):
        indices[user, random.integers(0, n + 1) :] = -1
    scores[indices < 0] = 0
    return TopN(indices, scores)


def scaled(entries: list[tuple[int, float]], scale: str) -> dict[int, float]:
    if scale != "z-score":
        half = 10 if scale == "rank" else 60
        return {course: half / (half - 1 + rank) for rank, (course, _) in enumerate(entries, 1)}
    values = [score for _, score in entries]
    mean = sum(values) / len(values)
    deviation = math.sqrt(sum((value - mean) ** 2 for value in values) / len(values))
    least = min(values)
    return {
        course: (score - least) / deviation + LAST if deviation else LAST
        for course, score in entries
    }


def entries_of(top: TopN, user: int) -> list[tuple[int, float]]:
    pairs = zip(top.indices[user].tolist(), top.scores[user].tolist(), strict=True)
    return [(course, score) for course, score in pairs if course >= 0]


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("weights", [(1, 1, 1), (0.5, 0, 2), (0, 0, 0)])
def test_blended_scores_are_weighted_means_over_the_models_that_know_the_user(scale, weights):
    lists = [lists_by_lot(seed) for seed in (1, 2, 3)]
    union = union_of(lists, scale)
    blended = union.blended(np.array(weights, np.float32)[:, None])
    for user in range(30):
        entries = [entries_of(top, user) for top in lists]
        known = [model for model in range(3) if entries[model]]
        counting = [model for model in known if weights[model]]
        share = {m: weights[m] for m in counting} or dict.fromkeys(known, 1)
        expected: dict[int, float] = {course: 0.0 for of in entries for course, _ in of}
        for model, weight in share.items():
            for course, score in scaled(entries[model], scale).items():
                expected[course] += weight / sum(share.values()) * score
        courses = union.entries[user]
        assert courses[courses >= 0].tolist() == sorted(expected)
        for course, score in zip(courses, blended[user], strict=True):
            assert score == pytest.approx(expected.get(int(course), 0), abs=1e-5)


def test_a_shift_or_another_unit_of_a_models_scores_changes_nothing():
    top = lists_by_lot(4)
    other = TopN(top.indices, np.where(top.indices >= 0, 7 * top.scores + 100, 0))
    np.testing.assert_allclose(
        comparable(other, "z-score"), comparable(top, "z-score"), rtol=1e-3, atol=1e-3
    )


@pytest.mark.parametrize("scale", SCALES)
def test_whatever_is_listed_scores_more_than_what_is_not(scale):
    top = lists_by_lot(5)
    scores = comparable(top, scale)
    assert (scores[top.indices >= 0] > 0).all()
    assert (scores[top.indices < 0] == 0).all()


def test_nobody_and_empty_lists_are_no_trouble():
    nothing = TopN(np.full((2, 3), -1, np.int32), np.zeros((2, 3), np.float32))
    union = union_of([nothing, nothing], "z-score")
    assert union.entries.shape == (2, 0)
    assert not union.knows.any()
    assert union.blended(np.ones((2, 1), np.float32)).shape == (2, 0)
