import numpy as np
import pytest

from generator.networks.contrastive_batches import USER, VIEWS, ContrastiveBatches
from generator.networks.sequence_batches import NextCourseBatches
from generator.networks.sequences import COURSES, MASKED, Sequences, windows_to_learn_from

LENGTH, USERS = 20, 40
WAYS = {"cropped_to": 0.6, "masked": 0.3, "reordered": 0.6}


@pytest.fixture(scope="module")
def sequences() -> Sequences:
    """Of 2 to 41 steps; the courses of a user count up from a number of their own."""
    lengths = 2 + np.arange(USERS)
    courses = [100 * (1 + user) + np.arange(n) for user, n in enumerate(lengths)]
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    return Sequences(offsets, {COURSES: np.concatenate(courses).astype(np.int32)})


def batches_of(sequences, **shares) -> ContrastiveBatches:
    windows = windows_to_learn_from(sequences, LENGTH)
    return ContrastiveBatches(sequences, windows, LENGTH, seed=3, **{**WAYS, **shares})


def rows_of(batches, epoch=0):
    """(whole, first view, second view, user) of every row that is no filling, without padding."""
    for inputs, _ in batches.of_epoch(epoch):
        for row in np.flatnonzero(inputs[USER]):
            whole = inputs[COURSES][row]
            yield whole[whole != 0], *(inputs[name][row] for name in VIEWS), inputs[USER][row]


def way_of(view, whole):
    """How a view was made of the whole, and whether it is one of that way at all."""
    seen = view[view != 0]
    if MASKED in seen:
        kept = seen != MASKED
        return "mask", len(seen) == len(whole) and (seen[kept] == whole[kept]).all() and kept.any()
    if len(seen) < len(whole):
        place = np.flatnonzero(whole == seen[0])[0]
        return "crop", (seen == whole[place : place + len(seen)]).all()
    moved = np.flatnonzero(seen != whole)
    if not len(moved):
        return "same", True
    part = slice(moved[0], moved[-1] + 1)
    return "reorder", sorted(seen[part]) == sorted(whole[part])


def test_views_are_crops_masks_and_shuffled_parts_of_the_share_that_was_asked_for(sequences):
    ways, begun_late, ended_early = {"crop": 0, "mask": 0, "reorder": 0, "same": 0}, 0, 0
    for whole, *views, _ in rows_of(batches_of(sequences)):
        for view in views:
            way, is_right = way_of(view, whole)
            assert is_right, (way, whole, view)
            ways[way] += 1
            n = len(whole)
            if way == "crop":
                assert (view != 0).sum() == max(1, round(0.6 * n))
                begun_late += view[0] != whole[0]
                ended_early += view[view != 0][-1] != whole[-1]
            if way == "mask":
                assert (view == MASKED).sum() == min(round(0.3 * n), n - 1)
            if way == "reorder":
                assert np.ptp(np.flatnonzero(view[:n] != whole)) < max(1, round(0.6 * n))
    assert min(ways["crop"], ways["mask"], ways["reorder"]) > 20
    assert ways["same"] < 20
    assert min(begun_late, ended_early) > ways["crop"] / 2


def test_two_views_of_a_row_are_drawn_apart_and_anew_in_each_epoch(sequences):
    batches = batches_of(sequences)
    same = [(a == b).all() for whole, a, b, _ in rows_of(batches) if len(whole) > 9]
    assert np.mean(same) < 0.1
    first, again, later = (
        [view.tolist() for _, view, _, _ in rows_of(batches, epoch)] for epoch in (0, 0, 1)
    )
    assert first == again
    assert first != later


def test_every_row_says_whose_it_is_and_what_is_foretold_is_what_it_would_be_without_views(
    sequences,
):
    for whole, *_, user in rows_of(batches_of(sequences)):
        assert (whole // 100 == user).all()
    plain = NextCourseBatches(sequences, windows_to_learn_from(sequences, LENGTH), LENGTH, seed=3)
    (with_views, targets), (alone, same_targets) = (
        max(batches.of_epoch(0), key=lambda batch: batch[1].sum())
        for batches in (batches_of(sequences), plain)
    )
    assert sorted(with_views[COURSES].tolist()) == sorted(alone[COURSES].tolist())
    assert sorted(targets.tolist()) == sorted(same_targets.tolist())


def test_one_course_is_always_left_and_a_sequence_of_one_can_be_viewed():
    one = Sequences(np.array([0, 2, 4]), {COURSES: np.array([5, 6, 7, 8], np.int32)})
    extreme = batches_of(one, cropped_to=0.01, masked=1.0, reordered=1.0)
    views = [view for epoch in range(9) for _, *two, _ in rows_of(extreme, epoch) for view in two]
    assert len(views) == 2 * 2 * 9
    assert all((view > 0).sum() == 1 for view in views)
