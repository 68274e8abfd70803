import numpy as np
import pytest

from generator.networks.cloze_batches import ClozeBatches
from generator.networks.sequences import (
    COURSES,
    MASKED,
    PLACES,
    Sequences,
    Windows,
    windows_to_learn_from,
)

LENGTH = 20
GAPS = "gaps"


@pytest.fixture(scope="module")
def sequences() -> Sequences:
    """Of 1 to 60 steps; no course is taken up twice, and its gap is its number and 1000 more."""
    offsets = np.concatenate([[0], np.cumsum(1 + np.arange(60))])
    courses = 1 + np.arange(offsets[-1], dtype=np.int32)
    return Sequences(offsets, {COURSES: courses, GAPS: courses + 1000})


def cloze(sequences, masked_share=0.3, last_share=0.2, seed=3):
    before = windows_to_learn_from(sequences, LENGTH - 1)
    windows = Windows(before.starts, before.stops + 1)
    shares = {"masked_share": masked_share, "last_share": last_share}
    return ClozeBatches(sequences, windows, LENGTH, seed, **shares)


def rows_of(batches, epoch=0):
    """Of each window: its courses, gaps, and places with their targets."""
    for inputs, targets in batches.of_epoch(epoch):
        assert inputs[PLACES].shape == targets.shape
        for courses, gaps, places, foretold in zip(
            inputs[COURSES], inputs[GAPS], inputs[PLACES], targets, strict=True
        ):
            if courses.any():
                yield courses, gaps, places[foretold > 0], foretold[foretold > 0]


def test_what_is_masked_is_foretold_at_its_place_and_nowhere_to_be_seen(sequences):
    for courses, gaps, places, foretold in rows_of(cloze(sequences)):
        assert sorted(places) == np.flatnonzero(courses == MASKED).tolist()
        assert not set(foretold) & set(courses)
        assert (gaps[places] == 0).all(), "what is known of a course may give it away"
        filled = courses.copy()
        filled[places] = foretold
        there = filled > 0
        assert (np.diff(filled[there]) == 1).all()
        seen = there & (courses != MASKED)
        np.testing.assert_array_equal(gaps[seen], courses[seen] + 1000)


def test_of_each_window_a_share_is_masked_and_of_some_the_last_alone(sequences):
    last_alone = counted = 0
    for courses, _, places, _ in rows_of(cloze(sequences)):
        steps = int((courses != 0).sum())
        counted += 1
        is_last = places.tolist() == [steps - 1]
        last_alone += is_last
        assert is_last or len(places) == max(1, round(0.3 * steps))
    assert 0.1 < last_alone / counted < 0.4
    for courses, _, places, _ in rows_of(cloze(sequences, last_share=1.0)):
        assert places.tolist() == [(courses != 0).sum() - 1]
    for courses, _, places, _ in rows_of(cloze(sequences, 0.1, last_share=0.0)):
        assert len(places) == max(1, round(0.1 * (courses != 0).sum()))


def test_masks_are_drawn_anew_in_each_epoch_and_are_always_those_of_seed_and_epoch(sequences):
    def drawn(epoch, seed=3):
        of_epoch = rows_of(cloze(sequences, seed=seed), epoch)
        return sorted(int(course) for _, _, _, foretold in of_epoch for course in foretold)

    assert drawn(0) == drawn(0)
    assert drawn(0) != drawn(1)
    assert drawn(0) != drawn(0, seed=4)
    every = set().union(*(drawn(epoch) for epoch in range(40)))
    alone = sequences.steps[COURSES][0]
    assert every == set(sequences.steps[COURSES].tolist()) - {alone}
