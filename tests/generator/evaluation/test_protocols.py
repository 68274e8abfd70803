"""What each protocol holds out, on tables small enough to check by eye."""

import numpy as np
import pandas as pd
import pytest

from generator.dataset.build import build_dataset
from generator.evaluation.protocols import (
    cut_by,
    few_users,
    given_tables,
    leave_last_out,
    new_courses,
    of_users,
    split_of,
    time_split,
)
from generator.validation.columns import VIEWS
from shared.errors import DataError
from tests.datasets import table

DAY = {day: pd.Timestamp(2026, 3, day) for day in range(1, 31)} | {None: pd.NaT}


def tables_of(views, interests=()):
    """`views`: (user, course, day of March or None); `interests`: (user, tag, day)."""
    frame = pd.DataFrame(views, columns=["user_handle", "course_id", "day"])
    views = pd.DataFrame(
        {
            "user_handle": frame["user_handle"].astype("category"),
            "view_date": frame["day"].map(lambda d: DAY[None if pd.isna(d) else int(d)]),
            "course_id": frame["course_id"].astype("category"),
            "level": pd.Categorical(["beginner"] * len(frame)),
            "view_time_seconds": 60.0,
        }
    )
    views["view_date"] = views["view_date"].astype("datetime64[us]")
    tables = {"user_course_views": views}
    if interests:
        followed = pd.DataFrame(interests, columns=["user_handle", "interest_tag", "day"])
        tables["user_interests"] = pd.DataFrame(
            {
                "user_handle": followed["user_handle"].astype("category"),
                "interest_tag": followed["interest_tag"].astype("category"),
                "date_followed": followed["day"].map(DAY.get).astype("datetime64[us]"),
            }
        )
    return tables


def pairs(split, matrix):
    users, courses = split.train.users.handles(), split.train.courses.handles()
    return {(users[u], courses[c]) for u, c in zip(*matrix.nonzero(), strict=True)}


def parts(cut):
    split = split_of(cut)
    return pairs(split, split.train.seen), pairs(split, split.held_out)


def test_the_course_taken_up_last_is_held_out_whatever_the_order_of_the_file():
    cut = leave_last_out(
        tables_of(
            [(1, "c", 9), (1, "a", 1), (1, "b", 5), (2, "a", 3), (2, "b", 2), (3, "a", 1)],
            interests=[(1, "x", 20)],
        )
    )
    train, held_out = parts(cut)
    assert held_out == {(1, "c"), (2, "a")}  # user 3 has a single course, and keeps it
    assert train == {(1, "a"), (1, "b"), (2, "b"), (3, "a")}
    assert split_of(cut).train.interests.nnz == 1, "interests are kept"
    assert "date" in cut.how


def test_a_course_viewed_again_later_is_not_new_and_a_held_out_one_leaves_no_view_behind():
    train, held_out = parts(
        leave_last_out(tables_of([(1, "a", 1), (1, "b", 2), (1, "b", 3), (1, "a", 9)]))
    )
    assert (train, held_out) == ({(1, "a")}, {(1, "b")})


def test_a_view_without_a_date_comes_before_all_others():
    _, held_out = parts(leave_last_out(tables_of([(1, "a", 1), (1, "b", None)])))
    assert held_out == {(1, "a")}


def test_without_any_date_the_file_or_a_seed_decides_and_the_cut_says_which():
    tables = tables_of([(user, course, None) for user in range(40) for course in "abcd"])
    by_file = leave_last_out(tables)
    assert parts(by_file)[1] == {(user, "d") for user in range(40)}
    assert "order of the file" in by_file.how
    first, again, other = (leave_last_out(tables, seed, "random") for seed in (1, 1, 2))
    assert parts(first)[1] == parts(again)[1] != parts(other)[1]
    assert len(parts(first)[1]) == 40
    assert {course for _, course in parts(first)[1]} == set("abcd")
    assert "random order (seed 1" in first.how


def test_a_global_time_split_lets_nothing_later_be_learned():
    cut = time_split(
        tables_of(
            [(1, "a", 1), (1, "b", 2), (2, "a", 3), (2, "c", 8), (1, "a", 9), (1, "c", None)],
            interests=[(1, "early", 2), (1, "late", 9), (2, "undated", None)],
        ),
        share=0.25,
    )
    train, held_out = parts(cut)
    assert held_out == {(2, "c")}
    assert train == {(1, "a"), (1, "b"), (2, "a"), (1, "c")}
    split = split_of(cut)
    assert split.train.view_seconds.sum() == 4 * 60, "the view of day 9 is in the future"
    assert split.train.interests.nnz == 2
    assert "2026-03-08" in cut.how


def with_other_tables(tables: dict) -> dict:
    """Of user 1: course a and b completed and reviewed, tested on three days and once undated."""
    days = {"a": "2026-03-01", "b": "2026-03-08", "undated": None}
    reviews = [(1, course, day, 5.0) for course, day in days.items()]
    scores = [(1, "before", "2026-03-02", 1.0), (1, "after", "2026-03-09", 2.0), (1, "x", None, 3)]
    return tables | {
        "course_reviews": table(
            "course_reviews", "user_handle course_id review_date rating", reviews
        ),
        "course_completions": table(
            "course_completions",
            "user_handle course_id completion_date",
            [(user, course, day) for user, course, day, _ in reviews],
        ),
        "user_assessment_scores": table(
            "user_assessment_scores",
            "user_handle assessment_tag user_assessment_date user_assessment_score",
            scores,
        ),
        "courses": table("courses", "course_id title", [("b", "Title of b"), ("new", "New")]),
        "users": table("users", "user_handle role", [(1, "engineer"), (9, "newcomer")]),
    }


VIEWED_TWICE = [(1, "a", 1), (1, "a", 7), (1, "b", 8), (2, "a", 2), (2, "c", 3)]


@pytest.mark.parametrize(
    ("cut", "tested"),
    [
        (lambda tables: time_split(tables, share=0.25), {"before", "x"}),
        (leave_last_out, {"before", "after", "x"}),
    ],
)
def test_no_table_tells_of_what_is_held_out(cut, tested):
    split = split_of(cut(with_other_tables(tables_of(VIEWED_TWICE))))
    train = split.train
    assert (1, "b") in pairs(split, split.held_out)
    for matrix in (train.completions, train.ratings, train.seen):
        assert (1, "b") not in pairs(split, matrix)
    assert pairs(split, train.completions) == {(1, "a"), (1, "undated")}
    assert pairs(split, train.ratings) == {(1, "a"), (1, "undated")}
    taken = train.interactions.courses[train.interactions.of(0)]
    assert train.courses.handles(taken) == ["a", "a"]
    assert set(train.tags.handles(train.assessments[0].indices)) == tested
    assert "Title of b" in train.texts.titles, "what a course is called tells of nobody"


def test_where_one_course_is_listed_for_several_it_is_what_is_held_out():
    """Nothing is asked of user 1, who has seen "a", for which "c" is listed too."""
    views = [(1, "a", 1), (2, "b", 2), (1, "c", 8), (2, "a", 8), (2, "c", 9)]
    split = split_of(time_split(tables_of(views), share=0.6))
    assert pairs(split, split.held_out) == {(1, "c"), (2, "a"), (2, "c")}
    merged = split.listed_as(np.array([2, 1, 2], np.int32))
    assert pairs(merged, merged.held_out) == {(2, "c")}
    assert split.listed_as(None) is split


def test_until_when_a_course_is_on_offer_is_known_before_the_cut_too():
    until = [("b", "2999-12-31", "Title of b")]
    catalogue = table("courses", "course_id available_until title", until)
    cut = time_split({**tables_of(VIEWED_TWICE), "courses": catalogue}, share=0.25)
    assert cut.train["courses"].equals(catalogue)


def test_what_was_completed_or_reviewed_after_the_cut_is_not_learned_though_the_view_is():
    tables = with_other_tables(tables_of([(1, "a", 1), (1, "b", 2), (2, "c", 8), (2, "a", 1)]))
    split = split_of(time_split(tables, share=0.25))
    assert pairs(split, split.held_out) == {(2, "c")}
    assert (1, "b") in pairs(split, split.train.seen), "viewed on day 2"
    assert (1, "b") not in pairs(split, split.train.completions), "completed on day 8"
    assert (1, "b") not in pairs(split, split.train.ratings), "reviewed on day 8"


def test_users_without_a_view_to_learn_from_are_not_asked_though_they_completed_a_course():
    tables = tables_of([(1, "a", 9), (2, "a", 1), (2, "b", 2)])
    completed = [(1, "z", "2026-03-01")]
    tables["course_completions"] = table(
        "course_completions", "user_handle course_id completion_date", completed
    )
    split = split_of(time_split(tables, share=0.3))
    assert pairs(split, split.held_out) == {(1, "a")}
    assert split.train.completions.nnz == 1
    assert len(split.users) == 0


def test_a_time_split_needs_dates():
    with pytest.raises(DataError, match="leave-last-out"):
        time_split(tables_of([(1, "a", None)]))


@pytest.mark.parametrize("protocol", [time_split, leave_last_out])
def test_without_views_there_is_nothing_to_evaluate_by(protocol):
    with pytest.raises(DataError, match="user_course_views"):
        protocol({})


def test_given_parts_share_one_catalogue_and_users_without_history_are_not_asked():
    train = tables_of([(1, "a", 1), (2, "b", 1)])
    test = tables_of([(1, "a", 2), (1, "new", 2), (9, "b", 2)])["user_course_views"]
    split = split_of(given_tables(train, test))
    assert pairs(split, split.held_out) == {(1, "new"), (9, "b")}, "(1, a) was seen"
    assert split.train.users.handles(split.users) == [1]
    assert split.without_history == 1


def test_given_parts_with_other_types_of_handles_are_refused():
    train = tables_of([(1, "a", 1)])
    test = tables_of([("1", "a", 1)])["user_course_views"]
    with pytest.raises(DataError, match="USER_HANDLE_TYPE"):
        given_tables(train, test)


def test_auto_is_time_where_there_are_dates():
    views = [(1, "a", 1), (1, "b", 2), (2, "a", 3), (2, "c", 8)]
    assert cut_by("auto", tables_of(views)).how == time_split(tables_of(views)).how
    undated = tables_of([(user, course, None) for user, course, _ in views])
    assert "order of the file" in cut_by("auto", undated).how
    assert "by view date" in cut_by("leave-last-out", tables_of(views)).how


def with_reviews(views):
    tables = tables_of(views)
    told = [(user, course) for user, course, _ in views]
    tables["course_completions"] = table("course_completions", "user_handle course_id", told)
    rated = [(user, course, 5, "") for user, course in told] + [(99, "c0", 1, "")]
    tables["course_reviews"] = table(
        "course_reviews", "user_handle course_id rating review_text", rated
    )
    tables["course_tags"] = table(
        "course_tags", "course_id course_tags", [(f"c{course}", "x") for course in range(20)]
    )
    return tables


def test_new_courses_are_those_that_nobody_has_done_anything_with_yet():
    views = [(user, f"c{(user + step) % 20}", 1 + step) for user in range(40) for step in range(5)]
    tables = with_reviews(views)
    held = set()
    for seed in range(60):
        cut = new_courses(tables, seed=seed)
        new = set(cut.held_out["course_id"])
        assert len(new) == 2, "a tenth of the courses"
        assert len(cut.held_out) == sum(course in new for _, course, _ in views), "all their views"
        for name in (VIEWS, "course_completions", "course_reviews"):
            kept = tables[name][~tables[name]["course_id"].isin(new)]
            pd.testing.assert_frame_equal(cut.train[name], kept)
        split = split_of(cut)
        columns = split.train.courses.index_of(sorted(new))
        assert not split.train.seen[:, columns].nnz
        assert split.train.course_tags[columns].nnz == 2, "they are in the catalogue"
        assert split.held_out.nnz == len(cut.held_out)
        held |= new
    assert held == {f"c{course}" for course in range(20)}, "by lot"
    assert set(new_courses(tables, seed=3).held_out["course_id"]) == set(
        new_courses(tables, seed=3).held_out["course_id"]
    )


def test_new_courses_leave_something_to_learn_from():
    tables = tables_of([(1, "a", 1), (1, "b", 1), (2, "b", 2)])
    assert new_courses(tables, 0.01).held_out["course_id"].nunique() == 1
    assert new_courses(tables, 0.99).held_out["course_id"].nunique() == 1
    assert "1 of 2 courses" in cut_by("new-courses", tables).how
    with pytest.raises(DataError, match="All views are of one course"):
        new_courses(tables_of([(1, "a", 1), (2, "a", 1)]))


def test_tables_of_some_users_keep_the_vocabulary_of_all():
    tables = tables_of([(1, "a", 1), (2, "b", 1), (2, "a", 2)], interests=[(1, "x", 1)])
    some = build_dataset(of_users(tables, pd.Index([2])))
    assert some.users.handles() == [1, 2]
    assert (some.seen.nnz, some.interests.nnz) == (2, 0)


def test_a_few_users_are_by_lot_the_same_every_night_and_have_no_more_views_than_asked(sample):
    few = few_users(sample.tables, 2000)
    kept = set(few[VIEWS]["user_handle"])
    assert 1500 < len(few[VIEWS]) <= 2000
    views = sample.tables[VIEWS]
    assert len(few[VIEWS]) == views["user_handle"].isin(kept).sum(), "all that they viewed"
    assert set(few["user_interests"]["user_handle"]) <= kept
    handles = sorted(views["user_handle"].unique())
    places = np.searchsorted(handles, sorted(kept)) / len(handles)
    assert 0.4 < places.mean() < 0.6, "not the first ones"
    others = sorted(set(handles) - kept)[:200]
    without = {**sample.tables, VIEWS: views[~views["user_handle"].isin(others)]}
    assert kept <= set(few_users(without, 2000)[VIEWS]["user_handle"])


def test_a_few_views_are_taken_as_they_are(sample):
    assert few_users(sample.tables, 0) is few_users(sample.tables, 10**6) is sample.tables
    assert few_users({}, 5) == {}
