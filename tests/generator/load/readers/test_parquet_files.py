from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from generator.load.files import load_tables
from generator.validation.validation import validate_tables
from shared.errors import DataError

VIEW = {
    "user_handle": pa.array([1, 2]),
    "view_date": pa.array([date(2024, 5, 1), None]),
    "course_id": pa.array(["go-basics", "sql"]),
    "author_handle": pa.array([875.0, None]),
    "level": pa.array(["Beginner", None]),
    "view_time_seconds": pa.array([60, 0]),
}


def load(folder, **columns):
    pq.write_table(pa.table(VIEW | columns), folder / "user_course_views.parquet")
    return load_tables(str(folder))


def validated(folder, **columns):
    return validate_tables(load(folder, **columns)).tables["user_course_views"]


def test_rows_come_through_with_missing_cells_empty(tmp_path):
    table = load(tmp_path)["user_course_views"]
    assert table.frame.to_numpy().tolist() == [
        ["1", "2024-05-01", "go-basics", "875", "Beginner", "60"],
        ["2", "", "sql", "", "", "0"],
    ]
    assert table.frame.index.tolist() == [1, 2]
    assert table.declared == {"user_handle": "int", "course_id": "str"}


@pytest.mark.parametrize(
    "handles",
    [
        pa.array([1, 2], pa.int8()),
        pa.array([1, 2], pa.uint64()),
        pa.array([1.0, 2.0]),
        pa.array([Decimal(1), Decimal(2)], pa.decimal128(38, 0)),
        pa.array([1, 2]).dictionary_encode(),
    ],
    ids=lambda handles: str(handles.type),
)
def test_whole_numbers_of_any_type_are_integer_handles(tmp_path, handles):
    assert validated(tmp_path, user_handle=handles)["user_handle"].tolist() == [1, 2]


@pytest.mark.parametrize(
    "kind",
    [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())],
)
def test_text_of_any_type_stays_text_though_it_is_all_digits(tmp_path, kind):
    handles = pa.array(["1", "2"]).cast(kind)
    assert validated(tmp_path, user_handle=handles)["user_handle"].tolist() == ["1", "2"]


def test_names_of_columns_are_found_whatever_their_case(tmp_path):
    pq.write_table(pa.table({"User_ID": [7], " item ": ["a"]}), tmp_path / "x.parquet")
    raw = load_tables(str(tmp_path / "x.parquet"), {"user": "user_id", "item": "item"})
    views = validate_tables(raw).tables["user_course_views"]
    assert views[["user_handle", "course_id"]].to_numpy().tolist() == [[7, "a"]]


def test_integers_beyond_64_bits_are_text(tmp_path):
    handles = pa.array([2**64 - 1, 1], pa.uint64())
    assert validated(tmp_path, user_handle=handles)["user_handle"].tolist() == [str(2**64 - 1), "1"]


def test_integers_beyond_float_precision_keep_their_last_digit_beside_a_gap(tmp_path):
    handles = pa.array([2**53 + 1, None])
    assert validated(tmp_path, user_handle=handles)["user_handle"].tolist() == [2**53 + 1]


@pytest.mark.parametrize(
    ("moment", "kind"),
    [
        (datetime(2024, 5, 1, 9, 30), pa.timestamp("s")),
        (datetime(2024, 5, 1, 9, 30), pa.timestamp("ns")),
        (datetime(2024, 5, 1, 9, 30), pa.timestamp("us", "Europe/Berlin")),
        ("2024-05-01T09:30:00", pa.string()),
        ("2024-05-01T11:30:00+02:00", pa.string()),
    ],
)
def test_time_stamps_of_any_type_are_read_as_utc(tmp_path, moment, kind):
    moments = pa.array([moment, None], kind)
    found = validated(tmp_path, view_date=moments)["view_date"]
    assert found[1] == datetime(2024, 5, 1, 9, 30)
    assert found.isna().tolist() == [False, True]


@pytest.mark.parametrize(
    "seconds",
    [
        pa.array([1.5, 2.25]),
        pa.array([Decimal("1.50"), Decimal("2.25")]),
        pa.array(["1.5", "2.25"]),
        pa.array([1.5, 2.25], pa.float32()),
    ],
    ids=lambda seconds: str(seconds.type),
)
def test_view_times_of_any_type_are_read(tmp_path, seconds):
    found = validated(tmp_path, view_time_seconds=seconds)["view_time_seconds"]
    assert found.tolist() == [1.5, 2.25]


def test_nan_is_empty_and_infinity_is_set_aside(tmp_path):
    raw = load(tmp_path, view_time_seconds=pa.array([float("nan"), float("inf")]))
    (report,) = validate_tables(raw).reports
    assert report.set_aside == {
        "view_time_seconds is empty": 1,
        "view_time_seconds is not a number": 1,
    }


def test_a_column_without_any_value_is_empty(tmp_path):
    found = validated(tmp_path, level=pa.nulls(2), view_date=pa.nulls(2))
    assert found["level"].isna().all()
    assert found["view_date"].isna().all()


@pytest.mark.parametrize(
    ("column", "values", "says"),
    [
        ("level", pa.array([["a"], ["b"]]), "list.*: expected text"),
        ("user_handle", pa.array([1.5, 2.0]), "no 64-bit integers"),
        ("course_id", pa.array([True, False]), "bool: expected integers or text"),
        ("view_date", pa.array([True, False]), "bool: expected dates"),
        ("view_time_seconds", pa.array([b"1", b"2"]), "binary: expected numbers"),
    ],
)
def test_a_type_that_cannot_be_meant_is_one_sentence(tmp_path, column, values, says):
    with pytest.raises(
        DataError, match=rf"Column {column} of .*user_course_views\.parquet .*{says}"
    ):
        load(tmp_path, **{column: values})


def test_other_columns_are_not_read(tmp_path):
    table = load(tmp_path, embedding=pa.array([[1.0], [2.0]]))["user_course_views"]
    assert "embedding" in table.columns_found
    assert "embedding" not in table.frame


@pytest.mark.parametrize("content", [b"", b"user_handle\n1\n", b"PAR1" * 5])
def test_a_file_that_is_no_parquet_is_one_sentence(tmp_path, content):
    (tmp_path / "user_interests.parquet").write_bytes(content)
    with pytest.raises(DataError, match=r"user_interests\.parquet is not readable as Parquet"):
        load_tables(str(tmp_path))


def test_a_missing_column_is_found_by_validation(tmp_path):
    pq.write_table(pa.table({"user_handle": [1]}), tmp_path / "user_interests.parquet")
    with pytest.raises(DataError, match="no column interest_tag and no column date_followed"):
        validate_tables(load_tables(str(tmp_path)))


def test_attributes_of_any_plain_type_come_through_and_deeper_ones_are_left_alone(tmp_path):
    load(tmp_path)
    users = pa.table(
        {
            "user_handle": pa.array([1, 2]),
            "skills": pa.array([["python", "sql"], None], pa.list_(pa.string())),
            "years": pa.array([2.5, None]),
            "remote": pa.array([True, False]),
            "joined": pa.array([date(2026, 5, 1), None]),
            "address": pa.array([{"city": "Ulm"}, None]),
            "photo": pa.array([b"png", None]),
        }
    )
    pq.write_table(users, tmp_path / "users.parquet")
    frame = load_tables(str(tmp_path))["users"].frame
    assert frame.columns.tolist() == ["user_handle", "skills", "years", "remote", "joined"]
    assert frame.to_numpy().tolist() == [
        ["1", "python|sql", "2.5", "true", "2026-05-01"],
        ["2", "", "", "false", ""],
    ]


@pytest.mark.parametrize("values", [[True, None], [1, None], [1.0, None], ["true", ""]])
def test_completed_may_be_written_with_any_type(tmp_path, values):
    assert validated(tmp_path, completed=pa.array(values))["completed"].tolist() == [1, -1]
