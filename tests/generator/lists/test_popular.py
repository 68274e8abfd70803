import numpy as np

from generator.lists.popular import PopularCourses
from shared.records import SEEN_POPULAR, UserLists
from tests.datasets import make_dataset


def make_data():
    """Viewers: a 3, b 2, c 2, d 1, and e none."""
    views = [(1, "a"), (2, "a"), (3, "a"), (1, "b"), (2, "b"), (1, "c"), (3, "c"), (3, "d")]
    return make_dataset(
        interests=[(9, "python")],
        views=[(user, course, 60.0, "") for user, course in views],
        courses=["e"],
    )


def test_courses_are_ranked_by_viewers_and_unwatched_ones_left_out():
    popular = PopularCourses(make_data(), 20)
    first, *equal, last = popular.courses
    assert (first, sorted(equal), last) == ("a", ["b", "c"], "d")
    assert popular.scores == [3, 2, 2, 1]


def test_the_list_is_ten_times_as_deep_as_a_stored_list():
    views = [(user, f"c{course:02}", 60.0, "") for course in range(40) for user in range(course)]
    assert len(PopularCourses(make_dataset(views=views), 3).courses) == 30


def test_each_user_is_recorded_with_what_they_have_seen_of_it():
    data = make_data()
    users = data.users.index_of([2, 3, 9])
    assert list(PopularCourses(data, 20).seen_by(users)) == [
        UserLists(2, SEEN_POPULAR, courses=["a", "b"]),
        UserLists(3, SEEN_POPULAR, courses=["a", "c", "d"]),
        UserLists(9, SEEN_POPULAR),
    ]


def test_without_views_nothing_is_popular_but_users_are_still_recorded():
    data = make_dataset(interests=[(5, "go")])
    popular = PopularCourses(data, 3)
    assert popular.courses == popular.scores == []
    assert list(popular.seen_by(np.array([0], np.int32))) == [UserLists(5, SEEN_POPULAR)]


def test_nobody_is_left_out_of_nothing():
    assert list(PopularCourses(make_data(), 3).seen_by(np.array([], np.int32))) == []
