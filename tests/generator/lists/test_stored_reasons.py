from dataclasses import replace

import numpy as np
import pytest

from generator.lists.stored_reasons import stored_reasons
from generator.reasons.naming import names_of
from generator.reasons.reasons import Reasons, no_reasons
from shared.records import ListReasons, unpacked
from tests.datasets import make_dataset

DATA = make_dataset(
    interests=[(10, "aws"), (10, "flask"), (20, "aws"), (20, "flask"), (30, "aws")],
    views=[(10, "x", 60.0, ""), (10, "y", 90.4, ""), (20, "x", 600.0, ""), (30, "y", 1.6, "")],
)


def named(kind, indices):
    return names_of(kind, indices, DATA)


def reasons_by_hand() -> tuple[Reasons, np.ndarray]:
    """User 10 has two reasons for user 20 and one for user 30; user 20 has one for user 10."""
    listed = np.array([[1, 2], [0, -1]], np.int32)
    reasons = no_reasons(listed)
    reasons.indices[0, 0, :2], reasons.shares[0, 0, :2] = [1, 0], [0.626, 0.374]
    reasons.indices[0, 1, 0], reasons.shares[0, 1, 0] = 1, 1
    reasons.indices[1, 0, 0], reasons.shares[1, 0, 0] = 0, 1
    reasons.counts[:] = [[5, 1], [1, 0]]
    return reasons, listed


@pytest.mark.parametrize("kind", ["shared_tags", "followed_tags"])
def test_tags_are_named_once_and_pointed_at(kind):
    reasons, listed = reasons_by_hand()
    users = np.array([0, 1], np.int32)
    assert stored_reasons(kind, reasons, users, listed, DATA, named) == [
        ListReasons(["aws", "flask"], [], [[5, 1, 63, 0, 37], [1, 1, 100]]),
        ListReasons(["aws"], [], [[1, 0, 100]]),
    ]


def test_shared_courses_carry_the_view_times_of_both():
    reasons, listed = reasons_by_hand()
    users = np.array([0, 1], np.int32)
    assert stored_reasons("shared_courses", reasons, users, listed, DATA, named) == [
        ListReasons(["x", "y"], [60, 90], [[5, 1, 63, 0, 0, 37, 600], [1, 1, 100, 2]]),
        ListReasons(["x"], [600], [[1, 0, 100, 60]]),
    ]


@pytest.mark.parametrize("kind", ["shared_courses", "watched_courses"])
def test_view_times_that_were_not_measured_are_neither_stored_nor_read(kind):
    reasons, listed = reasons_by_hand()
    weights = replace(DATA, view_times_are_measured=False)
    (first, _) = stored_reasons(kind, reasons, np.array([0, 1], np.int32), listed, weights, named)
    assert first.seconds == []
    (strongest, _) = unpacked(kind, first, 0).strongest
    assert (strongest.name, strongest.seconds) == ("y", None)
    assert strongest.listed_user_seconds is None


def test_neighbours_are_named_by_their_handle():
    reasons, listed = reasons_by_hand()
    (first, _) = stored_reasons(
        "neighbours", reasons, np.array([0, 1], np.int32), listed, DATA, named
    )
    assert first == ListReasons([10, 20], [], [[5, 1, 63, 0, 37], [1, 1, 100]])


def test_entries_without_reasons_count_none():
    listed = np.array([[1, 2]], np.int32)
    (stored,) = stored_reasons(
        "shared_tags", no_reasons(listed), np.array([0]), listed, DATA, named
    )
    assert stored == ListReasons([], [], [[0], [0]])
