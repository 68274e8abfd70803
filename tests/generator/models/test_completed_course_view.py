import numpy as np
import pytest
from scipy.stats import beta, betabinom

from generator.dataset.build import build_dataset
from generator.models.completed_course_view import CompletedCourseView
from tests.datasets import make_dataset, table


def learned(numbers):
    """`numbers`: course -> (learners, how many of them completed)."""
    views = [(u, course, 60.0, "") for course, (n, _) in numbers.items() for u in range(n)]
    done = [(u, course) for course, (_, x) in numbers.items() for u in range(x)]
    return make_dataset(views=views, completions=done)


def scores_of(data, **options):
    top = CompletedCourseView(**options).fit(data).ranking(len(data.courses))
    listed = top.indices[0] >= 0
    handles = data.courses.handles(top.indices[0][listed])
    return dict(zip(handles, top.scores[0][listed].tolist(), strict=True))


def drawn(mean, strength, courses=400, seed=2):
    """Learners and completions of courses whose rates come from a Beta."""
    random = np.random.default_rng(seed)
    learners = random.integers(5, 80, courses)
    done = betabinom.rvs(learners, mean * strength, (1 - mean) * strength, random_state=random)
    numbers = zip(learners.tolist(), done.tolist(), strict=True)
    return {f"c{i:03}": of_course for i, of_course in enumerate(numbers)}


@pytest.mark.parametrize("others", [drawn(0.3, 5.0, 40), drawn(0.95, 8.0, 40), {}])
def test_one_of_one_does_not_come_before_ninety_of_a_hundred(others):
    scores = scores_of(learned({"one": (1, 1), "ninety": (100, 90), "none": (100, 0), **others}))
    assert scores["ninety"] > scores["one"] > scores["none"]


@pytest.mark.parametrize(("mean", "strength"), [(0.2, 4.0), (0.7, 20.0)])
def test_the_prior_is_that_which_rates_were_drawn_from(mean, strength):
    """A course that nobody learned has no score, so one learner's is compared."""
    scores = scores_of(learned({"one": (1, 1), **drawn(mean, strength)}), confidence=0.5)
    expected = beta.ppf(0.5, 1 + mean * strength, (1 - mean) * strength)
    assert scores["one"] == pytest.approx(expected, abs=0.04)


def test_scores_are_above_the_rate_as_often_as_the_confidence_says():
    numbers, random = drawn(0.4, 6.0), np.random.default_rng(1)
    scores = scores_of(learned(numbers), confidence=0.9)
    above = [
        beta.rvs(x + 2.4, n - x + 3.6, random_state=random) > scores[course]
        for course, (n, x) in numbers.items()
    ]
    assert np.mean(above) == pytest.approx(0.9, abs=0.05)


def test_the_more_learners_the_surer_is_the_same_rate():
    scores = scores_of(learned({"few": (4, 3), "some": (40, 30), "many": (400, 300), "b": (80, 8)}))
    assert scores["many"] > scores["some"] > scores["few"]


def test_learners_of_whom_nothing_is_said_do_not_count_and_unknown_courses_are_not_listed():
    columns = "user_handle course_id view_time_seconds level completed"
    rows = [(user, "said", 60.0, "", user < 8) for user in range(10)]
    rows += [(user, "half said", 60.0, "", True if user < 8 else None) for user in range(20)]
    rows += [(user, "unsaid", 60.0, "", None) for user in range(50)]
    data = build_dataset({"user_course_views": table("user_course_views", columns, rows)})
    scores = scores_of(data)
    assert list(scores) == ["half said", "said"]


def test_a_completion_without_a_view_is_of_a_learner_and_seen():
    data = make_dataset(
        views=[(1, "a", 60.0, ""), (2, "b", 60.0, ""), (3, "a", 60.0, "")],
        completions=[(1, "a"), (2, "a")],
    )
    model = CompletedCourseView().fit(data)
    assert scores_of(data)["a"] > scores_of(data)["b"]
    users = data.users.index_of([1, 2, 3])
    first = model.recommend(users, 1).indices[:, 0]
    assert [data.courses.handles(first[:1]), first[1]] == [["b"], -1]


def test_where_rates_do_not_differ_courses_are_alike_and_nothing_fails():
    for numbers in ({"a": (1, 1), "b": (1, 1)}, {"a": (50, 50), "b": (2, 2)}, {"a": (3, 1)}):
        scores = scores_of(learned(numbers))
        assert np.ptp(list(scores.values())) < 0.01
