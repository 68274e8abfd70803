from datetime import UTC, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from generator.validation.dates import (
    AMBIGUOUS,
    NO_DATE,
    NO_FAULT,
    check_time_format,
    date_faults,
    dates,
)


def column(*cells: str) -> pd.Series:
    return pd.Series(list(cells), dtype="str").astype("category")


@given(
    st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30)),
    st.sampled_from(
        [None, UTC, timezone(timedelta(hours=5, minutes=30)), timezone(-timedelta(hours=8))]
    ),
    st.sampled_from(["T", " "]),
)
def test_dates_are_read_as_python_writes_them_and_turned_to_utc(moment, zone, separator):
    written = moment.replace(tzinfo=zone).isoformat(separator)
    in_utc = moment - zone.utcoffset(None) if zone else moment
    assert dates(column(written))[0] == np.datetime64(in_utc, "us")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2017-06-27", "2017-06-27"),
        ("20170627", "2017-06-27"),
        (" 2017-06-27 16:26 ", "2017-06-27T16:26"),
        ("2017-06-27T16:26:52Z", "2017-06-27T16:26:52"),
        ("2017-06-27 16:26:52 UTC", "2017-06-27T16:26:52"),
        ("2017-06-27T16:26:52.123456789", "2017-06-27T16:26:52.123456"),
        ("2017-06-27T16:26:52,5+0200", "2017-06-27T14:26:52.5"),
    ],
)
def test_usual_ways_to_write_a_date_are_read(text, moment):
    assert dates(column(text))[0] == np.datetime64(moment)


MOMENT = "2020-07-04T16:08:23.438"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("1593878903", MOMENT[:-4]),
        ("1593878903.438", MOMENT),
        ("1593878903438", MOMENT),
        ("1593878903438.0", MOMENT),
        ("1593878903438000", MOMENT),
        ("1593878903438000000", MOMENT),
        ("1593878903438123456", "2020-07-04T16:08:23.438123"),
        ("1.593878903438e+12", MOMENT),
        ("1.59e+09", "2020-05-20T18:40"),
        ("893286638000", "1998-04-22T23:10:38"),
        ("20200801", "2020-08-01"),
        ("20200801.0", "2020-08-01"),
        ("20200801093000", "2020-08-01T09:30"),
        ("202008010930", "2020-08-01T09:30"),
        ("20200801093000123", "2020-08-01T09:30:00.123"),
    ],
)
def test_a_number_says_by_its_size_what_it_counts_since_1970(text, moment):
    """Expected values by `date -u -d @1593878903.438`."""
    assert dates(column(text))[0] == np.datetime64(moment)


@example(datetime(2035, 1, 10, 17), 1000)
@example(datetime(2035, 1, 10, 17), 1)
@given(
    st.datetimes(min_value=datetime(1973, 4, 1), max_value=datetime(2261, 12, 31)),
    st.sampled_from([10**6, 10**3, 1]),
)
def test_numbers_of_every_unit_mean_the_moment_they_were_made_from(moment, microseconds):
    elapsed = (moment - datetime(1970, 1, 1)) // timedelta(microseconds=microseconds)
    expected = datetime(1970, 1, 1) + elapsed * timedelta(microseconds=microseconds)
    assert dates(column(str(elapsed)))[0] == np.datetime64(expected, "us")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2020/08/01", "2020-08-01"),
        ("2020-8-1 9:05:00", "2020-08-01T09:05"),
        ("2020.08.01 09:05", "2020-08-01T09:05"),
        ("Aug 01, 2020", "2020-08-01"),
        ("August 1st, 2020 at 9:05 p.m.", "2020-08-01T21:05"),
        ("1 Aug 2020", "2020-08-01"),
        ("01-AUG-2020 12:05:00 AM", "2020-08-01T00:05"),
        ("2020-08-01 12:05:00 PM", "2020-08-01T12:05"),
        ("2020-08-01 13:05:00 PM", "2020-08-01T13:05"),
        ("2020-08-01 09:05:00 +0000 UTC", "2020-08-01T09:05"),
        ("2020-08-01 09:05:00.25 +0200 CEST", "2020-08-01T07:05:00.25"),
        ("Saturday, 1 August 2020, 9:05 AM", "2020-08-01T09:05"),
        ("Sat, 01 Aug 2020 09:05:00 GMT", "2020-08-01T09:05"),
        ("Sat Aug 01 09:05:00 -0730 2020", "2020-08-01T16:35"),
        ("Sat Aug  1 09:05:00 2020", "2020-08-01T09:05"),
        ("Sat Aug 01 2020 09:05:00 GMT+0200 (Some Summer Time)", "2020-08-01T07:05"),
        ("01/Aug/2020:09:05:00 +0000", "2020-08-01T09:05"),
        ("13/08/2020", "2020-08-13"),
        ("8/13/2020 5:00 pm", "2020-08-13T17:00"),
        ("08/08/2020", "2020-08-08"),
    ],
)
def test_dates_as_people_and_web_servers_write_them_are_read(text, moment):
    assert dates(column(text))[0] == np.datetime64(moment)
    assert date_faults(column(text))[0] == NO_FAULT


@pytest.mark.parametrize(
    "text", ["01/08/2020", "8-1-2020 09:05", "01.08.2020", "13/02/21, 14:32", "01/08/2020T09:05"]
)
def test_where_either_number_may_be_the_month_nothing_is_guessed(text):
    assert np.isnat(dates(column(text))[0])
    assert date_faults(column(text))[0] == AMBIGUOUS


@pytest.mark.parametrize(
    "text",
    [
        *("", "now", "today", "2017", "2017-06", "27/27/2017", "2017-02-30", "2017-6-31"),
        *("0000-00-00", "2017-06-27 25:00:00", "2017-06-27 x", "June 2017", "12:30", "ts"),
        *("0", "-1", "12", "99999999999", "-1593878903", "1e400", "2017-06-27 09:00:00 EST"),
        *("Foo 27, 2017", "2017-06-27 00:30 PM", "2017-06-27 13:00 AM"),
    ],
)
def test_what_is_no_date_or_only_looks_like_one_is_nat(text):
    assert np.isnat(dates(column(text))[0])
    assert date_faults(column(text))[0] == (NO_DATE if text else NO_FAULT)


def test_an_odd_value_costs_no_other():
    odd = ["0", "-1", "ts", "", "NULL", "01/08/2020"]
    read = dates(column("1593878903", "1593878903438", *odd, "2020-08-01", "Aug 01, 2020"))
    assert np.isnat(read).tolist() == [False, False, *[True] * len(odd), False, False]


def test_what_programs_write_for_nothing_is_no_fault():
    faults = date_faults(column("NULL", r"\N", " NaT ", "", "0", "ts"))
    assert faults.tolist() == [*[NO_FAULT] * 4, NO_DATE, NO_DATE]


def test_a_fraction_in_one_row_does_not_narrow_the_years_of_another():
    read = dates(column("0001-01-01", "2017-06-27T16:26:52.123456789"))
    assert not np.isnat(read).any()


@pytest.mark.parametrize(
    ("time_format", "text", "moment"),
    [
        ("%d/%m/%Y", "01/08/2020", "2020-08-01"),
        ("%m/%d/%y %H:%M", "01/08/20 9:05", "2020-01-08T09:05"),
        ("%Y-%m-%d %H:%M:%S%z", "2020-08-01 09:00:00+0200", "2020-08-01T07:00"),
        ("seconds", "-5.5", "1969-12-31T23:59:54.5"),
        ("milliseconds", "1500", "1970-01-01T00:00:01.5"),
        ("nanoseconds", "1593878903438123456", "2020-07-04T16:08:23.438123"),
    ],
)
def test_a_declared_way_to_write_is_the_only_one_that_is_read(time_format, text, moment):
    check_time_format(time_format)
    read = dates(column(text, "2020-08-01T10:00:00", "x"), time_format)
    assert read[0] == np.datetime64(moment)
    assert np.isnat(read).tolist() == [False, True, True]


@pytest.mark.parametrize("time_format", ["%Q", "day first", "hours"])
def test_a_way_to_write_that_is_none_is_refused(time_format):
    with pytest.raises(ValueError, match=r"no % in it|bad directive"):
        check_time_format(time_format)
