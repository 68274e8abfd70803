import numpy as np
import pytest

from generator.networks.sequence_batches import NextCourseBatches, padded_lengths, tokens_of_a_step
from generator.networks.sequences import COURSES, Sequences, windows_to_learn_from

LENGTH = 20


@pytest.fixture(scope="module")
def sequences() -> Sequences:
    """Of 1 to 60 steps; the courses of a user count up from a number of their own."""
    lengths = 1 + np.arange(60)
    first = 1000 * (1 + np.arange(60))
    courses = np.concatenate([np.arange(f, f + n) for f, n in zip(first, lengths, strict=True)])
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Sequences(offsets, {COURSES: courses.astype(np.int32)})


@pytest.fixture(scope="module")
def batches(sequences: Sequences) -> NextCourseBatches:
    return NextCourseBatches(sequences, windows_to_learn_from(sequences, LENGTH), LENGTH, seed=3)


def test_lengths_are_few_and_hold_what_is_padded():
    lengths = np.arange(1, 101)
    padded = padded_lengths(lengths, 100)
    assert set(padded.tolist()) == {8, 16, 32, 64, 100}
    assert (padded >= lengths).all()
    assert (padded < np.maximum(2 * lengths, 9)).all()


def test_each_course_is_foretold_once_an_epoch_from_the_one_before_it(batches, sequences):
    foretold = []
    for inputs, targets in batches.of_epoch(0):
        assert ((targets > 0) == (inputs[COURSES] > 0)).all()
        known = targets > 0
        np.testing.assert_array_equal(targets[known], inputs[COURSES][known] + 1)
        foretold += targets[known].tolist()
    firsts = sequences.steps[COURSES][sequences.offsets[:-1]]
    assert sorted([*foretold, *firsts.tolist()]) == sequences.steps[COURSES].tolist()


def test_batches_of_one_length_have_one_shape(batches):
    shapes = {}
    for inputs, _ in batches.of_epoch(0):
        rows, length = inputs[COURSES].shape
        assert shapes.setdefault(length, rows) == rows
        assert rows * length <= max(tokens_of_a_step(60 * 61 // 2 * 2, 60_060), length)
    assert set(shapes) == {8, 16, 20}


def test_an_epoch_has_an_order_of_its_own_and_always_the_same(batches):
    def order(epoch):
        return [inputs[COURSES].tolist() for inputs, _ in batches.of_epoch(epoch)]

    assert len(order(0)) == len(batches)
    assert order(0) == order(0)
    assert order(0) != order(1)


@pytest.mark.parametrize(
    ("steps", "courses", "tokens"),
    [(0, 0, 128), (64_000, 100, 500), (300_000, 100, 1024), (1_024_000, 100, 2000)],
)
def test_an_epoch_has_128_steps_of_little_data_and_512_of_much(steps, courses, tokens):
    assert tokens_of_a_step(steps, courses) == tokens


def test_a_step_is_worth_moving_the_table_of_courses_and_fits_into_memory():
    assert tokens_of_a_step(100_000, 64_000) == 2000
    assert tokens_of_a_step(10**9, 10**6) == tokens_of_a_step(10**12, 10) == 12_800
