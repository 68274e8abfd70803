import numpy as np

from generator.networks.sequences import COURSES, Sequences
from generator.networks.starts import STANDARD_DEVIATION, co_occurrence_start

GROUPS, PER_GROUP, SIZE = 4, 6, 8


def of_groups() -> Sequences:
    """Each user takes up the courses of one group; the last course is of none."""
    random = np.random.default_rng(1)
    courses = [
        1 + PER_GROUP * (user % GROUPS) + random.permutation(PER_GROUP) for user in range(80)
    ]
    offsets = PER_GROUP * np.arange(81)
    return Sequences(offsets, {COURSES: np.concatenate(courses).astype(np.int32)})


def test_courses_that_are_taken_up_together_start_together():
    start = co_occurrence_start(of_groups(), GROUPS * PER_GROUP + 1, SIZE, seed=1)
    unit = start / np.linalg.norm(start, axis=1, keepdims=True)
    cosines = (unit @ unit.T)[:-1, :-1]
    group = np.arange(GROUPS * PER_GROUP) // PER_GROUP
    together = group[:, None] == group[None, :]
    assert cosines[together].mean() > 0.5 + cosines[~together].mean()
    assert start.dtype == np.float32
    assert np.isfinite(start).all()
    assert 0.5 * STANDARD_DEVIATION < start.std() < 2 * STANDARD_DEVIATION


def test_it_is_the_same_for_a_seed_and_there_for_next_to_nothing():
    one, same, other = (co_occurrence_start(of_groups(), 25, SIZE, seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).any()
    nothing = Sequences(np.array([0, 1]), {COURSES: np.array([1], np.int32)})
    assert co_occurrence_start(nothing, 1, SIZE, seed=1).shape == (1, SIZE)
    assert co_occurrence_start(nothing, 2, 64, seed=1).any(axis=1).all()
