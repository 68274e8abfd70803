"""One list of several models' lists: whom it knows, what it lists, and what it learns."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from generator.evaluation.metrics import hits_of, ndcg
from generator.hybrids.base import Rehearsal
from generator.hybrids.union import comparable, union_of
from generator.hybrids.weighted_hybrid import WeightedHybrid
from generator.lists.candidates import Candidates
from generator.nearest.top_n import PADDING, TopN
from generator.reasons.reasons import no_reasons
from shared.errors import SettingsError
from tests.datasets import make_dataset

POPULAR = "popular_course_view"
KNN, ALS, EASE = WeightedHybrid.uses[1], WeightedHybrid.uses[3], WeightedHybrid.uses[4]
USERS, COURSES, LENGTH, DEPTH = 60, 30, 10, 12


class Listed:
    """A model that has listed; what `Candidates.keep` looks at."""

    def __init__(self, handle, dataset):
        self.handle, self.dataset, self.reason_kinds = handle, dataset, {}


def dataset_of_idle_users():
    """Nobody has seen much, so that lists may hold whatever a test puts there."""
    views = [(user, f"c{COURSES + user % 2:02}", 60.0, "") for user in range(USERS)]
    return make_dataset(views=views, courses=[f"c{course:02}" for course in range(COURSES)])


def candidates_with(lists: dict[str, np.ndarray], dataset=None) -> Candidates:
    """lists: handle -> int32 [users, DEPTH]; scores fall by rank."""
    candidates = Candidates({"recommendations": list(lists)}, DEPTH)
    dataset = dataset or dataset_of_idle_users()
    for handle, indices in lists.items():
        scores = np.where(indices >= 0, 1 / np.arange(1, DEPTH + 1), 0).astype(np.float32)
        known = np.flatnonzero((indices >= 0).any(axis=1)).astype(np.int32)
        top = TopN(indices[known], scores[known])
        candidates.keep(
            Listed(handle, dataset), "recommendations", known, top, no_reasons(indices[known, :0])
        )
    return candidates


def by_lot(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.stack([random.permutation(COURSES)[:DEPTH] for _ in range(USERS)]).astype(np.int32)


def taken_up(good: np.ndarray):
    """bool [users, courses]: of each user the first three that a good model lists."""
    held_out = np.zeros((USERS, COURSES + 2), bool)
    np.put_along_axis(held_out, good[:, :3], True, axis=1)
    return sp.csr_matrix(held_out)


def rehearsal(lists: dict[str, np.ndarray], good: np.ndarray) -> Rehearsal:
    def measure(listed, held_out):
        return ndcg(hits_of(listed, held_out), LENGTH)

    everybody = np.arange(USERS, dtype=np.int32)
    dataset = dataset_of_idle_users()
    return Rehearsal(candidates_with(lists), everybody, taken_up(good), measure, dataset)


def fitted(lists, hybrid=None, dataset=None) -> WeightedHybrid:
    dataset = dataset or dataset_of_idle_users()
    hybrid = hybrid or WeightedHybrid()
    return hybrid.over(candidates_with(lists, dataset)).fit(dataset)


def test_it_learns_which_model_is_right_and_which_lists_by_lot():
    good = by_lot(0)
    lists = {KNN: by_lot(1), ALS: good, EASE: by_lot(2)}
    hybrid = fitted(lists, WeightedHybrid().learn(rehearsal(lists, good)))
    weights = hybrid.measures
    assert weights[f"weight_{ALS}"] > 0.8
    assert sum(weights.values()) == pytest.approx(1, abs=1e-3)


@pytest.mark.parametrize(("of_the_first", "is_learned"), [(5.0, False), (0.2, True)])
def test_what_one_user_gains_changes_no_weight_and_what_all_gain_does(of_the_first, is_learned):
    lists = {KNN: by_lot(1), ALS: by_lot(2)}
    gains = np.full(USERS, 0.2 if is_learned else -0.05)
    gains[0] = of_the_first
    assert gains.mean() > 0

    def measure(listed, _):
        return np.where((listed == lists[ALS][:, :LENGTH]).all(axis=1), gains, 0)

    lesson = replace(rehearsal(lists, by_lot(0)), measure=measure)
    weights = fitted(lists, WeightedHybrid().learn(lesson)).measures
    assert (weights == {f"weight_{KNN}": 0.5, f"weight_{ALS}": 0.5}) is not is_learned


def test_two_models_that_know_half_each_are_both_kept_and_better_than_either():
    good = by_lot(0)
    lists = {KNN: by_lot(1), ALS: by_lot(2)}
    for handle, place in ((KNN, 0), (ALS, 1)):
        for user in range(USERS):
            others = np.setdiff1d(lists[handle][user], good[user, :3])[: DEPTH - 3]
            row = [good[user, place], *others]
            lists[handle][user] = row + [PADDING] * (DEPTH - len(row))
    lesson = rehearsal(lists, good)
    hybrid = fitted(lists, WeightedHybrid().learn(lesson))
    assert min(hybrid.measures.values()) > 0.2
    reached = {
        handle: lesson.measure(indices[:, :LENGTH], lesson.held_out).mean()
        for handle, indices in lists.items()
    }
    blended = lesson.measure(hybrid.recommend(lesson.users, LENGTH).indices, lesson.held_out)
    assert blended.mean() > 1.2 * max(reached.values())


def test_lists_are_the_best_of_the_blended_scores_by_brute_force():
    lists = {KNN: by_lot(3), ALS: by_lot(4)}
    hybrid = fitted(lists, WeightedHybrid(weights={KNN: 1, ALS: 3}))
    top = hybrid.recommend(np.arange(USERS), LENGTH)
    scores = {h: 1 / np.arange(1, DEPTH + 1, dtype=np.float32) for h in lists}
    tops = [TopN(lists[h], np.tile(scores[h], (USERS, 1))) for h in lists]
    union = union_of(tops, "z-score")
    blended = union.blended(np.array([[1], [3]], np.float32))
    for user in range(USERS):
        best = sorted(zip(-blended[user], union.entries[user], strict=True))[:LENGTH]
        np.testing.assert_allclose(top.scores[user], [-score for score, _ in best], atol=1e-5)


def test_beside_a_network_whose_scores_are_logits_the_others_count_by_their_logarithms():
    network = "lstm_course_sequence"
    lists = {KNN: by_lot(1), network: by_lot(2)}
    hybrid = fitted(lists, WeightedHybrid(weights={KNN: 0.3, network: 0.7}))
    users = hybrid.known_users()
    knn, logits = (of_model.of(users) for of_model in hybrid._lists.values())
    assert list(hybrid._lists) == [KNN, network]
    union = union_of([knn._replace(scores=np.log(knn.scores)), logits], "z-score")
    expected = union.blended(np.array([[0.3], [0.7]], np.float32))
    top = hybrid.recommend(users, 5)
    np.testing.assert_allclose(top.scores, -np.sort(-expected, axis=1)[:, :5], atol=1e-5)


def test_a_user_whom_only_some_models_know_gets_their_list_unchanged():
    lists = {KNN: by_lot(5), ALS: by_lot(6)}
    lists[KNN][0], lists[ALS][1], lists[KNN][2], lists[ALS][2] = (PADDING,) * 4
    hybrid = fitted(lists, WeightedHybrid(weights={KNN: 0.01, ALS: 1}))
    listed = hybrid.recommend([0, 1, 2], LENGTH).indices
    np.testing.assert_array_equal(listed[0], lists[ALS][0, :LENGTH])
    np.testing.assert_array_equal(listed[1], lists[KNN][1, :LENGTH])
    assert (listed[2] == PADDING).all()
    assert 2 not in hybrid.known_users()


def test_a_model_without_weight_counts_only_where_no_other_knows_the_user():
    lists = {KNN: by_lot(5), ALS: by_lot(6)}
    lists[ALS][7] = PADDING
    hybrid = fitted(lists, WeightedHybrid(weights={ALS: 1}))
    listed = hybrid.recommend(np.arange(USERS), LENGTH).indices
    np.testing.assert_array_equal(listed[7], lists[KNN][7, :LENGTH])
    others = np.delete(np.arange(USERS), 7)
    np.testing.assert_array_equal(listed[others], lists[ALS][others, :LENGTH])


def test_weights_that_are_given_are_not_learned():
    good = by_lot(0)
    lists = {KNN: by_lot(1), ALS: good}
    hybrid = WeightedHybrid(weights={KNN: 3, ALS: 1}).learn(rehearsal(lists, good))
    assert fitted(lists, hybrid).measures == {f"weight_{KNN}": 0.75, f"weight_{ALS}": 0.25}


def test_a_weight_below_zero_or_of_what_has_no_lists_of_its_own_is_refused():
    with pytest.raises(SettingsError, match="weights"):
        WeightedHybrid(weights={KNN: -1})
    for handle in ("no_such_model", "weighted_hybrid", "ensemble_similar_users"):
        with pytest.raises(SettingsError, match=f"'{handle}' is no model with recommendations"):
            WeightedHybrid(weights={handle: 1})


def test_a_model_that_has_a_weight_is_a_part_beside_those_that_are_without_being_asked_for():
    hybrid = WeightedHybrid(weights={POPULAR: 1, KNN: 2})
    assert hybrid.uses == (*WeightedHybrid.uses, POPULAR)
    assert WeightedHybrid(components=[POPULAR, KNN, KNN]).uses == (POPULAR, KNN)


def test_whom_only_a_ranking_for_everybody_lists_is_unknown_beside_a_personal_model():
    lists = {KNN: by_lot(1), POPULAR: by_lot(2)}
    lists[KNN][0] = PADDING
    hybrid = fitted(lists, WeightedHybrid(components=[KNN, POPULAR]))
    assert 0 not in hybrid.known_users()
    assert len(hybrid.known_users()) == USERS - 1
    both = union_of(
        [of_model.of(hybrid.known_users()) for of_model in hybrid._lists.values()], "z-score"
    )
    assert hybrid.recommend([1], LENGTH).scores[0, 0] == pytest.approx(both.scores.mean(0)[0].max())


def test_without_a_single_list_there_is_nobody_that_it_knows(tmp_path):
    hybrid = WeightedHybrid().over(Candidates({}, DEPTH)).fit(dataset_of_idle_users())
    hybrid.save(tmp_path)
    for model in (hybrid, WeightedHybrid.load(tmp_path, hybrid.dataset)):
        assert not len(model.known_users())
        assert (model.recommend(range(USERS), LENGTH).indices == PADDING).all()
        assert model.measures == {}


def test_whoever_is_new_or_changed_has_no_list_until_the_components_bring_one():
    lists = {KNN: by_lot(5), ALS: by_lot(6)}
    before = dataset_of_idle_users()
    views = [(user, f"c{COURSES + user % 2:02}", 60.0, "") for user in range(USERS + 1)]
    views.append((3, f"c{COURSES + 1}" if 3 % 2 == 0 else f"c{COURSES}", 60.0, ""))
    after = make_dataset(views=views, courses=[f"c{course:02}" for course in range(COURSES)])
    hybrid = fitted(lists, dataset=before)
    expected = hybrid.recommend(np.arange(USERS), LENGTH)
    hybrid.fold_in(after)
    others = np.delete(np.arange(USERS), 3)
    assert hybrid.known_users().tolist() == others.tolist()
    for part, same in zip(hybrid.recommend(others, LENGTH), expected, strict=True):
        np.testing.assert_array_equal(part, same[others])
    new = {handle: np.vstack([indices, indices[:1]])[:, ::-1] for handle, indices in lists.items()}
    brought = fitted(lists, dataset=before).over(candidates_with(new, after)).fold_in(after)
    assert brought.known_users().tolist() == list(range(USERS + 1))
    for part, same in zip(brought.recommend(others, LENGTH), expected, strict=True):
        np.testing.assert_array_equal(part, same[others])
    alone = fitted(new, dataset=after).recommend([3, USERS], LENGTH)
    np.testing.assert_array_equal(brought.recommend([3, USERS], LENGTH).indices, alone.indices)


def test_an_entry_has_the_reasons_of_the_explaining_model_that_counts_most_for_it():
    dataset, everybody = dataset_of_idle_users(), np.arange(USERS, dtype=np.int32)
    candidates = Candidates({"recommendations": [KNN, ALS, EASE]}, DEPTH)
    kinds = {KNN: "watched_courses", ALS: "watched_courses", EASE: "neighbours"}
    for number, (handle, kind) in enumerate(kinds.items(), 1):
        indices = by_lot(number)
        model = Listed(handle, dataset)
        model.reason_kinds = {"recommendations": kind}
        why = no_reasons(indices[:, :LENGTH])
        why.indices[..., 0], why.shares[..., 0], why.counts[:] = number, 1, number
        scores = np.tile(1 / np.arange(1, DEPTH + 1, dtype=np.float32), (USERS, 1))
        candidates.keep(model, "recommendations", everybody, TopN(indices, scores), why)
    hybrid = WeightedHybrid(weights={KNN: 1, ALS: 1.5, EASE: 9}).over(candidates).fit(dataset)
    listed = hybrid.recommend(everybody, LENGTH).indices
    counts = hybrid.reasons("recommendations", everybody, listed).counts
    knn, als = (by_lot(number)[:, :LENGTH].tolist() for number in (1, 2))
    falling = comparable(TopN(by_lot(1), scores), "z-score")[0]
    for user, entry in np.ndindex(*listed.shape):
        course = listed[user, entry]
        of_knn = falling[knn[user].index(course)] if course in knn[user] else 0
        of_als = 1.5 * falling[als[user].index(course)] if course in als[user] else 0
        expected = 0 if of_knn == of_als == 0 else 1 if of_knn >= of_als else 2
        assert counts[user, entry] == expected
    assert set(counts.ravel()) == {0, 1, 2}
