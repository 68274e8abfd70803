"""One list of several models' lists, by how much is known of a user: who carries whom."""

import numpy as np
import pytest
import scipy.sparse as sp

from generator.evaluation.metrics import hits_of, ndcg
from generator.hybrids.base import Rehearsal
from generator.hybrids.progressive_hybrid import ProgressiveHybrid
from generator.hybrids.weighted_hybrid import WeightedHybrid
from generator.nearest.top_n import PADDING
from tests.datasets import make_dataset
from tests.generator.hybrids.test_weighted_hybrid import candidates_with

TEXT, KNN = "tfidf_course_text", "knn_collab_filtering_user_course_view"
USERS, NEW, COURSES, DEPTH, LENGTH = 500, 250, 40, 12, 10
EVERYBODY = np.arange(USERS, dtype=np.int32)
IS_NEW = EVERYBODY < NEW


@pytest.fixture(scope="module")
def dataset():
    """The new have viewed one course, the others 25; none of these is in anybody's list."""
    views = [(user, "seen 00", 60.0, "") for user in range(NEW)]
    views += [(user, f"seen {c:02}", 60.0, "") for user in range(NEW, USERS) for c in range(25)]
    return make_dataset(views=views, courses=[f"c{course:02}" for course in range(COURSES)])


def by_lot(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.stack([random.permutation(COURSES)[:DEPTH] for _ in range(USERS)]).astype(np.int32)


GOOD = by_lot(0)
LISTS = {
    TEXT: np.where(IS_NEW[:, None], GOOD, by_lot(1)),
    KNN: np.where(IS_NEW[:, None], by_lot(2), GOOD),
}
"""Content is right for the new, and collaboration for the known."""


def rehearsal(dataset, users=EVERYBODY) -> Rehearsal:
    held_out = np.zeros((USERS, len(dataset.courses)), bool)
    np.put_along_axis(held_out, GOOD[:, :3], True, axis=1)

    def measure(listed, held_out):
        return ndcg(hits_of(listed, held_out), LENGTH)

    taken_up = sp.csr_matrix(held_out[users])
    return Rehearsal(candidates_with(LISTS, dataset), users, taken_up, measure, dataset)


def fitted(dataset, hybrid, lists=LISTS):
    return hybrid.over(candidates_with(lists, dataset)).fit(dataset)


@pytest.fixture(scope="module")
def learned(dataset):
    hybrid = ProgressiveHybrid(components=[TEXT, KNN])
    return fitted(dataset, hybrid.learn(rehearsal(dataset)))


def reached(dataset, hybrid) -> np.ndarray:
    lesson = rehearsal(dataset)
    return lesson.measure(hybrid.recommend(EVERYBODY, LENGTH).indices, lesson.held_out)


def test_content_carries_the_new_and_collaboration_the_known(dataset, learned):
    lesson = WeightedHybrid(components=[TEXT, KNN]).learn(rehearsal(dataset))
    same_for_all = reached(dataset, fitted(dataset, lesson))
    progressive = reached(dataset, learned)
    for group in (IS_NEW, ~IS_NEW):
        assert progressive[group].mean() > same_for_all[group].mean() + 0.1
    parts = learned.measures
    assert parts["collaborative_1"] < 0.35
    assert parts["collaborative_over_20"] > 0.65
    assert parts["collaborative_1"] <= parts["collaborative_3_to_5"]
    assert parts["collaborative_3_to_5"] <= parts["collaborative_over_20"]


def test_of_two_models_that_are_right_the_wrong_way_round_no_part_falls(dataset):
    around = {TEXT: LISTS[KNN], KNN: LISTS[TEXT]}
    lesson = rehearsal(dataset)
    lesson = Rehearsal(
        candidates_with(around, dataset), EVERYBODY, lesson.held_out, lesson.measure, dataset
    )
    hybrid = ProgressiveHybrid(components=[TEXT, KNN]).learn(lesson)
    parts = fitted(dataset, hybrid, around).measures
    assert parts["collaborative_1"] == pytest.approx(parts["collaborative_over_20"], abs=1e-3)


def test_a_user_whom_a_model_does_not_know_gets_the_others_list_unchanged(dataset, learned):
    lists = {handle: indices.copy() for handle, indices in LISTS.items()}
    lists[TEXT][0] = lists[KNN][NEW] = PADDING
    hybrid = ProgressiveHybrid(components=[TEXT, KNN]).learn(rehearsal(dataset))
    listed = fitted(dataset, hybrid, lists).recommend([0, NEW], LENGTH).indices
    np.testing.assert_array_equal(listed[0], LISTS[KNN][0, :LENGTH])
    np.testing.assert_array_equal(listed[1], LISTS[TEXT][NEW, :LENGTH])


def test_bins_without_users_have_the_weights_of_the_nearest(dataset):
    hybrid = ProgressiveHybrid(components=[TEXT, KNN])
    hybrid.learn(rehearsal(dataset, EVERYBODY[~IS_NEW]))
    parts = fitted(dataset, hybrid).measures
    assert parts["collaborative_1"] == parts["collaborative_over_20"] > 0.65


def test_without_a_rehearsal_all_count_alike(dataset):
    hybrid = fitted(dataset, ProgressiveHybrid(components=[TEXT, KNN]))
    assert hybrid.measures == {f"weight_{TEXT}": 0.5, f"weight_{KNN}": 0.5}
    alike = fitted(dataset, WeightedHybrid(components=[TEXT, KNN]))
    for part, same in zip(
        hybrid.recommend(EVERYBODY, LENGTH), alike.recommend(EVERYBODY, LENGTH), strict=True
    ):
        np.testing.assert_array_equal(part, same)


def test_a_model_that_the_rehearsal_had_and_the_run_has_not_is_left_out(dataset):
    hybrid = ProgressiveHybrid(components=[TEXT, KNN]).learn(rehearsal(dataset))
    alone = fitted(dataset, hybrid, {KNN: LISTS[KNN]})
    np.testing.assert_array_equal(
        alone.recommend(EVERYBODY, LENGTH).indices, LISTS[KNN][:, :LENGTH]
    )


def test_what_it_learned_is_kept(dataset, learned, tmp_path):
    learned.save(tmp_path)
    loaded = ProgressiveHybrid.load(tmp_path, dataset)
    assert loaded.measures == learned.measures
    for part, same in zip(
        loaded.recommend(EVERYBODY, LENGTH), learned.recommend(EVERYBODY, LENGTH), strict=True
    ):
        np.testing.assert_array_equal(part, same)
