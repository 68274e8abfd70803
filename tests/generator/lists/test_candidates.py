"""Deep lists on disk: what is kept, for whom, and what comes back."""

import os
import tempfile

import numpy as np
import pytest

from generator.lists.candidates import Candidates, DeepLists
from generator.lists.ranked import listed_block, ranked
from generator.models.carried import Carried
from generator.models.knn_collab_filtering_user_course_view import KnnUserCourseView
from generator.nearest.top_n import TopN
from generator.reasons.reasons import Reasons, no_reasons
from shared.errors import ModelError
from tests.datasets import make_dataset
from tests.planted import plant_tribes

KNN = KnnUserCourseView.handle
DEPTH = 12


def made_up(rows: int, depth: int, explained: int) -> tuple[TopN, Reasons]:
    random = np.random.default_rng(rows)
    indices = random.integers(0, 99, (rows, depth)).astype(np.int32)
    top = TopN(indices, random.random((rows, depth)).astype(np.float32))
    named = random.integers(0, 9, (rows, explained, 3)).astype(np.int32)
    shares = random.random((rows, explained, 3)).astype(np.float32)
    return top, Reasons(named, shares, named[:, :, 0].copy())


def rows_of(parts, rows):
    return type(parts)(*(part[rows] for part in parts))


def test_lists_come_back_for_any_subjects_in_any_order_and_padding_for_others():
    lists = DeepLists(10, 5, explained=2)
    top, why = made_up(4, 5, 2)
    kept = np.array([7, 1, 3, 9], np.int32)
    lists.keep(kept[:3], rows_of(top, slice(3)), rows_of(why, slice(3)))
    lists.keep(kept[3:], rows_of(top, slice(3, 4)), rows_of(why, slice(3, 4)))
    assert list(np.flatnonzero(lists.known)) == [1, 3, 7, 9]
    asked = np.array([9, 0, 1], np.int32)
    read, reasons = lists.of(asked), lists.why(asked)
    for part, of_all in zip((*read, *reasons), (*top, *why), strict=True):
        np.testing.assert_array_equal(part[[0, 2]], of_all[[3, 1]])
    assert (read.indices[1] == -1).all()
    assert (reasons.indices[1] == -1).all()
    assert not read.scores[1].any()
    assert not reasons.counts[1].any()


def test_lists_of_nobody_are_padding():
    assert (DeepLists(3, 5).of(np.array([0, 2], np.int32)).indices == -1).all()


def test_lists_that_were_taken_apart_are_the_same_when_put_together():
    lists = DeepLists(6, 5, 2, "watched_courses")
    lists.keep(np.array([4, 2], np.int32), *made_up(2, 5, 2))
    again = DeepLists.made_of(lists.arrays(), "watched_courses")
    everybody = np.arange(6, dtype=np.int32)
    for mine, theirs in ((lists.of, again.of), (lists.why, again.why)):
        for part, same in zip(mine(everybody), theirs(everybody), strict=True):
            np.testing.assert_array_equal(part, same)


def test_the_file_has_no_name_and_takes_its_place_in_the_folder_for_temporary_files(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    lists = DeepLists(1000, 100)
    lists.keep(np.arange(1000, dtype=np.int32), *made_up(1000, 100, 0))
    assert os.listdir(tmp_path) == []


def test_a_full_disk_is_said_with_its_cure(monkeypatch):
    lists = DeepLists(10, 5)

    class Full:
        def write(self, _):
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(lists, "_file", Full())
    with pytest.raises(ModelError, match=r"No space left on device.*set TMPDIR to a folder with"):
        lists.keep(np.arange(2, dtype=np.int32), *made_up(2, 5, 0))


@pytest.fixture(scope="module")
def knn():
    return KnnUserCourseView().fit(plant_tribes().dataset)


def test_published_and_evaluated_lists_leave_the_same_candidates(knn):
    subjects, explained = knn.known_users(), 3
    published, evaluated = (
        Candidates({"recommendations": [KNN]}, DEPTH, explained) for _ in range(2)
    )
    rows = listed_block(knn, "recommendations", subjects, 4, explained, published)
    listed = ranked(knn, "recommendations", subjects, 4, evaluated)
    bare = ranked(knn, "recommendations", subjects, 4)
    np.testing.assert_array_equal(listed, bare)
    assert [row.entries for row in rows] == [
        knn.dataset.courses.handles(entries[entries >= 0]) for entries in listed
    ]
    deep = [
        dict(candidates.lists("recommendations", [KNN]))[KNN]
        for candidates in (published, evaluated)
    ]
    expected = knn.recommend(subjects, DEPTH)
    for lists in deep:
        for part, same in zip(lists.of(subjects), expected, strict=True):
            np.testing.assert_array_equal(part, same)
        why = knn.reasons("recommendations", subjects, expected.indices[:, :explained])
        for part, same in zip(lists.why(subjects), why, strict=True):
            np.testing.assert_array_equal(part, same)


def test_what_no_hybrid_wants_is_not_kept(knn):
    candidates = Candidates({"similar_users": [KNN], "recommendations": ["another"]}, DEPTH)
    ranked(knn, "recommendations", knn.known_users(), 4, candidates)
    assert list(candidates.lists("recommendations", [KNN])) == []


def test_who_gets_no_entry_has_no_list(knn):
    candidates = Candidates({"recommendations": [KNN]}, DEPTH)
    everybody = np.arange(len(knn.dataset.users), dtype=np.int32)
    ranked(knn, "recommendations", everybody, 4, candidates)
    (lists,) = (lists for _, lists in candidates.lists("recommendations", [KNN]))
    np.testing.assert_array_equal(np.flatnonzero(lists.known), knn.known_users())


def test_a_model_that_broke_leaves_nothing_behind(knn):
    candidates = Candidates({"recommendations": [KNN]}, DEPTH)
    ranked(knn, "recommendations", knn.known_users(), 4, candidates)
    assert [handle for handle, _ in candidates.lists("recommendations", [KNN, "b"])] == [KNN]
    candidates.forget(KNN)
    assert list(candidates.lists("recommendations", [KNN])) == []


def test_no_reasons_are_kept_where_none_are_asked_for(knn):
    candidates = Candidates({"recommendations": [KNN]}, DEPTH)
    ranked(knn, "recommendations", knn.known_users(), 4, candidates)
    (lists,) = (lists for _, lists in candidates.lists("recommendations", [KNN]))
    assert lists.why(knn.known_users()[:2]).counts.shape == (2, 0)
    assert no_reasons(np.zeros((2, 0), np.int32)).indices.shape == (2, 0, 3)


def test_users_who_are_gone_leave_no_gap_and_their_places_no_wrong_reasons():
    everybody = make_dataset(views=[(user, "a", 60.0, "") for user in range(6)])
    fewer = make_dataset(views=[(user, "a", 60.0, "") for user in (0, 2, 3, 4, 5)])
    lists = DeepLists(6, 4, explained=2, reason_kind="shared_courses")
    top = TopN(np.array([[1, 3, 4, -1]], np.int32), np.array([[0.9, 0.8, 0.7, 0]], np.float32))
    shares = np.array([[[1, 0, 0], [0.5, 0, 0]]], np.float32)
    named = np.where(shares > 0, 0, -1).astype(np.int32)
    lists.keep(np.array([2], np.int32), top, Reasons(named, shares, np.array([[3, 2]], np.int32)))
    carried = lists.carried(Carried(everybody, fewer), np.ones(5, bool), "user")
    user = fewer.users.index_of([2])
    listed, why = carried.of(user), carried.why(user)
    assert fewer.users.handles(listed.indices[0, :2]) == [3, 4]
    assert (listed.indices[0, 2:] == -1).all()
    np.testing.assert_allclose(listed.scores[0], [0.8, 0.7, 0, 0], rtol=1e-6)
    assert why.counts[0].tolist() == [2, 0]
    assert why.shares[0, :, 0].tolist() == [0.5, 0]
    assert why.indices[0, :, 0].tolist() == [0, -1]
