from generator.lists.rankings import ranking_of
from generator.models.completed_course_view import CompletedCourseView
from generator.models.popular_course_view import PopularCourseView
from tests.datasets import make_dataset


def ranking(views, n):
    dataset = make_dataset(views=[(user, course, 60.0, "") for user, course in views])
    return ranking_of(PopularCourseView().fit(dataset), dataset, n)


def test_it_holds_the_models_courses_with_their_scores_as_plain_numbers():
    popular = ranking([(1, "a"), (2, "a"), (3, "a"), (1, "b"), (2, "b"), (3, "d")], 20)
    assert (popular.courses, popular.scores) == (["a", "b", "d"], [3.0, 2.0, 1.0])


def test_scores_are_written_to_six_decimals_as_they_are_in_lists():
    views = [(1, "a"), (2, "a"), (1, "b")]
    dataset = make_dataset(views=[(u, c, 60.0, "") for u, c in views], completions=[(1, "a")])
    scores = ranking_of(CompletedCourseView().fit(dataset), dataset, 5).scores
    assert scores == [round(score, 6) for score in scores]


def test_it_is_ten_times_as_deep_as_a_stored_list():
    views = [(user, f"c{course:02}") for course in range(40) for user in range(course)]
    assert len(ranking(views, 3).courses) == 30
