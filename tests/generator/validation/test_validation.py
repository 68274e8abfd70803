import csv
import io
import math
import re
from datetime import datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.load.files import load_tables
from generator.validation.schemas import DAY_OR_MONTH
from generator.validation.validation import validate_tables
from shared.errors import DataError
from tests.generator.validation.tables import raw_table, write_tables

GOOD_VIEW = ("1", "2024-05-01", "go-basics", "9", "Beginner", "60")


def view(**changes: str) -> tuple[str, ...]:
    names = ["user_handle", "view_date", "course_id", "author_handle", "level", "view_time_seconds"]
    return tuple((dict(zip(names, GOOD_VIEW, strict=True)) | changes).values())


def validate(name, *rows, **types):
    return validate_tables({name: raw_table(name, list(rows))}, **types)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"user_handle": ""}, "user_handle is empty"),
        ({"user_handle": "  "}, "user_handle is empty"),
        ({"course_id": ""}, "course_id is empty"),
        ({"course_id": "x" * 513}, "course_id is longer than 512 characters"),
        ({"view_time_seconds": ""}, "view_time_seconds is empty"),
        ({"view_time_seconds": "-0.5"}, "view_time_seconds is negative"),
        ({"view_time_seconds": "a while"}, "view_time_seconds is not a number"),
        ({"view_time_seconds": "inf"}, "view_time_seconds is not a number"),
        ({"view_time_seconds": "nan"}, "view_time_seconds is not a number"),
        ({"view_time_seconds": "1e999"}, "view_time_seconds is not a number"),
        ({"view_time_seconds": "1700000000000"}, "view_time_seconds is above 1e9"),
        ({"view_date": "01/05/2024"}, f"view_date {DAY_OR_MONTH}"),
        ({"view_date": "0"}, "view_date is not a date"),
        ({"view_date": "2024-02-30"}, "view_date is not a date"),
        ({"level": "x" * 513}, "level is longer than 512 characters"),
    ],
)
def test_a_bad_view_is_set_aside_with_its_reason(change, reason):
    validated = validate("user_course_views", GOOD_VIEW, view(**change))
    (report,) = validated.reports
    assert report.set_aside == {reason: 1}
    assert (report.rows_read, report.rows_kept) == (2, 1)
    (row,) = validated.set_aside["user_course_views"].to_dict("records")
    assert row["row"] == 3
    assert row["reasons"].startswith(reason)
    assert {name: row[name] for name in change} == change


@pytest.mark.parametrize(
    "change",
    [
        {"view_date": ""},
        {"author_handle": ""},
        {"level": ""},
        {"view_time_seconds": "0"},
        {"view_date": "2242-01-01"},
    ],
)
def test_what_may_be_empty_or_odd_is_kept(change):
    validated = validate("user_course_views", GOOD_VIEW, view(**change))
    assert validated.reports[0].rows_kept == 2
    assert validated.set_aside["user_course_views"].empty


@pytest.mark.parametrize(
    ("table", "row", "reason"),
    [
        ("user_interests", ("1", "", "2024-05-01"), "interest_tag is empty"),
        ("user_interests", ("1", "x" * 513, ""), "interest_tag is longer than 512 characters"),
        ("user_assessment_scores", ("1", "go", "", ""), "user_assessment_score is empty"),
        ("user_assessment_scores", ("1", "go", "", "A"), "user_assessment_score is not a number"),
        ("user_assessment_scores", ("1", "", "", "5"), "assessment_tag is empty"),
        ("course_tags", ("", "go"), "course_id is empty"),
        ("courses", ("", "Title of none"), "course_id is empty"),
        ("courses", ("x" * 513, "Title"), "course_id is longer than 512 characters"),
        ("users", (" ", "engineer"), "user_handle is empty"),
        ("course_reviews", ("1", "a", "soon", "5"), "review_date is not a date"),
        ("course_reviews", ("1", "a", "", "five"), "rating is not a number"),
        ("course_reviews", ("", "a", "", "5", "Good."), "user_handle is empty"),
        ("course_completions", ("1", "", "2026-05-01"), "course_id is empty"),
        ("course_completions", ("1", "a", "May"), "completion_date is not a date"),
        (
            "user_course_views",
            ("1", "", "a", "", "", "5", "87%"),
            "completed is neither true nor false",
        ),
    ],
)
def test_a_bad_row_of_another_table_is_set_aside_with_its_reason(table, row, reason):
    assert validate(table, row).reports[0].set_aside == {reason: 1}


def test_a_course_with_an_empty_tag_stays_known():
    validated = validate("course_tags", ("go-basics", ""))
    assert validated.tables["course_tags"]["course_id"].tolist() == ["go-basics"]
    assert validated.tables["course_tags"]["course_tags"].isna().all()


def test_what_optional_columns_hold_is_kept_and_what_is_absent_is_no_fault(tmp_path):
    folder = write_tables(
        tmp_path,
        user_interests="user_handle,interest_tag,date_followed\n1,go,\n",
        courses="course_id,Teacher,reasons\na,Ada,old\na,Ada,old\n",
        course_reviews="user_handle,course_id,review_date,rating\n1,a,,4.5\n1,b,,\n",
    )
    validated = validate_tables(load_tables(folder))
    courses = validated.tables["courses"]
    assert courses.columns.tolist() == ["course_id", "Teacher"]
    assert courses["Teacher"].tolist() == ["ada"]
    reports = {report.table: report for report in validated.reports}
    assert reports["courses"].set_aside == {"exact duplicate of an earlier row": 1}
    assert reports["course_reviews"].rows_kept == 2


def test_handles_of_optional_tables_count_for_the_type_of_handles(tmp_path):
    folder = write_tables(
        tmp_path,
        user_interests="user_handle,interest_tag,date_followed\n1,go,\n",
        users="user_handle,role\nada,engineer\n2,designer\n",
    )
    assert validate_tables(load_tables(folder)).user_handle_type == "str"


@pytest.mark.parametrize(
    ("text", "meaning"), [("TRUE", 1), (" yes ", 1), ("1.0", 1), ("No", 0), ("0", 0), ("", -1)]
)
def test_whether_a_view_completed_its_course(text, meaning):
    kept = validate("user_course_views", ("1", "", "a", "", "", "5", text))
    assert kept.tables["user_course_views"]["completed"].tolist() == [meaning]


def test_of_equal_rows_the_first_is_kept():
    rows = [("1", "go", "2024-05-01"), ("1", "go", "2024-05-02"), ("1", "go", "2024-05-01")]
    validated = validate("user_interests", *rows, rows[0])
    assert validated.tables["user_interests"].index.tolist() == [2, 3]
    assert validated.reports[0].set_aside == {"exact duplicate of an earlier row": 2}


def test_the_first_value_that_was_set_aside_for_each_reason_is_shown_and_cut_if_long():
    rows = [("1", "go", "soon"), ("1", "go", "later"), ("1", "x" * 513, ""), ("", "go", "")]
    (report,) = validate("user_interests", *rows).reports
    assert report.samples == {
        "user_handle is empty": "",
        "interest_tag is longer than 512 characters": "x" * 77 + "...",
        "date_followed is not a date": "soon",
    }


def test_a_row_with_several_reasons_is_counted_once_and_shows_all():
    validated = validate("user_interests", ("", "", "soon"), ("1", "go", ""))
    assert validated.reports[0].set_aside == {"user_handle is empty": 1}
    (row,) = validated.set_aside["user_interests"].to_dict("records")
    assert row["reasons"] == (
        "user_handle is empty; interest_tag is empty; date_followed is not a date"
    )


def test_handles_that_are_not_of_the_decided_type_are_set_aside_naming_the_setting():
    rows = [(str(n), "go", "") for n in range(200)] + [("ada", "go", ""), (str(2**63), "go", "")]
    validated = validate("user_interests", *rows, live_types={"user_handle": "int"})
    assert validated.user_handle_type == "int"
    assert validated.tables["user_interests"]["user_handle"].tolist() == list(range(200))
    assert validated.reports[0].set_aside == {
        "user_handle is not a whole number (USER_HANDLE_TYPE=str takes text)": 1,
        "user_handle is outside 64 bits": 1,
    }


@pytest.mark.parametrize("text", ["NULL", "nan", "None", r"\N", "<NA>"])
def test_what_programs_write_for_nothing_is_no_handle(text):
    validated = validate("user_interests", ("1", "go", ""), (text, "go", ""), ("2", text, ""))
    assert validated.user_handle_type == "int"
    assert validated.reports[0].set_aside == {"user_handle is empty": 1}
    assert validated.reports[0].samples == {"user_handle is empty": text}
    assert validated.tables["user_interests"]["interest_tag"].tolist() == ["go", text.casefold()]


def test_one_handle_beyond_64_bits_makes_all_text_on_a_first_run():
    rows = [(str(n), "go", "") for n in range(200)] + [(str(2**63), "go", "")]
    validated = validate("user_interests", *rows)
    assert validated.user_handle_type == "str"
    assert validated.reports[0].rows_kept == 201


@pytest.mark.parametrize("live", ["int", "str"])
def test_the_live_type_of_handles_stays_unless_a_setting_says_otherwise(live):
    rows = [("1", "go", ""), ("2", "go", ""), ("ada", "go", "")]
    validated = validate("user_interests", *rows, live_types={"user_handle": live})
    assert validated.user_handle_type == live
    assert validated.reports[0].rows_kept == (2 if live == "int" else 3)
    types = {"live_types": {"user_handle": live}, "user_handle_type": "str"}
    assert validate("user_interests", *rows, **types).user_handle_type == "str"


def test_text_handles_stay_as_they_are_written():
    rows = [(handle, "go", "") for handle in ("007", "7", "Ada", "ada", " bob ")]
    validated = validate("user_interests", *rows)
    assert validated.tables["user_interests"]["user_handle"].tolist() == [
        "007",
        "7",
        "Ada",
        "ada",
        "bob",
    ]


def test_a_setting_makes_digits_text():
    validated = validate(
        "user_interests", ("7", "go", ""), ("8.0", "go", ""), user_handle_type="str"
    )
    assert validated.tables["user_interests"]["user_handle"].tolist() == ["7", "8.0"]


def test_integers_written_with_a_point_are_the_integers():
    validated = validate("user_interests", ("7.0", "go", ""), ("7", "sql", ""))
    assert validated.tables["user_interests"]["user_handle"].tolist() == [7, 7]
    assert validated.tables["user_interests"]["user_handle"].cat.categories.dtype == np.int64


def test_a_missing_column_stops_the_run_and_says_which(tmp_path):
    folder = write_tables(tmp_path, user_interests="user_handle,Tag,date_followed\n1,go,\n")
    with pytest.raises(DataError) as raised:
        validate_tables(load_tables(folder))
    assert str(raised.value) == (
        f"{tmp_path}/user_interests.csv has no column interest_tag: expected user_handle, "
        "interest_tag, date_followed, found user_handle, Tag, date_followed."
    )


def test_a_file_of_which_nothing_is_recognised_may_be_separated_by_something_else(tmp_path):
    write_tables(tmp_path, user_interests="user_handle#interest_tag#date_followed\n1#go#\n")
    with pytest.raises(DataError, match="is it separated by commas"):
        validate_tables(load_tables(str(tmp_path)))


def test_lines_that_are_no_rows_are_reported_with_the_others(tmp_path):
    folder = write_tables(
        tmp_path,
        user_interests="""
        user_handle,interest_tag,date_followed
        1,go,2024-05-01
        2,go
        ,go,
        3,go,2024-05-01,extra
        """,
    )
    validated = validate_tables(load_tables(folder))
    (report,) = validated.reports
    assert (report.rows_read, report.rows_kept) == (4, 1)
    assert report.set_aside == {"wrong number of fields": 2, "user_handle is empty": 1}
    aside = validated.set_aside["user_interests"]
    assert aside["row"].tolist() == [3, 4, 5]
    assert aside["line"].fillna("").tolist() == ["2,go", "", "3,go,2024-05-01,extra"]


def test_a_table_with_a_header_alone_is_empty_and_fine(tmp_path):
    folder = write_tables(tmp_path, user_interests="user_handle,interest_tag,date_followed\n")
    validated = validate_tables(load_tables(folder))
    assert validated.reports[0].rows_read == 0
    assert validated.tables["user_interests"].empty


HANDLES = st.sampled_from(["1", "2", "3", "17", "-4", "5.0", "", " ", "ada", "007"])
SECONDS = st.sampled_from(["0", "12", "3.5", "-1", "", "x", "inf", "1e3", "99999999999"])
DATES = st.sampled_from(["", "2024-05-01", "2024-05-01 10:00:00", "2024-13-01", "yesterday"])
COURSES = st.sampled_from(["go-basics", "", "sql", "c++"])
ROWS = st.lists(
    st.tuples(HANDLES, DATES, COURSES, st.just(""), st.sampled_from(["", "Easy"]), SECONDS),
    max_size=30,
)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_every_row_is_kept_or_set_aside_as_a_check_row_by_row_would(rows):
    filled = [row[0].strip() for row in rows if row[0].strip()]
    whole = [text for text in filled if re.fullmatch(r"0|-?[1-9][0-9]*(\.0)?", text)]
    integers = len(whole) >= 0.99 * len(filled)
    seen: set[tuple[str, ...]] = set()
    fine = []
    for row in rows:
        fine.append(row not in seen and _is_fine(row, integers))
        seen.add(row)
    validated = validate("user_course_views", *rows)
    (report,) = validated.reports
    assert report.rows_kept == sum(fine)
    assert report.rows_kept + report.rows_set_aside == report.rows_read == len(rows)
    kept = [index - 2 for index in validated.tables["user_course_views"].index]
    assert kept == [place for place, good in enumerate(fine) if good]
    assert len(validated.set_aside["user_course_views"]) == report.rows_set_aside


def _is_fine(row: tuple[str, ...], integers: bool) -> bool:
    handle, date, course, _, _, seconds = row
    try:
        if date:
            datetime.fromisoformat(date)
        number = float(seconds)
        if integers:
            whole = int(handle.strip().removesuffix(".0"))
            if str(whole) != handle.strip().removesuffix(".0"):
                return False
    except ValueError:
        return False
    return bool(handle.strip() and course and math.isfinite(number) and 0 <= number <= 1e9)


def test_what_is_set_aside_can_be_mended_and_read_again(tmp_path):
    rows = [("1", 'a "quoted", tag', "soon"), ("2", "line\nbreak", "later")]
    aside = validate("user_interests", *rows).set_aside["user_interests"]
    text = io.StringIO()
    aside.to_csv(text, index=False)
    again = list(csv.DictReader(io.StringIO(text.getvalue())))
    assert [(r["user_handle"], r["interest_tag"], r["date_followed"]) for r in again] == rows
