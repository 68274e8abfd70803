"""What models of content share, by two of them whose vectors are written down by hand."""

from datetime import datetime, timedelta

import numpy as np
import pytest
import scipy.sparse as sp

from generator.dataset.build import build_dataset
from generator.models.content import ContentModel
from generator.models.run_options import RunOptions
from tests.datasets import table

SIZE = 12
COURSES, USERS = 30, 14


class Given(ContentModel):
    """Vectors that are looked up by the title; the words of texts count too."""

    handle = "given"
    title = "Vectors as given"
    needs = ("texts",)
    by_title: dict[str, np.ndarray]

    def _vectors_of_courses(self, dataset, courses):
        titles = [dataset.texts.titles[course] for course in courses]
        return self._of(titles)

    def _vectors_of_texts(self, texts):
        return self._of(texts)

    def _of(self, texts):
        rows = [self.by_title.get(text, np.zeros(SIZE, np.float32)) for text in texts]
        return np.array(rows, np.float32).reshape(-1, SIZE)


class GivenSparse(Given):
    handle = "given_sparse"

    def _of(self, texts):
        return sp.csr_matrix(super()._of(texts))


def vector(seed: object) -> np.ndarray:
    random = np.random.default_rng([ord(letter) for letter in str(seed)])
    numbers = random.random(SIZE) * (random.random(SIZE) < 0.5)
    return (numbers / max(np.linalg.norm(numbers), 1e-9)).astype(np.float32)


def made_dataset(views=None, interests=(), courses=COURSES):
    random = np.random.default_rng(5)
    if views is None:
        views = [
            (user, f"c{course:02}", float(random.integers(1, 5000)), None)
            for user in range(USERS)
            for course in random.choice(20, 5, replace=False)
        ]
    catalogue = [(f"c{course:02}", f"title {course}") for course in range(courses)]
    tables = {
        "user_course_views": (
            "user_handle course_id view_time_seconds view_date",
            [(*view, None)[:4] for view in views],
        ),
        "user_interests": ("user_handle interest_tag", list(interests)),
        "courses": ("course_id title", [*catalogue, ("untitled", None)]),
        "users": ("user_handle", [(user,) for user in range(USERS + 1)]),
    }
    return build_dataset({name: table(name, *cells) for name, cells in tables.items()})


@pytest.fixture(params=[Given, GivenSparse])
def model_type(request):
    request.param.by_title = {f"title {c}": vector(c) for c in range(COURSES + 5)}
    request.param.by_title |= {"python": vector("python"), "knitting": vector("knitting")}
    return request.param


def dense(vectors) -> np.ndarray:
    array = vectors.toarray() if sp.issparse(vectors) else vectors
    return array.astype(np.float64)


def by_hand(data, model_type, follows=(), weight=0.5, decay=None) -> np.ndarray:
    """float64 [users, courses]: cosines, user by user and view by view."""
    vectors = np.array([*map(model_type.by_title.get, data.texts.titles[:-1]), np.zeros(SIZE)])
    scores = []
    for user in range(len(data.users)):
        viewed = np.zeros(SIZE)
        for course, seconds in enumerate(data.view_seconds[[user]].toarray()[0].astype(float)):
            share = decay[user, course] if decay is not None else 1
            viewed += np.log(1 + seconds / 60) * share * vectors[course]
        viewed /= np.linalg.norm(viewed) or 1
        named = sum((model_type.by_title[tag] for who, tag in follows if who == user), viewed * 0)
        profile = viewed + weight * named / (np.linalg.norm(named) or 1)
        scores.append(vectors @ profile / (np.linalg.norm(profile) or 1))
    return np.array(scores)


def test_similar_courses_are_those_of_the_largest_cosine(model_type):
    data = made_dataset()
    model = model_type().fit(data)
    vectors = dense(model._course_vectors)
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    top = model.similar_courses(range(COURSES), 7)
    np.testing.assert_allclose(top.scores, -np.sort(-cosines, axis=1)[:COURSES, :7], atol=1e-5)
    assert (top.indices != np.arange(COURSES)[:, None]).all()


def test_recommended_are_courses_near_the_weighted_sum_of_those_viewed(model_type):
    data = made_dataset()
    model = model_type().fit(data)
    expected = by_hand(data, model_type)
    expected[data.seen.toarray()] = -1
    top = model.recommend(range(USERS), 10)
    np.testing.assert_allclose(top.scores, -np.sort(-expected, axis=1)[:USERS, :10], atol=1e-5)
    scores = model.score(range(USERS), np.tile(np.arange(COURSES), (USERS, 1)))
    np.testing.assert_allclose(scores, by_hand(data, model_type)[:USERS, :COURSES], atol=1e-5)


def test_a_course_that_nobody_has_viewed_is_listed_and_lists_others(model_type):
    data = made_dataset()
    model = model_type().fit(data)
    new = np.flatnonzero(data.viewers == 0)
    assert set(new[:-1]) <= set(model.recommend(range(USERS), COURSES).indices.ravel())
    assert (model.similar_courses(new[:-1], 3).indices >= 0).all()


def test_what_nothing_is_known_of_is_listed_nowhere(model_type):
    data = made_dataset()
    model = model_type().fit(data)
    assert COURSES not in model.known_courses()
    assert USERS not in model.known_users()
    assert COURSES not in model.recommend(range(USERS), COURSES + 1).indices
    assert np.isnan(model.score([0], [[COURSES]])).all()


def test_words_of_interests_count_beside_views_and_alone(model_type):
    follows = [(0, "python"), (0, "knitting"), (USERS, "python"), (1, "a tag nobody described")]
    data = made_dataset(interests=follows)
    expected = by_hand(data, model_type, follows[:3], weight=2)
    model = model_type(interests_weight=2.0).fit(data)
    every = np.tile(np.arange(COURSES), (USERS + 1, 1))
    scores = model.score(range(USERS + 1), every)
    np.testing.assert_allclose(scores, expected[:, :COURSES], atol=1e-5)
    assert USERS in model.known_users(), "who has only written what they want"
    assert USERS not in model_type(interests_weight=0).fit(data).known_users()


def test_older_views_count_less_by_half_lives_and_undated_ones_in_full(model_type):
    views, decay = [], np.ones((USERS + 1, COURSES + 1))
    last = datetime(2026, 3, 1)
    for course, days in [(0, 0), (1, 30), (2, 60), (3, None)]:
        date = None if days is None else (last - timedelta(days=days)).isoformat()
        views.append((0, f"c{course:02}", 600.0, date))
        decay[0, course] = 0.5 ** ((days or 0) / 30)
    # Of several views of a course the last says when it was.
    views.append((0, "c02", 60.0, last.isoformat()))
    decay[0, 2] = 1
    views.append((1, "c09", 600.0, (last + timedelta(days=999)).isoformat()))
    data = made_dataset(views)
    scores = model_type(half_life_days=30).fit(data).score([0, 1], [np.arange(COURSES)] * 2)
    expected = by_hand(data, model_type, decay=decay)
    np.testing.assert_allclose(scores, expected[:2, :COURSES], atol=1e-5)


def test_reasons_are_the_viewed_courses_that_add_most(model_type):
    data = made_dataset()
    model = model_type().fit(data)
    vectors = dense(model._course_vectors)
    users = np.arange(USERS)
    listed = model.recommend(users, 4).indices
    reasons = model.reasons("recommendations", users, listed)
    minutes = np.log1p(data.view_seconds.toarray() / 60)
    for user, entry in np.ndindex(USERS, 4):
        added = minutes[user] * (vectors @ vectors[listed[user, entry]])
        best = reasons.indices[user, entry]
        count = min((added > 1e-9).sum(), 3)
        assert (best >= 0).sum() == count
        np.testing.assert_allclose(added[best[:count]], -np.sort(-added)[:count], rtol=1e-4)


def test_a_new_course_that_is_folded_in_is_listed_by_its_text(model_type):
    model = model_type().fit(made_dataset())
    before = model.similar_courses([3], 5)
    after = model.fold_in(made_dataset(courses=COURSES + 3))
    every = after.similar_courses([3], COURSES + 3)
    old = every.indices[0] < COURSES
    np.testing.assert_array_equal(every.indices[0][old][:5], before.indices[0])
    assert set(range(COURSES, COURSES + 3)) <= {*after.known_courses()}
    assert (after.similar_courses(range(COURSES, COURSES + 3), 2).indices >= 0).all()


def test_little_memory_changes_no_list(model_type):
    data = made_dataset(interests=[(0, "python")])
    ample = model_type().fit(data).recommend(range(USERS), 9)
    scant = model_type().fit(data, RunOptions(memory_budget_bytes=64)).recommend(range(USERS), 9)
    np.testing.assert_array_equal(ample.indices, scant.indices)


def test_a_catalogue_without_a_text_has_no_lists(model_type):
    model_type.by_title = {}
    model = model_type().fit(made_dataset())
    assert not len(model.known_users())
    assert not len(model.known_courses())
    assert (model.recommend(range(USERS), 3).indices == -1).all()
