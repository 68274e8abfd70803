"""Trees over several models' lists: what they find, what they keep, and when they stay out."""

import sys
from dataclasses import replace

import numpy as np
import pytest
import scipy.sparse as sp

from generator.evaluation.metrics import hits_of, ndcg
from generator.hybrids import ranker_lessons
from generator.hybrids.base import Rehearsal
from generator.hybrids.lightgbm_ranker import FEWEST_USERS, LightgbmRanker
from generator.hybrids.weighted_hybrid import WeightedHybrid
from generator.nearest.top_n import PADDING
from shared.errors import ModelError
from tests.datasets import make_dataset
from tests.generator.hybrids.test_weighted_hybrid import candidates_with

KNN, ALS = "knn_collab_filtering_user_course_view", "als_collab_filtering_user_course_view"
FOUND_BY_CHANCE = 3
USERS, COURSES, TAGS, DEPTH, LENGTH = 200, 60, 6, 12, 10
EVERYBODY = np.arange(USERS, dtype=np.int32)
QUICK = {"components": [KNN, ALS], "trees": 60, "learning_rate": 0.1, "leaves": 4}


def platform(new_users=()):
    """Everybody follows one tag, and courses carry one; some viewed them, nobody of those asked."""
    random = np.random.default_rng(5)
    courses = [f"c{course:02}" for course in range(COURSES)]
    views = [(user, "seen", 60.0, "") for user in [*range(USERS), *new_users]]
    views += [(user, course, 60.0, "") for user in new_users for course in courses[:20]]
    views += [(1000 + n, c, 60.0, "") for c in courses for n in range(random.integers(1, 40))]
    follows = [(user, f"tag {user % TAGS}") for user in [*range(USERS), *new_users]]
    carries = [(course, f"tag {place % TAGS}") for place, course in enumerate(courses)]
    return make_dataset(interests=follows, views=views, course_tags=carries, courses=courses)


@pytest.fixture(scope="module")
def dataset():
    return platform()


def by_lot(seed: int) -> np.ndarray:
    random = np.random.default_rng(seed)
    return np.stack([random.permutation(COURSES)[:DEPTH] for _ in range(USERS)]).astype(np.int32)


LISTS = {KNN: by_lot(1), ALS: by_lot(2)}


def candidates(dataset, lists=LISTS):
    """Of the first users; all others are not listed."""
    others = np.full((len(dataset.users) - USERS, DEPTH), PADDING, np.int32)
    return candidates_with({name: np.vstack([of, others]) for name, of in lists.items()}, dataset)


def measure(listed, held_out):
    return ndcg(hits_of(listed, held_out), LENGTH)


def rehearsal(dataset, good: np.ndarray, users=EVERYBODY) -> Rehearsal:
    """good: float [users, courses]; each took up the best of those that are listed to them."""
    held_out = np.zeros((USERS, len(dataset.courses)), bool)
    for user in range(USERS):
        listed = np.union1d(LISTS[KNN][user], LISTS[ALS][user])
        held_out[user, listed[np.argmax(good[user, listed])]] = True
    return Rehearsal(candidates(dataset), users, sp.csr_matrix(held_out[users]), measure, dataset)


def by_tags(dataset) -> np.ndarray:
    return (dataset.interests[:USERS] @ dataset.course_tags.T).toarray()


def by_viewers(dataset) -> np.ndarray:
    return np.tile(dataset.viewers.astype(float), (USERS, 1))


@pytest.fixture(scope="module")
def learned(dataset):
    ranker = LightgbmRanker(**QUICK).learn(rehearsal(dataset, by_tags(dataset)))
    return ranker.over(candidates(dataset)).fit(dataset)


def lists_of(model):
    return model.recommend(EVERYBODY, LENGTH)


def assert_same(top, other):
    for part, same in zip(top, other, strict=True):
        np.testing.assert_array_equal(part, same)


@pytest.mark.parametrize(
    ("good", "feature"), [(by_tags, "tags_followed"), (by_viewers, "popularity")]
)
def test_where_one_feature_predicts_it_is_the_most_important_and_what_it_says_comes_first(
    dataset, good, feature
):
    lesson = rehearsal(dataset, good(dataset))
    ranker = LightgbmRanker(**QUICK).learn(lesson).over(candidates(dataset)).fit(dataset)
    gains = {name: of for name, of in ranker.measures.items() if name.startswith("importance_")}
    assert max(gains, key=gains.get) == f"importance_{feature}"
    assert gains[f"importance_{feature}"] > 0.6
    reached = measure(lists_of(ranker).indices, lesson.held_out).mean()
    blend = WeightedHybrid(components=[KNN, ALS]).over(candidates(dataset)).fit(dataset)
    assert reached > measure(lists_of(blend).indices, lesson.held_out).mean() + 0.25
    figures = ranker.measures
    assert figures["held_out_ndcg_at_10"] > figures["held_out_ndcg_at_10_of_the_blend"]


def ladders():
    """Of each of three tags everybody has completed a first or a second level, by lot."""
    random = np.random.default_rng(8)
    views, completions, reached = [], [], np.full((USERS, TAGS), -1)
    for user in range(USERS):
        for tag in random.choice(TAGS, 3, replace=False).tolist():
            reached[user, tag] = random.integers(2)
            completions += [(user, f"s{tag}{level}") for level in range(reached[user, tag] + 1)]
    views = [(user, course, 60.0, f"level {course[2]}") for user, course in completions]
    every = sorted(range(COURSES), key=lambda course: course // TAGS % 3)
    for other in range(1000, 1040):
        some = [course for course in every if random.random() < 0.5]
        views += [(other, f"c{c:02}", 60.0, f"level {c // TAGS % 3}") for c in some]
    views.sort(key=lambda view: (view[0], view[3]))
    carries = [(f"c{course:02}", f"tag {course % TAGS}") for course in range(COURSES)]
    carries += [(f"s{tag}{level}", f"tag {tag}") for tag in range(TAGS) for level in range(3)]
    return make_dataset(views=views, course_tags=carries, completions=completions), reached


def test_where_the_next_level_of_what_was_completed_predicts_alone_it_is_learned():
    data, reached = ladders()
    next_level = reached[:, np.arange(COURSES) % TAGS] + 1
    is_next = (next_level > 0) & (next_level == np.arange(COURSES) // TAGS % 3)
    good = np.zeros((USERS, len(data.courses)))
    good[:, :COURSES] = is_next + 0.5 * np.random.default_rng(2).random(is_next.shape)
    lesson = rehearsal(data, good)
    ranker = LightgbmRanker(**QUICK).learn(lesson).over(candidates(data)).fit(data)
    gains = {name: of for name, of in ranker.measures.items() if name.startswith("importance_")}
    assert max(gains, key=gains.get) == "importance_level_gap"
    assert gains["importance_level_gap"] > 0.5
    figures = ranker.measures
    assert figures["held_out_ndcg_at_10"] > figures["held_out_ndcg_at_10_of_the_blend"] + 0.15


def test_only_what_a_component_lists_is_ranked(learned):
    for user, row in enumerate(lists_of(learned).indices):
        assert set(row[row >= 0]) <= {*LISTS[KNN][user], *LISTS[ALS][user]}


def test_the_same_lesson_grows_the_same_trees_in_the_format_of_lightgbm(dataset, learned):
    again = LightgbmRanker(**QUICK).learn(rehearsal(dataset, by_tags(dataset)))
    assert again._text_of_trees == learned._text_of_trees
    assert learned._text_of_trees.startswith("tree\nversion=")


def test_what_it_learned_is_kept(dataset, learned, tmp_path):
    learned.save(tmp_path)
    loaded = LightgbmRanker.load(tmp_path, dataset)
    assert loaded.measures == learned.measures
    assert_same(lists_of(loaded), lists_of(learned))


def test_whoever_is_folded_in_changes_no_list_of_others(dataset, tmp_path):
    ranker = LightgbmRanker(**QUICK).learn(rehearsal(dataset, by_viewers(dataset)))
    ranker.over(candidates(dataset)).fit(dataset).save(tmp_path)
    after = platform(new_users=range(500, 540))
    folded = LightgbmRanker.load(tmp_path, dataset).fold_in(after)
    users = after.users.index_of(dataset.users.handles(EVERYBODY))
    assert_same(folded.recommend(users, LENGTH), lists_of(ranker))
    new = after.users.index_of(range(500, 540))
    assert not np.isin(new, folded.known_users()).any()


def test_a_block_of_users_is_ranked_as_each_alone(learned):
    together = lists_of(learned)
    for user in range(0, USERS, 50):
        assert_same(
            [part[0] for part in learned.recommend([user], LENGTH)],
            [part[user] for part in together],
        )


def test_a_component_that_does_not_run_any_more_is_unknown_to_the_trees(dataset):
    ranker = LightgbmRanker(**QUICK).learn(rehearsal(dataset, by_tags(dataset)))
    alone = ranker.over(candidates(dataset, {KNN: LISTS[KNN]})).fit(dataset)
    top = alone.recommend(EVERYBODY, DEPTH).indices
    np.testing.assert_array_equal(np.sort(top), np.sort(LISTS[KNN]))
    followed = np.take_along_axis(by_tags(dataset), top, axis=1)
    assert followed[:, 0].mean() > followed[:, -1].mean() + 0.5


def test_from_next_to_nobody_nothing_is_learned_and_the_order_is_the_blends(dataset):
    few = EVERYBODY[: FEWEST_USERS - 1]
    lesson = rehearsal(dataset, by_tags(dataset), few)
    ranker = LightgbmRanker(**QUICK).learn(lesson).over(candidates(dataset)).fit(dataset)
    blend = WeightedHybrid(components=[KNN, ALS]).learn(lesson)
    assert_same(lists_of(ranker), lists_of(blend.over(candidates(dataset)).fit(dataset)))
    assert not any(name.startswith("importance") for name in ranker.measures)


def by_chance(listed, held_out):
    """Says of most lists that they are alike, and likes a few by their first course alone."""
    return (listed[:, 0] % 11 == FOUND_BY_CHANCE).astype(float)


@pytest.mark.parametrize("worth", [lambda listed, _: np.zeros(len(listed)), by_chance])
def test_trees_that_are_not_surely_better_than_the_blend_on_users_held_out_stay_out(dataset, worth):
    lesson = replace(rehearsal(dataset, by_tags(dataset)), measure=worth)
    ranker = LightgbmRanker(**QUICK).learn(lesson).over(candidates(dataset)).fit(dataset)
    blend = WeightedHybrid(components=[KNN, ALS]).learn(lesson).over(candidates(dataset))
    assert_same(lists_of(ranker), lists_of(blend.fit(dataset)))
    means = [ranker.measures[f"held_out_ndcg_at_10{of}"] for of in ("", "_of_the_blend")]
    assert (means[0] > means[1]) is (worth is by_chance)


def test_a_large_platform_is_learned_from_in_part(dataset, monkeypatch):
    monkeypatch.setattr(ranker_lessons, "MOST_USERS", 70)
    kept = []
    grown = ranker_lessons.Lesson.parts

    def parts(lesson, users):
        kept.append(len(lesson.lengths))
        return grown(lesson, users)

    monkeypatch.setattr(ranker_lessons.Lesson, "parts", parts)
    LightgbmRanker(**QUICK).learn(rehearsal(dataset, by_tags(dataset)))
    assert kept == [70]


def test_without_lightgbm_it_says_which_file_to_install(dataset, monkeypatch):
    monkeypatch.setitem(sys.modules, "lightgbm", None)
    ranker = LightgbmRanker(**QUICK).learn(rehearsal(dataset, by_tags(dataset)))
    with pytest.raises(ModelError, match=r"pip install -r requirements-ranker\.txt"):
        ranker.over(candidates(dataset)).fit(dataset)
