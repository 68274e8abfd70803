import numpy as np

from generator.models.popular_course_view import PopularCourseView
from tests.datasets import make_dataset


def make_data():
    """Viewers: a 3, b 2, c 2, d 1, and e none; 9 has viewed nothing."""
    views = [(1, "a"), (2, "a"), (3, "a"), (1, "b"), (2, "b"), (1, "c"), (3, "c"), (3, "d")]
    return make_dataset(
        interests=[(9, "python")],
        views=[(user, course, 60.0, "") for user, course in views],
        courses=["e"],
    )


def test_the_ranking_is_by_viewers_and_leaves_out_what_nobody_viewed():
    data = make_data()
    ranking = PopularCourseView().fit(data).ranking(6)
    handles = data.courses.handles(ranking.indices[0, :4])
    assert [handles[0], {*handles[1:3]}, handles[3]] == ["a", {"b", "c"}, "d"]
    assert ranking.scores.tolist() == [[3, 2, 2, 1, 0, 0]]
    assert ranking.indices[0, 4:].tolist() == [-1, -1]


def test_everybody_gets_what_they_have_not_seen_of_it():
    data = make_data()
    model = PopularCourseView().fit(data)
    top = model.recommend(data.users.index_of([1, 2, 9]), 2)
    second = data.courses.handles(model.ranking(2).indices[0, 1:])
    assert [data.courses.handles(row[row >= 0]) for row in top.indices] == [
        ["d"],
        ["c", "d"],
        ["a", *second],
    ]


def test_time_does_not_count_and_viewers_count_once():
    views = [(1, "long", 9000.0, ""), (2, "short", 1.0, ""), (3, "short", 0.0, "")]
    data = make_dataset(views=views)
    ranking = PopularCourseView().fit(data).ranking(2)
    assert data.courses.handles(ranking.indices[0]) == ["short", "long"]


def test_users_who_are_folded_in_are_known_and_change_no_ranking():
    data = make_data()
    model = PopularCourseView().fit(data)
    before = model.ranking(4)
    views = [(user, course, 60.0, "") for user in (20, 21, 22) for course in ("d", "new")]
    old = [(1, "a"), (2, "a"), (3, "a"), (1, "b"), (2, "b"), (1, "c"), (3, "c"), (3, "d")]
    more = make_dataset(
        views=[*views, *((user, course, 60.0, "") for user, course in old)], courses=["e"]
    )
    model.fold_in(more)
    np.testing.assert_array_equal(model.ranking(4).scores, before.scores)
    first = model.recommend(more.users.index_of([20]), 1).indices[0]
    assert more.courses.handles(first) == ["a"]
