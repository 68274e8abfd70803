import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.models.knn_user_assessment_score import KnnUserAssessmentScore
from tests.datasets import make_dataset, table

SKILLS = ["python", "sql", "drawing", "c++", "excel"]
USERS, COURSES = 60, 25


def assessed(scores, views=()) -> Dataset:
    """scores: (user, tag, score, date); views: (user, course, seconds, date); dates may lack."""
    return build_dataset(
        {
            "user_assessment_scores": table(
                "user_assessment_scores",
                "user_handle assessment_tag user_assessment_score user_assessment_date",
                scores,
            ),
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds view_date", views
            ),
        }
    )


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    random = np.random.default_rng(4)
    scores = [
        (user, skill, float(random.normal(140, 50)), f"2026-03-{random.integers(1, 29):02} 19:03")
        for user in range(USERS)
        for skill in random.choice(SKILLS, random.integers(1, 5), replace=False)
    ]
    scores += [(0, "only of two", 10.0, None), (1, "only of two", 290.0, None)]
    views = [
        (user, f"c{course:02}", float(random.lognormal(7, 1)), f"2026-03-{day:02}")
        for user in range(USERS)
        for course, day in zip(
            random.choice(COURSES, 6, replace=False), random.integers(1, 29, 6), strict=True
        )
    ]
    return assessed(scores, views)


def by_hand(data: Dataset, shrink: float, damping: float) -> tuple[np.ndarray, ...]:
    """float64 [users, users, tags]: what each shared test adds to a similarity, and how much the
    second user is ahead in it; float64 [tags]: what it weighs."""
    scores = np.full((len(data.users), len(data.tags)), np.nan)
    rows, columns = data.assessments.nonzero()
    scores[rows, columns] = data.assessments[rows, columns]
    took = (~np.isnan(scores)).sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = (scores - np.nanmean(scores, axis=0)) / np.nanstd(scores, axis=0)
    z = np.clip(z, -2, 2)
    weights = took / (took + shrink)
    mass = (~np.isnan(z) * weights).sum(axis=1) + damping
    ahead = z[None] - z[:, None]
    parts = np.nan_to_num(weights * (1 - ahead**2 / 2)) / np.sqrt(np.outer(mass, mass))[:, :, None]
    return parts, ahead, weights


def votes_by_hand(data: Dataset, similar: np.ndarray, k: int, steep: float) -> np.ndarray:
    """float64 [users, neighbours, courses]."""
    _, ahead, weights = by_hand(data, 20, 2)
    shared = ~np.isnan(ahead) * weights
    mean = (np.nan_to_num(ahead) * weights).sum(axis=2) / np.maximum(shared.sum(axis=2), 1e-9)
    cut = np.sort(similar, axis=1)[:, ::-1][:, k - 1, None]
    kept = np.where((similar >= cut) & (similar > 0), similar, 0)
    return (kept * 2 / (1 + np.exp(-steep * mean)))[:, :, None] * later_minutes(data)[None]


def later_minutes(data: Dataset) -> np.ndarray:
    """From the day of the first assessment on, view by view."""
    minutes = np.log1p(data.view_seconds.toarray() / 60)
    day = 86_400 * 10**6
    for user in range(len(data.users)):
        tests = data.assessment_times[data.assessments.indptr[user] :][: data.assessments[user].nnz]
        dated = tests[tests > 0]
        views = data.interactions.of(user)
        for course, time in zip(
            data.interactions.courses[views], data.interactions.times[views], strict=True
        ):
            if len(dated) and time < dated.min() // day * day:
                minutes[user, course] = 0
    return minutes


@pytest.mark.parametrize(("shrink", "damping"), [(20.0, 2.0), (0.5, 0.1)])
def test_similarities_equal_a_float64_sum_over_shared_assessments(dataset, shrink, damping):
    similar = by_hand(dataset, shrink, damping)[0].sum(axis=2)
    np.fill_diagonal(similar, 0)
    model = KnnUserAssessmentScore(shrink=shrink, damping=damping).fit(dataset)
    top = model.similar_users(range(USERS), USERS)
    best = np.maximum(np.sort(similar, axis=1)[:, ::-1], 0)
    np.testing.assert_allclose(top.scores, best, atol=2e-6)
    row, place = np.nonzero(top.indices >= 0)
    np.testing.assert_allclose(
        similar[row, top.indices[row, place]], top.scores[row, place], atol=2e-6
    )


def test_recommended_are_the_votes_of_the_nearest_more_of_those_ahead(dataset):
    similar = by_hand(dataset, 20, 2)[0].sum(axis=2)
    np.fill_diagonal(similar, 0)
    votes = votes_by_hand(dataset, similar, 12, 1.5).sum(axis=1)
    assert 0 < np.count_nonzero(later_minutes(dataset)) < 0.9 * dataset.view_seconds.nnz
    model = KnnUserAssessmentScore(k=12, ahead=1.5).fit(dataset)
    top = model.recommend(range(USERS), 10)
    best = np.sort(np.where(dataset.seen.toarray(), 0, votes), axis=1)[:, ::-1][:, :10]
    np.testing.assert_allclose(top.scores, best, rtol=1e-4, atol=2e-6)
    every_course = np.tile(np.arange(COURSES), (USERS, 1))
    np.testing.assert_allclose(model.score(range(USERS), every_course), votes, rtol=1e-4, atol=2e-6)


def test_reasons_are_the_shared_assessments_that_add_most_and_the_voters(dataset):
    parts = by_hand(dataset, 20, 2)[0]
    model = KnnUserAssessmentScore(k=12).fit(dataset)
    users = np.arange(USERS)
    listed = model.similar_users(users, 5).indices
    why = model.reasons("similar_users", users, listed)
    votes = votes_by_hand(dataset, np.where(np.eye(USERS), 0, parts.sum(axis=2)), 12, 2)
    courses = model.recommend(users, 5).indices
    voters = model.reasons("recommendations", users, courses)
    for user in users:
        for place in range(5):
            for given, weights in (
                (why, parts[user, listed[user, place]]),
                (voters, votes[user, :, courses[user, place]]),
            ):
                assert given.indices[user, place, 0] == weights.argmax()
                share = weights.max() / weights[weights > 0].sum()
                assert given.shares[user, place, 0] == pytest.approx(share, rel=1e-3)
                assert given.counts[user, place] == np.count_nonzero(weights > 1e-9)
    assert model.named("shared_assessments", np.array([0], np.int32)) == dataset.tags.handles([0])


def test_near_scores_are_alike_whichever_side_of_the_mean_they_are_on():
    scores = [10.0, 90.0, 49.0, 51.0, 95.0, 5.0]
    data = assessed([(user, "python", score, None) for user, score in enumerate(scores)])
    nearest = KnnUserAssessmentScore().fit(data).similar_users(range(6), 1).indices[:, 0]
    assert nearest.tolist() == [5, 4, 3, 2, 1, 0]


def test_an_assessment_that_two_took_says_less_than_one_that_many_took():
    many = [(user, "python", 100.0, None) for user in range(2, 60)]
    data = assessed(
        [*many, (0, "python", 100.0, None), (0, "rare", 50.0, None), (1, "rare", 50.0, None)]
    )
    listed = KnnUserAssessmentScore().fit(data).similar_users([0], 59)
    assert listed.indices[0, -1] == 1
    assert listed.scores[0, -1] < listed.scores[0, 0] / 4


def planted_ladder() -> Dataset:
    """Beginners, those a little ahead who then took "next", and masters who took "expert"."""
    scores, views = [], []
    for user in range(60):
        group = user % 3
        scores += [(user, skill, 100.0 + 45 * group + user % 7, "2026-01-10") for skill in SKILLS]
        course = ("basics", "next", "expert")[group]
        views += [(user, course, 3600.0, "2026-02-01"), (user, "long ago", 9e4, "2025-01-01")]
    views += [(user, "basics", 60.0, "2026-02-01") for user in range(0, 60, 3)]
    return assessed(scores, [view for view in views if view[0] or view[1] != "long ago"])


def test_courses_of_those_a_little_ahead_come_before_those_of_masters_and_of_the_past():
    data = planted_ladder()
    top = KnnUserAssessmentScore(k=59).fit(data).recommend(data.users.index_of([0]), 3)
    listed = data.courses.handles(top.indices[0][top.indices[0] >= 0])
    assert listed[0] == "next"
    assert "long ago" not in listed


def test_what_was_viewed_without_dates_counts_whenever_it_was():
    data = make_dataset(
        [(user, "sql") for user in range(4)], [(user, "a", 600.0, "") for user in range(3)]
    )
    listed = KnnUserAssessmentScore().fit(data).recommend([3], 1).indices
    assert listed.tolist() == [data.courses.index_of(["a"]).tolist()]


def test_who_was_assessed_in_what_nobody_else_was_is_unknown():
    data = assessed([(0, "a", 1.0, None), (1, "b", 1.0, None), (2, "b", 2.0, None)])
    assert KnnUserAssessmentScore().fit(data).known_users().tolist() == [1, 2]
