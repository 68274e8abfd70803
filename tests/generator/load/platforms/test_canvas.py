import pytest

from generator.load.files import load_tables
from shared.errors import DataError
from tests.generator.load.platforms.exports import counts, loaded, put, rows

ENROLLMENTS = (
    "key.id,value.user_id,value.course_id,value.type,value.workflow_state,value.created_at,"
    "value.total_activity_time,meta.ts\n"
    "1,7,50,StudentEnrollment,active,2024-01-10T08:00:00.000Z,7200,x\n"
    "2,8,50,TeacherEnrollment,active,2024-01-10T08:00:00.000Z,9000,x\n"
    "3,9,50,StudentEnrollment,deleted,2024-01-10T08:00:00.000Z,,x\n"
    "4,9,51,StudentEnrollment,completed,2024-01-11T08:00:00.000Z,,x\n"
)
COURSES = (
    "key.id,value.name,value.course_code,value.workflow_state,value.public_description\n"
    "50,Algebra,ALG,available,Groups\n51,Logic,LOG,completed,\n52,Old,OLD,deleted,\n"
)
WEB_LOGS = (
    "key.id,value.user_id,value.course_id,value.timestamp,value.interaction_micros,value.url\n"
    "a,7,50,2024-03-01T09:00:00.000Z,90000000,/courses/50\n"
    "b,8,50,2024-03-01T09:01:00.000Z,5000000,/courses/50\n"
    "c,7,,2024-03-01T09:02:00.000Z,,/courses/50/modules\n"
    "d,,50,2024-03-01T09:03:00.000Z,,/courses/50\n"
    "e,7,,2024-03-01T09:04:00.000Z,,/profile\n"
)
VIEW = ("user_handle", "course_id", "view_time_seconds")


def test_enrollments_of_students_are_views_as_long_as_their_activity(tmp_path):
    put(tmp_path, enrollments__csv=ENROLLMENTS, courses__csv=COURSES)
    validated = loaded(tmp_path, "canvas")
    assert rows(validated, "user_course_views", *VIEW) == [(7, 50, 7200), (9, 51, 0)]
    assert counts(validated) == (4, 2, 0, 2)
    assert rows(validated, "courses", "course_id", "title") == [(50, "Algebra"), (51, "Logic")]
    assert counts(validated, "courses") == (3, 2, 0, 1)


def test_enrollments_of_which_no_activity_is_known_have_weights_and_no_times(tmp_path):
    put(tmp_path, enrollments__csv=ENROLLMENTS.replace(",7200,", ",,"))
    validated = loaded(tmp_path, "canvas")
    assert rows(validated, "user_course_views", *VIEW) == [(7, 50, 3600), (9, 51, 3600)]
    assert not validated.view_times_are_measured


def test_page_views_of_students_count_and_enrollments_then_only_say_who_has_seen(tmp_path):
    put(tmp_path, enrollments__csv=ENROLLMENTS, web_logs__csv=WEB_LOGS)
    validated = loaded(tmp_path, "canvas")
    views = rows(validated, "user_course_views", *VIEW)
    assert views == [(7, 50, 90), (7, 50, 0), (7, 50, 0), (9, 51, 0)]
    left_out = next(r for r in validated.reports if r.table == "user_course_views").left_out
    assert left_out == {
        "of nobody who is signed in": 1,
        "outside of any course": 1,
        "of others than students of the course": 1,
        "of others than students": 1,
        "that is deleted, rejected or inactive": 1,
    }


def test_page_views_of_the_rest_api_are_read(tmp_path):
    page = {
        "id": "x",
        "context_type": "Course",
        "interaction_seconds": 7.21,
        "created_at": "2024-03-01T09:00:00Z",
        "url": "https://school.instructure.com/courses/50",
        "links": {"user": 7, "context": 50, "asset": None, "real_user": None, "account": 1},
    }
    masked = page | {"links": page["links"] | {"real_user": 1}}
    put(tmp_path, page_views__jsonl=[page, masked])
    validated = loaded(tmp_path, "canvas")
    assert rows(validated, "user_course_views", *VIEW) == [(7, 50, 7.21)]
    assert counts(validated) == (2, 1, 0, 1)


def test_without_enrollments_and_page_views_there_is_nothing(tmp_path):
    put(tmp_path, courses__csv=COURSES)
    with pytest.raises(DataError, match=r"has no enrollments and no page views .*; found courses"):
        loaded(tmp_path, "canvas")


def test_tables_may_be_folders_of_parts_and_what_is_not_read_is_said(tmp_path):
    header, *lines = ENROLLMENTS.splitlines()
    for number, line in enumerate(lines):
        (tmp_path / "enrollments").mkdir(exist_ok=True)
        part = tmp_path / "enrollments" / f"part-{number}.csv"
        part.write_text(f"{header}\n{line}\n")
    put(tmp_path, wikis__csv="key.id\n1\n")
    tables = load_tables(str(tmp_path), {}, "canvas")
    assert tables["user_course_views"].frame["user_handle"].tolist() == ["7", "9"]
    assert tables["user_course_views"].remarks == (
        "No part of what canvas exports, and not read: wikis.csv.",
    )
