import pytest

from generator.checks.gate import reasons_to_hold
from generator.checks.past import Past
from generator.checks.set_aside import check_something_is_left
from shared.errors import DataError
from shared.records import REPEATED_ROW, Manifest, TableReport
from shared.settings import GeneratorSettings

NO_DATE = {"ts is not a date": 300, "user is empty": 2}
SAMPLES = {"ts is not a date": "-159"}


def report(kept: int, set_aside=None, table="user_course_views", **left_out: int) -> TableReport:
    aside = set_aside or {}
    rows = kept + sum(aside.values()) + sum(left_out.values())
    return TableReport(table, f"{table}.csv", rows, kept, aside, SAMPLES, left_out)


def held(*reports: TableReport, **settings) -> list[str]:
    manifest = Manifest("default", "g", "building", "", tables=list(reports))
    return reasons_to_hold(manifest, Past(), GeneratorSettings(_env_file=None, **settings))


def test_a_first_run_on_the_little_that_is_left_of_a_table_is_held_with_the_commonest_reason():
    assert held(report(4, NO_DATE)) == [
        "user_course_views: 98.7% of the rows were set aside, more than GATE_MAX_SET_ASIDE_SHARE "
        "(20%): 300 of 306 ts is not a date, as '-159'."
    ]


def test_each_table_is_judged_apart():
    tables = report(10**6), report(1, {"role is empty": 1}, table="users")
    (reason,) = held(*tables)
    assert reason.startswith("users: 50.0%")


def test_what_the_setting_allows_passes():
    assert held(report(80, {"user is empty": 20})) == []
    assert len(held(report(79, {"user is empty": 20}))) == 1
    assert held(report(4, NO_DATE), gate_max_set_aside_share=1) == []


def test_a_row_that_repeats_another_is_no_loss_and_one_not_asked_for_is_no_row():
    assert held(report(10, {REPEATED_ROW: 90})) == []
    assert held(report(0)) == []
    assert len(held(report(7, {"user is empty": 3}, left_out=1000))) == 1


def test_where_nothing_is_left_the_error_says_why_with_a_value():
    with pytest.raises(DataError, match=r"views\.csv: 300 of 302 ts is not a date, as '-159'\."):
        check_something_is_left([report(0, NO_DATE), report(5, table="courses")])


@pytest.mark.parametrize("other", [report(1, table="user_interests"), report(1)])
def test_where_something_is_left_or_nothing_was_there_is_no_error_yet(other):
    check_something_is_left([report(0, NO_DATE), other])
    check_something_is_left([report(0)])


def test_where_every_row_was_left_out_the_error_says_why():
    views = report(0)
    views.rows_read, views.left_out = 15, {"whose event is not nope": 15}
    with pytest.raises(DataError, match="every row was left out: 15 whose event is not nope"):
        check_something_is_left([views])
