"""Several models' similar users in one list: what it lists, what it learns, and who is gone."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from generator.dataset.dataset import Dataset
from generator.evaluation.neighbours import share_in_common
from generator.evaluation.protocols import Split
from generator.evaluation.rehearsal import rehearsal_of
from generator.hybrids.ensemble_similar_users import EnsembleSimilarUsers
from generator.lists.candidates import Candidates
from generator.models.registry import model_class
from generator.nearest.top_n import TopN
from generator.reasons.reasons import no_reasons
from tests.datasets import make_dataset

TFIDF, KNN, _, ALS, *_ = EnsembleSimilarUsers.uses
USERS, DEPTH, TRIBES = 80, 12, 4


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """Users of four tribes, each with a course of their own and one of the tribe's."""
    views = [(user, f"own {user:02}", 60.0, "") for user in range(USERS)]
    views += [(user, f"tribe {user % TRIBES}", 600.0, "") for user in range(USERS)]
    return make_dataset(views=views, courses=[f"later {tribe}" for tribe in range(TRIBES)])


def by_lot(seed: int) -> np.ndarray:
    """int32 [users, DEPTH]: others, in a random order."""
    random = np.random.default_rng(seed)
    others = [np.setdiff1d(random.permutation(USERS), [user]) for user in range(USERS)]
    return np.stack([random.permutation(row)[:DEPTH] for row in others]).astype(np.int32)


def of_tribe(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    tribes = [np.setdiff1d(np.arange(u % TRIBES, USERS, TRIBES), [u]) for u in range(USERS)]
    return np.stack([random.permutation(row)[:DEPTH] for row in tribes]).astype(np.int32)


def candidates_with(lists: dict[str, np.ndarray], dataset: Dataset) -> Candidates:
    candidates = Candidates({"similar_users": list(lists)}, DEPTH)
    for handle, indices in lists.items():
        model = model_class(handle)()
        model.dataset = dataset
        scores = np.where(indices >= 0, np.linspace(1, 0.1, DEPTH), 0).astype(np.float32)
        known = np.flatnonzero((indices >= 0).any(axis=1)).astype(np.int32)
        top, why = TopN(indices[known], scores[known]), no_reasons(indices[known, :0])
        candidates.keep(model, "similar_users", known, top, why)
    return candidates


def fused(lists, dataset, hybrid=None) -> EnsembleSimilarUsers:
    return (hybrid or EnsembleSimilarUsers()).over(candidates_with(lists, dataset)).fit(dataset)


def later_course_of_the_tribe(dataset: Dataset) -> Split:
    held_out = np.zeros((USERS, len(dataset.courses)), bool)
    later = dataset.courses.index_of([f"later {user % TRIBES}" for user in range(USERS)])
    held_out[np.arange(USERS), later] = True
    return Split(dataset, sp.csr_matrix(held_out), "by hand")


def test_unless_it_learned_it_is_reciprocal_rank_fusion_with_equal_weights(dataset):
    lists = {KNN: by_lot(1), ALS: by_lot(2)}
    top = fused(lists, dataset).similar_users(range(USERS), 20)
    for user in range(USERS):
        expected = dict.fromkeys(range(USERS), 0.0)
        for indices in lists.values():
            for rank, other in enumerate(indices[user], start=1):
                expected[int(other)] += 60 / (59 + rank) / 2
        best = sorted(expected.values(), reverse=True)[:20]
        np.testing.assert_allclose(top.scores[user], best, rtol=1e-5)
        listed = top.indices[user] >= 0
        for other, score in zip(top.indices[user][listed], top.scores[user][listed], strict=True):
            assert expected[int(other)] == pytest.approx(score, rel=1e-5)


def test_who_is_known_to_one_model_has_the_list_of_that_model(dataset):
    lists = {KNN: by_lot(1), ALS: by_lot(2)}
    lists[KNN][:5] = -1
    top = fused(lists, dataset).similar_users(range(5), DEPTH)
    np.testing.assert_array_equal(top.indices, lists[ALS][:5])


def test_it_learns_whose_neighbours_take_up_the_same_courses_later(dataset):
    lists, split = {KNN: by_lot(1), ALS: of_tribe(2)}, later_course_of_the_tribe(dataset)
    rehearsal = rehearsal_of(split, candidates_with(lists, dataset), split.users, "similar_users")
    shares = {name: rehearsal.measure(row, split.held_out).mean() for name, row in lists.items()}
    assert shares[ALS] == 1
    assert shares[KNN] < 0.4
    untaught = fused(lists, dataset)
    learned = fused(lists, dataset, EnsembleSimilarUsers().learn(rehearsal))
    assert learned.measures[f"weight_{ALS}"] > 0.7
    in_common = [
        share_in_common(
            model.similar_users(range(USERS), 10).indices, split.held_out, split.held_out
        )
        for model in (untaught, learned)
    ]
    assert in_common[0].mean() < 0.9 < in_common[1].mean()


def test_a_part_of_the_users_is_enough_to_learn_from(dataset, monkeypatch):
    monkeypatch.setattr(EnsembleSimilarUsers, "learns_from", 20)
    lists, split = {KNN: by_lot(1), ALS: of_tribe(2)}, later_course_of_the_tribe(dataset)
    whole = rehearsal_of(split, candidates_with(lists, dataset), split.users, "similar_users")
    asked = []

    def measure(listed, held_out):
        asked.append(len(listed))
        return whole.measure(listed, held_out)

    hybrid = fused(lists, dataset, EnsembleSimilarUsers().learn(replace(whole, measure=measure)))
    assert set(asked) == {20}
    assert hybrid.measures[f"weight_{ALS}"] > 0.7


def test_weights_that_were_given_are_kept_whatever_the_rehearsal_says(dataset):
    lists, split = {KNN: by_lot(1), ALS: of_tribe(2)}, later_course_of_the_tribe(dataset)
    rehearsal = rehearsal_of(split, candidates_with(lists, dataset), split.users, "similar_users")
    hybrid = fused(lists, dataset, EnsembleSimilarUsers(weights={KNN: 1.0}).learn(rehearsal))
    np.testing.assert_array_equal(hybrid.similar_users(range(USERS), DEPTH).indices, lists[KNN])


def test_reasons_are_the_courses_that_both_viewed(dataset):
    model = fused({KNN: of_tribe(1), TFIDF: by_lot(2)}, dataset)
    listed = model.similar_users(range(USERS), 8).indices
    why = model.reasons("similar_users", range(USERS), listed)
    same = listed % TRIBES == np.arange(USERS)[:, None] % TRIBES
    np.testing.assert_array_equal(why.counts, same)
    named = dataset.courses.handles(why.indices[same][:, 0])
    tribe = np.repeat(np.arange(USERS) % TRIBES, same.sum(axis=1))
    assert named == [f"tribe {number}" for number in tribe]


def test_who_is_gone_leaves_no_gap_in_a_list_that_is_folded_in(dataset):
    lists = {KNN: by_lot(1)}
    model = fused(lists, dataset)
    gone = int(lists[KNN][7, 0])
    rows = [(u, f"own {u:02}", 60.0, "") for u in range(USERS)]
    rows += [(u, f"tribe {u % TRIBES}", 600.0, "") for u in range(USERS)]
    courses = dataset.courses.handles()
    data = make_dataset(views=[row for row in rows if row[0] != gone], courses=courses)
    after = model.fold_in(data)
    (user,) = data.users.index_of([7])
    listed = data.users.handles(after.similar_users([user], DEPTH - 1).indices[0])
    assert listed == [other for other in lists[KNN][7].tolist() if other != gone]
