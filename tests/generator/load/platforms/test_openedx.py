import gzip
import json

import pytest

from generator.load.files import load_tables
from generator.validation.validation import validate_tables
from shared.errors import DataError
from tests.generator.load.platforms.exports import counts, loaded, put, rows

DEMO = "course-v1:edX+Demo+2024"
VIEW = ("user_handle", "course_id", "view_time_seconds")


def event(user: object, minute: int, course: str = DEMO, **other) -> dict:
    """A line as Open edX's Event Data describes it."""
    return {
        "username": "x",
        "event_source": "browser",
        "event_type": "play_video",
        "time": f"2024-03-01T{9 + minute // 60:02d}:{minute % 60:02d}:00.100000+00:00",
        "context": {"user_id": user, "course_id": course, "org_id": "edX"},
        "event": '{"id": 1, "code": "x"}',
    } | other


def test_a_view_lasts_until_the_learners_next_event_unless_that_is_a_new_visit(tmp_path):
    events = [event(17, 0), event(17, 12), event(17, 60), event(18, 3), event(17, 75, "other")]
    put(tmp_path, tracking__log=events)
    views = rows(loaded(tmp_path, "openedx"), "user_course_views", *VIEW)
    assert views == [
        (17, DEMO, 720),
        (17, DEMO, 0),
        (17, DEMO, 900),
        (18, DEMO, 0),
        (17, "other", 0),
    ]
    longer = rows(loaded(tmp_path, "openedx", minutes=48), "user_course_views", *VIEW)
    assert longer[1] == (17, DEMO, 48 * 60)


def test_only_learners_own_events_in_courses_count_and_every_line_is_accounted_for(tmp_path):
    lines = [
        event(17, 0),
        event(None, 1),
        event("", 1),
        event(17, 2, ""),
        event(3, 3, event_type="edx.instructor.report.requested"),
        event(3, 3, event_type=f"/courses/{DEMO}/instructor/api/list_course_role_members"),
        event(3, 3, event_type="list-students", event_source="server"),
        event(3, 3, event_type="problem_rescore", event_source="task"),
        event(3, 4, event_type="edx.course.enrollment.activated", event={"user_id": 17}),
        event(17, 5, event_type="edx.course.enrollment.deactivated", event={"user_id": 17}),
        event(17, 6, "", event_type=f"/courses/{DEMO}/courseware/week1/"),
    ]
    text = "".join(json.dumps(line) + "\n" for line in lines)
    put(tmp_path, tracking__log=f"{text}broken {{\n\n")
    validated = loaded(tmp_path, "openedx")
    assert [row[:2] for row in rows(validated, "user_course_views", *VIEW)] == [(17, DEMO)] * 2
    assert counts(validated) == (13, 2, 1, 10)
    assert validated.reports[0].left_out == {
        "of nobody who is signed in": 2,
        "about no course": 1,
        "of the course team": 3,
        "of a background task": 1,
        "about another learner than its own": 1,
        "that ends an enrollment": 1,
        "blank lines": 1,
    }


def test_a_certificate_completes_the_course_of_the_learner_whoever_gives_it(tmp_path):
    put(
        tmp_path,
        tracking__log=[
            event(17, 0),
            event(3, 9, event_type="edx.certificate.created", event={"user_id": 17}),
        ],
    )
    completed = rows(loaded(tmp_path, "openedx"), "user_course_views", "user_handle", "completed")
    assert completed == [(17, -1), (17, 1)]


def test_events_at_one_moment_are_one_view(tmp_path):
    put(tmp_path, tracking__log=[event(17, 0), event(17, 0, name="x"), event(17, 5)])
    validated = loaded(tmp_path, "openedx")
    assert [row[2] for row in rows(validated, "user_course_views", *VIEW)] == [300, 0]
    assert counts(validated) == (3, 2, 0, 1)


def test_rotated_and_gzipped_logs_and_what_syslog_writes_before_a_line(tmp_path):
    text = "".join(f"Mar 1 09:00 host [tracking] {json.dumps(event(17, m))}\n" for m in (0, 5))
    (tmp_path / "tracking.log-20240301.gz").write_bytes(gzip.compress(text.encode()))
    put(tmp_path, tracking__log=[event(17, 9)])
    for url in (tmp_path, f"{tmp_path}/tracking.log*"):
        raw = load_tables(str(url), {}, "openedx")
        views = rows(validate_tables(raw), "user_course_views", *VIEW)
        assert sorted(seconds for _, _, seconds in views) == [0, 240, 300]


def test_a_folder_without_logs_is_said(tmp_path):
    put(tmp_path, readme__md="x", notes__md="y")
    with pytest.raises(DataError, match=r"has no file with JSON; found notes.md, readme.md"):
        load_tables(str(tmp_path), {}, "openedx")


def test_numbers_of_users_that_are_written_as_text_are_the_same_users(tmp_path):
    put(tmp_path, tracking__log=[event(17, 0), event("17", 5)])
    views = rows(loaded(tmp_path, "openedx"), "user_course_views", *VIEW)
    assert views == [(17, DEMO, 300), (17, DEMO, 0)]
