import pytest

from shared.errors import DataError, SettingsError
from tests.generator.load.platforms.exports import counts, loaded, put, rows

HEADER = (
    '"id","eventname","component","action","target","objecttable","objectid","crud","edulevel",'
    '"contextid","contextlevel","contextinstanceid","userid","courseid","relateduserid",'
    '"anonymous","other","timecreated","origin","ip","realuserid"\n'
)
NINE = 1709283600
COURSES = "id,category,fullname,shortname,summary\n1,0,Site,site,\n5,2,Algebra,ALG,About groups\n"


def line(user: object, course: object, minute: int, **other: object) -> str:
    """A row as the table mdl_logstore_standard_log has it."""
    said = {
        "eventname": r"\core\event\course_viewed",
        "edulevel": 2,
        "relateduserid": "NULL",
        "anonymous": 0,
        "realuserid": "NULL",
    } | other
    return (
        f'1,"{said["eventname"]}","core","viewed","course",NULL,NULL,"r",{said["edulevel"]},'
        f"9,50,{course},{user},{course},{said['relateduserid']},{said['anonymous']},"
        f'"N;",{NINE + 60 * minute},"web","127.0.0.1",{said["realuserid"]}\n'
    )


def test_views_last_until_the_learners_next_event_and_courses_have_titles(tmp_path):
    log = HEADER + line(7, 5, 0) + line(7, 6, 12) + line(8, 5, 13) + line(7, 5, 80)
    put(tmp_path, mdl_logstore_standard_log__csv=log, mdl_course__csv=COURSES)
    validated = loaded(tmp_path, "moodle")
    views = rows(validated, "user_course_views", "user_handle", "course_id", "view_time_seconds")
    assert views == [(7, 5, 720), (7, 6, 0), (8, 5, 0), (7, 5, 0)]
    courses = rows(validated, "courses", "course_id", "title", "description")
    assert courses == [(5, "Algebra", "About groups")]
    assert counts(validated, "courses") == (2, 1, 0, 1)


def test_guests_the_site_home_teachers_and_masks_are_left_out(tmp_path):
    log = HEADER + "".join(
        [
            line(7, 5, 0),
            line(0, 5, 1),
            line(1, 5, 2),
            line(7, 1, 3),
            line(7, 0, 4),
            line(9, 5, 5, edulevel=1),
            line(7, 5, 6, anonymous=1),
            line(7, 5, 7, realuserid=2),
        ]
    )
    put(tmp_path, log__csv=log)
    validated = loaded(tmp_path, "moodle")
    assert counts(validated) == (8, 1, 0, 7)
    assert validated.reports[0].left_out == {
        "of guests or of nobody": 2,
        "outside of any course": 2,
        "that shall stay anonymous": 1,
        "of teachers": 1,
        "of somebody who was logged in as another": 1,
    }


def test_a_completion_is_the_learners_whoever_caused_it(tmp_path):
    done = line(0, 5, 9, eventname=r"\core\event\course_completed", edulevel=1, relateduserid=7)
    put(tmp_path, log__csv=HEADER + line(7, 5, 0) + done)
    validated = loaded(tmp_path, "moodle")
    assert rows(validated, "user_course_views", "user_handle", "completed") == [(7, -1), (7, 1)]


def test_many_events_within_a_second_are_one_view(tmp_path):
    put(tmp_path, log__csv=HEADER + line(7, 5, 0) * 3 + line(7, 5, 1))
    validated = loaded(tmp_path, "moodle")
    assert rows(validated, "user_course_views", "view_time_seconds") == [(60,), (0,)]
    assert counts(validated) == (4, 2, 0, 2)


def test_the_report_of_moodles_pages_is_refused_with_the_cure(tmp_path):
    report = "Time,User full name,Affected user,Event context\n1/03/24 09:00,Ada,-,Course: X\n"
    put(tmp_path, logs__csv=report)
    with pytest.raises(DataError, match="export the table logstore_standard_log"):
        loaded(tmp_path, "moodle")


def test_words_may_say_how_the_table_lies_and_no_more(tmp_path):
    log = (HEADER + line(7, 5, 0)).replace(",", ";").replace("web", "wéb")
    (tmp_path / "log.csv").write_bytes(log.encode("latin-1"))
    validated = loaded(tmp_path, "moodle", encoding="latin-1", sep="semicolon")
    assert counts(validated) == (1, 1, 0, 0)
    with pytest.raises(SettingsError, match="where, which mean nothing with --platform moodle"):
        loaded(tmp_path, "moodle", encoding="latin-1", where="action:viewed")
