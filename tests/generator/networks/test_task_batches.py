import numpy as np
import pytest
import scipy.sparse as sp

from generator.networks.bag_batches import COURSES
from generator.networks.feature_lists import FeatureLists
from generator.networks.sequences import Sequences
from generator.networks.task_batches import (
    KNOWN,
    NEXT,
    STAGES,
    VALUES,
    TaskBatches,
    Tasks,
    known_before,
    next_after,
    stages_of,
)

MOST_KNOWN = 3
LENGTHS = [14, 0, 2, 1]


@pytest.fixture(scope="module")
def sequences():
    """User u's courses are 100 u + 1, 100 u + 2, ..."""
    courses = [100 * user + 1 + n for user, length in enumerate(LENGTHS) for n in range(length)]
    offsets = np.concatenate([[0], np.cumsum(LENGTHS)])
    return Sequences(offsets, {COURSES: np.array(courses, np.int32)})


def test_the_latest_known_course_comes_first_and_the_next_ten_follow(sequences):
    tasks = Tasks(np.array([0, 0, 0, 2, 3], np.int32), np.array([0, 2, 13, 1, 0]))
    assert known_before(sequences, tasks, MOST_KNOWN).tolist() == [
        [0, 0, 0],
        [2, 1, 0],
        [13, 12, 11],
        [201, 0, 0],
        [0, 0, 0],
    ]
    following = next_after(sequences, tasks)
    assert following.shape == (5, NEXT)
    assert following[1].tolist() == list(range(3, 13))
    assert [row[row > 0].tolist() for row in following[2:]] == [[14], [202], [301]]
    assert stages_of(tasks.cuts, MOST_KNOWN).tolist() == [0, 2, MOST_KNOWN + 1, 1, 0]


def batches_of(sequences):
    features = FeatureLists.of(sp.identity(4, format="csr", dtype=np.float32))
    return TaskBatches(sequences, np.arange(4, dtype=np.int32), features, MOST_KNOWN, seed=1)


def test_each_task_asks_for_what_came_after_what_it_knows(sequences):
    batches = batches_of(sequences)
    reached, later, whole = set(), set(), list(batches.of_epoch(0))
    assert len(whole) == len(batches)
    for epoch in range(20):
        for inputs, counts in batches.of_epoch(epoch):
            wanted = inputs[COURSES].reshape(-1, NEXT)
            np.testing.assert_array_equal(counts, inputs[COURSES] > 0)
            is_task = wanted[:, 0] > 0
            assert is_task.sum() == 4 * 3, "four of each user who took up anything"
            assert not inputs[KNOWN][~is_task].any()
            assert not inputs[VALUES][~is_task].any()
            known = inputs[KNOWN][is_task]
            np.testing.assert_array_equal(
                known[:, 0], np.where(known[:, 0] > 0, wanted[is_task][:, 0] - 1, 0)
            )
            for stage, row in zip(inputs[STAGES][is_task], known, strict=True):
                assert (row > 0).sum() == min(stage, MOST_KNOWN)
            later |= set(known[inputs[STAGES][is_task] > MOST_KNOWN, 0].tolist())
            users = wanted[is_task][:, 0] // 100
            reached |= set(zip(users.tolist(), inputs[STAGES][is_task].tolist(), strict=True))
    assert later <= set(range(MOST_KNOWN + 1, 14))
    assert len(later) > 5, "later than all stages is anywhere"
    stages_reached = {0: 5, 2: 2, 3: 1}
    assert reached == {(u, stage) for u, many in stages_reached.items() for stage in range(many)}


def test_an_epoch_is_the_same_whenever_it_is_asked_for_and_no_other_is(sequences):
    first, again = (next(batches_of(sequences).of_epoch(3))[0] for _ in range(2))
    other = next(batches_of(sequences).of_epoch(4))[0]
    for name, rows in first.items():
        np.testing.assert_array_equal(rows, again[name])
    assert (first[KNOWN] != other[KNOWN]).any()
