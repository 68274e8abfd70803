"""Events of the log become rows of the tables, each accounted for, and none of them twice."""

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.load.files import load_tables
from generator.validation.events import tables_of_events, with_events
from generator.validation.validation import validate_tables
from shared.events import Event

DAY = "2026-02-0{}T10:00:00.000000Z"
TABLES = {
    "user_course_views": "user_handle,view_date,course_id,author_handle,level,view_time_seconds\n"
    "1,2026-02-01T10:00:00Z,go-101,ann,Beginner,60\n"
    "2,2026-02-02,py-101,bob,Advanced,120\n",
    "user_interests": "user_handle,interest_tag,date_followed\n1,Go,2026-01-01\n",
}


def view(event_id, user, course, day, **more):
    return Event(event_id, "view", user, DAY.format(day), course, **more)


@pytest.fixture
def validated(tmp_path):
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text)
    return validate_tables(load_tables(str(tmp_path)))


def views_of(validated):
    dataset = build_dataset(validated.tables, True)
    users, courses = dataset.users.handles(), dataset.courses.handles()
    seconds = dataset.view_seconds.tocoo()
    pairs = zip(seconds.row, seconds.col, seconds.data, strict=True)
    return {(users[u], courses[c]): float(s) for u, c, s in pairs}


def test_without_events_the_tables_are_what_they_were(validated):
    assert with_events(validated, []) is validated


def test_views_of_old_and_new_users_and_courses_join_those_of_the_tables(validated):
    events = [view("a", 1, "py-101", 3, seconds=30.0), view("b", 77, "new", 4)]
    joined = with_events(validated, events)
    assert views_of(joined) == {
        (1, "go-101"): 60,
        (2, "py-101"): 120,
        (1, "py-101"): 30,
        # Nobody measured it, so that it counts as a view without a time does in a table of weights.
        (77, "new"): 3600,
    }
    report = joined.reports[-1]
    assert (report.table, report.rows_read, report.rows_kept) == ("events", 2, 2)


def test_what_the_tables_have_already_counts_once(validated):
    known, later = view("a", 1, "go-101", 1, seconds=60.0), view("b", 1, "go-101", 2, seconds=5.0)
    followed = Event("c", "interest", 1, DAY.format(1), tag="GO")
    joined = with_events(validated, [known, later, followed])
    assert views_of(joined)[1, "go-101"] == 65
    assert len(joined.tables["user_interests"]) == 1
    assert joined.reports[-1].left_out == {"in the tables already": 2}
    assert joined.reports[-1].rows_kept == 1


def test_each_kind_says_what_it_says(validated):
    events = [
        Event("a", "completion", 2, DAY.format(3), "go-101"),
        Event("b", "rating", 2, DAY.format(4), "py-101", value=4.0),
        Event("c", "interest", 2, DAY.format(5), tag="Data Science"),
        Event("d", "dismissal", 2, DAY.format(6), "rust-101"),
    ]
    joined = with_events(validated, events)
    dataset = build_dataset(joined.tables, True)
    user = int(dataset.users.index_of([2])[0])
    course = dataset.courses.index_of(["go-101", "py-101", "rust-101"])
    assert dataset.seen[user, course[0]]
    assert dataset.completions[user, course[0]]
    assert dataset.ratings[user, course[1]] == 4
    assert course[2] == -1
    assert dataset.interests[user, dataset.tags.index_of(["data science"])[0]]
    assert joined.reports[-1].left_out == {"dismissals, which say what not to show": 1}
    assert views_of(joined)[2, "py-101"] == 120


def test_events_come_after_what_was_before_them(validated):
    joined = with_events(validated, [view("a", 1, "py-101", 1), view("b", 1, "x", 9)])
    dataset = build_dataset(joined.tables, True)
    (user,) = dataset.users.index_of([1])
    start, end = dataset.interactions.offsets[user : user + 2]
    order = dataset.courses.handles(dataset.interactions.courses[start:end])
    assert list(order) == ["go-101", "py-101", "x"]


def test_handles_of_another_type_are_set_aside_and_said(validated):
    joined = with_events(validated, [view("a", "1", "go-101", 5), view("b", 1, 101, 5)])
    assert views_of(joined) == views_of(validated)
    assert joined.reports[-1].set_aside == {
        "the user's handle is str, and those of the tables int": 1,
        "the course's handle is int, and those of the tables str": 1,
    }


def test_a_platform_may_begin_with_interests_and_have_its_views_from_events(tmp_path):
    (tmp_path / "user_interests.csv").write_text(TABLES["user_interests"])
    validated = validate_tables(load_tables(str(tmp_path)), course_handle_type="str")
    joined = with_events(validated, [view("a", 1, "go-101", 1, seconds=60.0)])
    assert views_of(joined) == {(1, "go-101"): 60}


def test_tables_of_events_can_be_read_like_any_others(tmp_path, validated):
    events = [
        view("a", 1, "py-101", 3, seconds=30.0),
        Event("b", "completion", 2, DAY.format(4), "go-101"),
        Event("c", "rating", 2, DAY.format(5), "go-101", value=4.5),
        Event("d", "interest", 2, DAY.format(6), tag="go"),
        Event("e", "attribute", 2, DAY.format(6), tag="Developer", attribute="role"),
        Event("f", "attribute", 2, DAY.format(6), tag="Manager", attribute="role"),
    ]
    folder = tmp_path / "exported"
    folder.mkdir()
    for name, table in tables_of_events(events).items():
        table.to_csv(folder / f"{name}.csv", index=False)
    read = validate_tables(load_tables(str(folder)))
    assert all(not report.set_aside for report in read.reports)
    alone = with_events(validated, events)
    assert list(read.tables["users"]["role"]) == ["developer|manager"]
    ours = alone.tables["user_course_views"].iloc[2:]
    theirs = read.tables["user_course_views"]
    for column in ("view_date", "view_time_seconds", "completed"):
        assert np.array_equal(ours[column].to_numpy(), theirs[column].to_numpy()), column


def test_what_users_say_of_themselves_joins_the_columns_of_the_table_users(tmp_path):
    for name, text in TABLES.items():
        (tmp_path / f"{name}.csv").write_text(text)
    (tmp_path / "users.csv").write_text(
        "user_handle,role,Office\n1,Developer,Oslo\n2,Tester,Rome\n"
    )
    validated = validate_tables(load_tables(str(tmp_path)))

    def said(event_id, user, name, value, day):
        return Event(event_id, "attribute", user, DAY.format(day), tag=value, attribute=name)

    events = [
        said("b", 1, "role", "manager", 5),
        said("a", 1, "Role", "Architect", 4),  # before, though it came later
        said("c", 77, "office", "Rome", 5),
        said("d", 77, "skills", "Go", 5),
        said("e", 77, "skills", "SQL", 5),
        said("f", 77, "shoe size", "43", 5),
        said("g", 77, "user_handle", "1", 5),
    ]
    joined = with_events(validated, events)
    dataset = build_dataset(joined.tables, True)
    found = {one.name: one for one in dataset.user_attributes}
    assert sorted(found) == ["Office", "role", "skills"]

    def labels(name, user):
        row = found[name].matrix[dataset.users.index_of([user])[0]]
        return sorted(found[name].labels.handles(row.indices))

    assert labels("role", 1) == ["manager"]
    assert labels("role", 2) == ["tester"]
    assert labels("Office", 1) == ["oslo"]
    assert labels("Office", 77) == ["rome"]
    assert labels("skills", 77) == ["go", "sql"]
    report = joined.reports[-1]
    assert report.left_out == {"attributes that the table users has no column for": 2}
    assert (report.rows_read, report.rows_kept) == (7, 5)


def test_without_a_table_of_users_events_make_one_of_the_usual_columns(validated):
    event = Event("a", "attribute", 5, DAY.format(1), tag="Developer", attribute="role")
    dataset = build_dataset(with_events(validated, [event]).tables, True)
    (role,) = dataset.user_attributes
    assert role.name == "role"
    assert list(role.labels.handles()) == ["developer"]
