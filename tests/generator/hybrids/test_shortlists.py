"""What a ranker looks at: the best of the blend, and what each model says of it."""

import numpy as np

from generator.hybrids.shortlists import CONSIDERED, Shortlists
from generator.nearest.top_n import PADDING
from generator.ranking import listed_features
from tests.generator.hybrids.test_weighted_hybrid import (
    ALS,
    KNN,
    LENGTH,
    USERS,
    by_lot,
    candidates_with,
    fitted,
)

EVERYBODY = np.arange(USERS, dtype=np.int32)


def shortlists(lists: dict, missing: str | None = None) -> Shortlists:
    kept = dict(candidates_with(lists).lists("recommendations", list(lists)))
    of_all = {handle: None if handle == missing else kept[handle] for handle in lists}
    return Shortlists(of_all, "recommendations", "z-score", np.full(len(lists), 0.5, np.float32))


def told(shortlist, lists: dict) -> dict[str, np.ndarray]:
    return dict(zip(listed_features.names(list(lists)), shortlist.listed, strict=True))


def test_they_begin_with_what_a_blend_lists_and_hold_all_that_is_listed():
    lists = {KNN: by_lot(1), ALS: by_lot(2)}
    courses = shortlists(lists).of(EVERYBODY).courses
    assert courses.shape == (USERS, CONSIDERED)
    blend = fitted(lists).recommend(EVERYBODY, LENGTH)
    first = told(shortlists(lists).of(EVERYBODY), lists)["blend"][:, :LENGTH]
    np.testing.assert_allclose(first, blend.scores, atol=1e-5)
    for user in range(USERS):
        listed = courses[user, courses[user] >= 0].tolist()
        assert sorted(listed) == sorted({*lists[KNN][user], *lists[ALS][user]})


def test_ranks_and_scores_are_those_of_each_model_and_unknown_where_it_does_not_know_the_user():
    lists = {KNN: by_lot(1), ALS: by_lot(2)}
    lists[ALS][0] = PADDING
    shortlist = shortlists(lists).of(EVERYBODY)
    features = told(shortlist, lists)
    assert np.isnan(features[f"score_{ALS}"][0]).all()
    assert not np.isnan(features[f"score_{ALS}"][1:]).any()
    for user in (0, 1, 7):
        by_rank = dict(zip(lists[KNN][user].tolist(), 10 / (10 + np.arange(99.0)), strict=False))
        wanted = [by_rank.get(course, 0) for course in shortlist.courses[user].tolist()]
        np.testing.assert_allclose(features[f"rank_{KNN}"][user], wanted, rtol=1e-5)


def test_of_a_model_that_did_not_run_nothing_is_known():
    lists = {KNN: by_lot(1), ALS: by_lot(2)}
    shortlist = shortlists(lists, missing=ALS).of(EVERYBODY)
    features = told(shortlist, lists)
    assert np.isnan(features[f"score_{ALS}"]).all()
    assert np.isnan(features[f"rank_{ALS}"]).all()
    best = shortlist.courses[:, : lists[KNN].shape[1]]
    np.testing.assert_array_equal(best, lists[KNN])
