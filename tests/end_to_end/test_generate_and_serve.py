"""Generate from the sample, serve it, ask over HTTP, and hold the answers against brute force."""

import numpy as np
import pytest
import requests

from generator.models.knn_collab_filtering_user_course_view import KnnOptions
from generator.models.registry import MODELS, model_class
from generator.models.tfidf_user_interest import TfidfOptions
from shared.kinds import KINDS
from tests.end_to_end.brute_force import Tables
from tests.end_to_end.conftest import SAMPLE

TFIDF = "tfidf_user_interest"
KNN = "knn_collab_filtering_user_course_view"
DNN = "dnn_collab_filtering_user_course_level"

ABSENT = {"images", "completions"}
"""What the sample does not have, so that models of it are skipped."""
RUNNING = [handle for handle in MODELS if not ABSENT & set(model_class(handle).needs)]
PERSONAL = [handle for handle in RUNNING if model_class(handle).is_personal]


@pytest.fixture(scope="module")
def tables() -> Tables:
    return Tables(SAMPLE)


@pytest.fixture(scope="module")
def expected(tables: Tables):
    knn = KnnOptions()
    return {
        TFIDF: tables.tfidf(TfidfOptions().k),
        KNN: tables.knn(knn.shrink, knn.popularity_damping),
    }


def ask(server: str, route: str, **body):
    return requests.post(f"{server}/{route}", json=body, timeout=30)


@pytest.mark.parametrize("slash", ["", "/"])
@pytest.mark.parametrize(
    ("asked", "model"), [({}, TFIDF), ({"model_handle": DNN}, DNN), ({"model_handle": KNN}, KNN)]
)
def test_the_three_reference_requests_get_ten_similar_users(server, asked, model, slash):
    answer = ask(server, f"similar-users{slash}", user_handle=999, **asked)
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == ["request_data", "data", "generation", "source"]
    assert body["request_data"] == 999
    assert body["data"]["model_handle"] == model
    similar = body["data"]["similar_users"]
    assert len(set(similar)) == 10
    assert all(type(handle) is int for handle in similar)
    assert 999 not in similar
    assert body["source"] == "model"


@pytest.mark.parametrize(
    ("model", "name"),
    [(model, name) for model in (TFIDF, KNN) for name in model_class(model).serves],
)
def test_served_lists_equal_a_float64_brute_force(server, tables, expected, model, name):
    kind = KINDS[name]
    scores = expected[model][kind.name]
    subjects, entries = tables.handles(kind.subject), tables.handles(kind.entry)
    row_of, column_of = ({handle: i for i, handle in enumerate(h)} for h in (subjects, entries))
    known = np.flatnonzero((scores > 0).any(axis=1))
    chosen = np.random.default_rng(1).choice(known, 300)
    asked = list(dict.fromkeys(subjects[row] for row in [*chosen, known[0], known[-1]]))
    compared = 0
    for start in range(0, len(asked), 100):
        batch = asked[start : start + 100]
        body = {f"{kind.subject}_handles": batch, "model_handle": model}
        answer = ask(server, f"{kind.path[1:]}/batch", **body, limit=20, with_scores=True)
        for subject, result in zip(batch, answer.json()["results"], strict=True):
            row = scores[row_of[subject]]
            best = np.sort(row[row > 0])[::-1][:20]
            assert result["source"] == "model"
            assert len(result["data"]["scores"]) == len(best)
            np.testing.assert_allclose(result["data"]["scores"], best, rtol=1e-4, atol=2e-6)
            own = [row[column_of[handle]] for handle in result["data"][kind.field]]
            np.testing.assert_allclose(own, result["data"]["scores"], rtol=1e-4, atol=2e-6)
            compared += 1
    assert compared == len(asked) > 200


@pytest.mark.parametrize("model", PERSONAL)
def test_every_model_serves_its_lists_without_self_and_seen_courses(server, tables, model):
    for user in [999, *tables.users[:40]]:
        row = tables.users.index(user)
        seen = {tables.courses[column] for column in np.flatnonzero(tables.seen[row])}
        courses = ask(server, "recommendations", user_handle=user, model_handle=model, limit=20)
        if "recommendations" in model_class(model).serves:
            assert courses.status_code == 200
            listed = courses.json()["data"]["courses"]
            assert listed
            assert not seen & set(listed)
            assert set(listed) <= set(tables.courses)
        else:
            assert courses.status_code == 404
        similar = ask(server, "similar-users", user_handle=user, model_handle=model, limit=20)
        if similar.status_code == 200:
            assert user not in similar.json()["data"]["similar_users"]
        else:
            assert similar.status_code == 404


WITH_COURSES = [m for m in PERSONAL if "similar_courses" in model_class(m).serves]


@pytest.mark.parametrize("model", WITH_COURSES)
def test_similar_courses_are_others_and_not_those_that_the_user_has_seen(server, tables, model):
    viewed = tables.seen[tables.users.index(999)]
    course = tables.courses[np.flatnonzero(viewed)[0]]
    asked = {"course_handle": course, "model_handle": model, "limit": 20}
    every = ask(server, "similar-courses", **asked).json()["data"]["similar_courses"]
    assert course not in every
    assert 0 < len(set(every)) == len(every) <= 20
    assert set(every) <= set(tables.courses)
    unseen = ask(server, "similar-courses", **asked, user_handle=999).json()["data"]
    seen = {tables.courses[column] for column in np.flatnonzero(viewed)}
    assert [c for c in every if c not in seen] == [
        c for c in unseen["similar_courses"] if c in every
    ]
    assert not seen & set(unseen["similar_courses"])


def test_users_that_a_model_does_not_know_get_what_their_segments_view(server, tables):
    without_views = np.flatnonzero(~tables.seen.any(axis=1))
    assert tables.follows[without_views].any(axis=1).all()
    user = tables.users[without_views[0]]
    answer = ask(server, "recommendations", user_handle=user, model_handle=KNN).json()
    assert answer["source"] == "fallback:segment"
    assert len(set(answer["data"]["courses"])) == 10


def test_and_those_of_whom_nothing_else_is_known_popular_courses_they_have_not_seen(server, tables):
    without_interests = np.flatnonzero(~tables.follows.any(axis=1))
    viewers, user = tables.seen.sum(axis=0), without_interests[0]
    asked = {"user_handle": tables.users[user], "model_handle": TFIDF}
    answer = ask(server, "recommendations", **asked).json()
    assert answer["source"] == "fallback:popular"
    listed = [viewers[tables.courses.index(course)] for course in answer["data"]["courses"]]
    assert listed == np.sort(viewers[~tables.seen[user]])[::-1][:10].tolist()


def test_all_models_are_listed_with_what_they_measured(server):
    listed = {
        card["model_handle"]: card for card in requests.get(f"{server}/models").json()["models"]
    }
    assert set(listed) == set(RUNNING)
    assert {"held_out_accuracy", "majority_accuracy"} <= set(listed[DNN]["measures"])


def test_an_unknown_user_and_an_unknown_model_are_404_with_the_cure(server):
    unknown_user = ask(server, "similar-users", user_handle=10**9)
    unknown_model = ask(server, "similar-users", user_handle=999, model_handle="nearest")
    for answer in (unknown_user, unknown_model):
        assert answer.status_code == 404
        assert answer.headers["Content-Type"] == "application/problem+json"
    with_users = [h for h in PERSONAL if "similar_users" in model_class(h).serves]
    assert all(model in unknown_model.text for model in with_users)
