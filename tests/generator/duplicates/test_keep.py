import pytest

from generator.dataset.build import build_dataset
from generator.duplicates.find import duplicates_of
from generator.duplicates.groups import CourseGroups
from tests.datasets import make_dataset, table
from tests.generator.duplicates.catalogues import CALCULUS, PYTHON


@pytest.fixture(scope="module")
def dataset():
    """Three versions: 10 is the most viewed, 11 the most completed, 12 the newest and longest."""
    columns = "course_id title description"
    courses = [
        (10, "Python Bootcamp 2019", PYTHON),
        (11, "Python Bootcamp 2020", PYTHON),
        (12, "The Complete Python Bootcamp 2021", PYTHON),
        (13, "Calculus", CALCULUS),
    ]
    views = [(1, 10, 60), (2, 10, 60), (3, 11, 60)]
    return build_dataset(
        {
            "courses": table("courses", columns, courses),
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds", views
            ),
            "course_completions": table("course_completions", "user_handle course_id", [(3, 11)]),
        }
    )


@pytest.mark.parametrize(
    ("keep", "stands"),
    [("most_viewed", 0), ("most_completed", 1), ("newest", 2), ("longest_text", 2)],
)
def test_the_best_of_a_group_stands_for_it(dataset, keep, stands):
    assert duplicates_of(dataset, keep).stands_for.tolist() == [stands] * 3 + [3]


def test_a_date_in_an_attribute_says_which_is_newest():
    courses = [
        (10, "Python Bootcamp", PYTHON, "2021-05-01"),
        (11, "Python Bootcamp 2019", PYTHON, "2018-01-31"),
    ]
    rows = table("courses", "course_id title description published", courses)
    dataset = build_dataset({"courses": rows, "user_interests": _nobody()})
    assert duplicates_of(dataset, "newest").stands_for.tolist() == [0, 0]


def test_without_texts_every_course_is_unique():
    groups = duplicates_of(make_dataset(courses=[1, 2]), "most_viewed")
    assert groups.stands_for.tolist() == [0, 1]
    assert len(groups) == 0


def test_unique_courses_have_no_others():
    assert CourseGroups.none(3).others(1).tolist() == []


def _nobody():
    return table("user_interests", "user_handle interest_tag", [(1, "python")])
