import numpy as np

from generator.lists.popular import PopularCourses
from shared.records import POPULAR, UserLists
from tests.datasets import make_dataset


def make_data():
    """Viewers: a 3, b 2, c 2, d 1, and e none."""
    views = [(1, "a"), (2, "a"), (3, "a"), (1, "b"), (2, "b"), (1, "c"), (3, "c"), (3, "d")]
    return make_dataset(
        interests=[(9, "python")],
        views=[(user, course, 60.0, "") for user, course in views],
        courses=["e"],
    )


def test_the_shared_list_ranks_by_viewers_with_ties_by_handle_and_leaves_unwatched_ones_out():
    shared = PopularCourses(make_data(), 20).shared
    assert shared.courses == ["a", "b", "c", "d"]
    assert shared.course_scores == [3, 2, 2, 1]


def test_the_shared_list_is_five_times_as_deep_as_a_stored_list():
    views = [
        (user, f"c{course:02}", 60.0, "") for course in range(40) for user in range(course + 1)
    ]
    assert len(PopularCourses(make_dataset(views=views), 4).shared.courses) == 20


def test_a_user_who_has_seen_popular_courses_gets_the_next_best_instead():
    data = make_data()
    own = list(PopularCourses(data, 2).for_users(data.users.index_of([2, 9])))
    assert own == [
        UserLists(2, POPULAR, courses=["c", "d"], course_scores=[2, 1]),
        UserLists(9, POPULAR),
    ]


def test_without_views_there_is_nothing_popular_but_users_are_still_known():
    data = make_dataset(interests=[(5, "go")])
    popular = PopularCourses(data, 3)
    assert popular.shared.courses == []
    assert list(popular.for_users(np.array([0], np.int32))) == [UserLists(5, POPULAR)]
