import gzip
import io

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.sparse as sp

from generator.dataset.build import build_dataset
from generator.load.files import load_tables
from generator.load.sources.digest import data_digest
from generator.validation.validation import validate_tables
from shared.errors import DataError, SettingsError
from tests.generator.load.small_tables import INTERESTS, VIEWS, write

HOUR = 3600.0
RATINGS = "user_id,movie,rating,ts\n7,a,4,978300760\n7,b,0.5,978302109000\n9,a,1,978301968\n"
COLUMNS = {"user": "user_id", "item": "movie", "weight": "rating", "time": "ts"}


def views_of(url, columns=None) -> pd.DataFrame:
    return validate_tables(load_tables(str(url), columns)).tables["user_course_views"]


def pairs(views: pd.DataFrame) -> list[tuple[object, object, float]]:
    names = ["user_handle", "course_id", "view_time_seconds"]
    return list(views[names].astype(object).itertuples(index=False, name=None))


EXPECTED = [(7, "a", 4 * HOUR), (7, "b", HOUR / 2), (9, "a", HOUR)]


def test_columns_of_other_names_become_views_with_weights_in_hours(tmp_path):
    (tmp_path / "ratings.csv").write_text(RATINGS)
    views = views_of(tmp_path / "ratings.csv", COLUMNS)
    assert pairs(views) == EXPECTED
    assert views["level"].isna().all()
    assert views["author_handle"].isna().all()


def test_times_may_be_seconds_or_milliseconds_since_1970(tmp_path):
    (tmp_path / "ratings.csv").write_text(RATINGS)
    dates = views_of(tmp_path / "ratings.csv", COLUMNS)["view_date"]
    # `date -u -d @978300760`
    assert list(dates.astype(str)) == [
        "2000-12-31 22:12:40",
        "2000-12-31 22:35:09",
        "2000-12-31 22:32:48",
    ]


ODD_TIMES = ["0", "-1", "NULL", "", "time"]


def test_one_odd_time_costs_its_row_and_no_other(tmp_path):
    rows = [f"{n % 5},{n % 7},{1593878903 + 60 * n}" for n in range(40)]
    rows[20:20] = [f"9,{place},{text}" for place, text in enumerate(ODD_TIMES)]
    (tmp_path / "x.csv").write_text("\n".join(["u,i,t", *rows]))
    validated = validate_tables(
        load_tables(str(tmp_path / "x.csv"), {"user": "u", "item": "i", "time": "t"})
    )
    (report,) = validated.reports
    assert report.set_aside == {"t is not a date": 3}
    assert report.samples == {"t is not a date": "0"}
    views = validated.tables["user_course_views"]
    assert views.index[views["view_date"].isna()].tolist() == [24, 25]
    assert len(views) == 42
    assert validated.set_aside["user_course_views"]["view_date"].tolist() == ["0", "-1", "time"]


def test_events_half_a_second_apart_are_two(tmp_path):
    (tmp_path / "x.csv").write_text("u,i,t\n1,a,1593878903100\n1,a,1593878903650\n")
    views = views_of(tmp_path / "x.csv", {"user": "u", "item": "i", "time": "t"})
    assert views["view_date"].diff().dt.total_seconds().tolist()[1] == 0.55


def test_a_declared_time_format_decides_between_day_and_month(tmp_path):
    (tmp_path / "x.csv").write_text("u,i,t\n1,a,01/08/2020\n1,b,8/1/2020\n")
    columns = {"user": "u", "item": "i", "time": "t"}
    assert views_of(tmp_path / "x.csv", columns).empty
    for declared, months in (("%d/%m/%Y", [8, 1]), ("%m/%d/%Y", [1, 8])):
        views = views_of(tmp_path / "x.csv", columns | {"time_format": declared})
        assert views["view_date"].dt.month.tolist() == months


def test_a_declared_time_format_is_for_every_table_of_a_folder(tmp_path):
    write(tmp_path, user_interests=INTERESTS.replace("2024-05-01", "01/05/2024"))
    tables = load_tables(str(tmp_path), {"time_format": "%d/%m/%Y"})
    dates = validate_tables(tables).tables["user_interests"]["date_followed"]
    assert dates.dt.month.tolist() == [5]


@pytest.mark.parametrize("kind", [pa.int64(), pa.float64(), pa.decimal128(25, 3)], ids=str)
def test_times_of_a_parquet_file_may_be_numbers(tmp_path, kind):
    times = pa.array([1593878903438, None]).cast(kind)
    table = pa.table({"u": ["1", "2"], "i": ["a", "b"], "t": times})
    pq.write_table(table, tmp_path / "x.parquet")
    views = views_of(tmp_path / "x.parquet", {"user": "u", "item": "i", "time": "t"})
    assert str(views["view_date"].iloc[0]) == "2020-07-04 16:08:23.438000"
    assert views["view_date"].isna().tolist() == [False, True]


@pytest.mark.parametrize(
    ("name", "separator", "declared"),
    [
        ("x.dat", "::", {}),
        ("x.tsv", "\t", {}),
        ("x.inter", "\t", {}),
        ("x.txt", "\t", {}),
        ("x.csv", ";", {"sep": "semicolon"}),
        ("x.csv", "|", {"sep": "|"}),
    ],
)
def test_files_without_header_have_numbered_columns(tmp_path, name, separator, declared):
    lines = [line.replace(",", separator) for line in RATINGS.splitlines()[1:]]
    (tmp_path / name).write_text("\n".join(lines))
    columns = {"user": "1", "item": "2", "weight": "3", "time": "4", **declared}
    assert pairs(views_of(tmp_path / name, columns)) == EXPECTED


def test_movielens_rows_that_are_broken_are_counted_by_their_line(tmp_path):
    (tmp_path / "ratings.dat").write_text("1::a::5\n1::b\n2::a::3\n")
    raw = load_tables(str(tmp_path / "ratings.dat"), {"user": "1", "item": "2", "weight": "3"})
    assert list(raw["user_course_views"].malformed["row"]) == [2]
    assert list(raw["user_course_views"].frame.index) == [1, 3]


def test_a_header_may_stand_between_double_colons(tmp_path):
    (tmp_path / "r.dat").write_text("user::item\n1::a\n2::b\n")
    columns = {"user": "user", "item": "item"}
    assert pairs(views_of(tmp_path / "r.dat", columns)) == [(1, "a", HOUR), (2, "b", HOUR)]


def test_lines_of_a_user_and_their_items_keep_the_order_of_time(tmp_path):
    (tmp_path / "train.txt").write_text("5 30 10 20\n6\n\n7 10\n")
    views = views_of(tmp_path / "train.txt")
    assert pairs(views) == [(5, 30, HOUR), (5, 10, HOUR), (5, 20, HOUR), (7, 10, HOUR)]


def test_lines_of_items_alone_are_users_by_their_number(tmp_path):
    (tmp_path / "sequences.txt").write_text("30 0 20\n10\n")
    raw = load_tables(str(tmp_path / "sequences.txt"), {"user": "line", "empty": "0"})
    validated = validate_tables(raw)
    found = pairs(validated.tables["user_course_views"])
    assert found == [(1, 30, HOUR), (1, 20, HOUR), (2, 10, HOUR)]
    assert validated.reports[0].set_aside == {"item is empty": 1}


def test_a_sparse_matrix_is_users_by_courses_and_its_entries_are_weights(tmp_path):
    matrix = sp.csr_matrix(np.array([[0, 2.5, 0], [1, 0, 0.125]], np.float32))
    sp.save_npz(tmp_path / "train.npz", matrix)
    dataset = build_dataset({"user_course_views": views_of(tmp_path / "train.npz")})
    np.testing.assert_allclose(dataset.view_seconds.toarray(), matrix.toarray() * HOUR)
    assert dataset.courses.handles([0, 2]) == [0, 2]


def test_an_archive_of_objects_is_refused(tmp_path):
    np.savez(tmp_path / "x.npz", data=np.array([{"a": 1}], object))
    with pytest.raises(DataError, match=r"x\.npz holds no sparse matrix"):
        load_tables(str(tmp_path / "x.npz"))


def test_parquet_and_gzipped_files_are_read_by_the_same_names(tmp_path):
    frame = pd.read_csv(io.StringIO(RATINGS))
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "r.parquet")
    (tmp_path / "r.csv.gz").write_bytes(gzip.compress(RATINGS.encode()))
    for name in ("r.parquet", "r.csv.gz"):
        assert pairs(views_of(tmp_path / name, COLUMNS)) == EXPECTED


def test_a_file_in_our_own_columns_needs_no_declaration(tmp_path):
    write(tmp_path, export=VIEWS)
    assert pairs(views_of(tmp_path / "export.csv")) == [(1, "go-basics", 60.0)]


def test_the_views_of_a_folder_may_have_other_columns_and_tables_beside_them(tmp_path):
    write(tmp_path, user_course_views=RATINGS, user_interests=INTERESTS)
    tables = load_tables(str(tmp_path), COLUMNS)
    assert list(tables) == ["user_interests", "user_course_views"]
    assert pairs(views_of(tmp_path, COLUMNS)) == EXPECTED


def test_a_file_on_a_web_server_is_read_too(tmp_path, web):
    (tmp_path / "ratings.csv").write_text(RATINGS)
    assert pairs(views_of(f"{web}/ratings.csv?key=secret", COLUMNS)) == EXPECTED
    assert data_digest(f"{web}/ratings.csv") == data_digest(str(tmp_path / "ratings.csv"))


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        (
            {"item": "movie"},
            "which column of .*r.csv is the user: add user=NAME; the columns",
        ),
        ({"user": "user_id", "item": "film"}, "r.csv has no column film, .* is course_id: found"),
    ],
)
def test_a_column_that_is_not_there_is_named(tmp_path, columns, says):
    (tmp_path / "r.csv").write_text(RATINGS)
    with pytest.raises(DataError, match=says):
        load_tables(str(tmp_path / "r.csv"), columns)


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"buyer": "u"}, "buyer=u, and 'buyer' is none of user, item, weight"),
        ({"user": "u", "user_handle": "v"}, "user_handle=v was said already"),
        ({"user": "u", "item": "u"}, "item=u was said already"),
        ({"user": "u", "duplicates": "keep"}, "duplicates=keep: expected drop or count"),
        ({"user": "u", "quote": "single"}, "quote=single: expected one of auto, none, double"),
        ({"user": "u", "escape": "ab"}, "escape=ab: expected one sign"),
        ({"user": "u", "encoding": "utf-7000"}, "encoding=utf-7000: expected a name such as"),
        ({"user": "u", "encoding": "rot13"}, "encoding=rot13: expected a name such as"),
        ({"user": "u", "time_format": "%Q"}, "time_format=%Q cannot be understood .*strptime"),
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(tmp_path, columns, says):
    with pytest.raises(SettingsError, match=says):
        load_tables(str(tmp_path / "r.csv"), columns)


def test_a_weight_that_is_no_number_is_set_aside_as_it_was_written(tmp_path):
    (tmp_path / "r.csv").write_text("u,i,w\n1,a,much\n1,b,-1\n1,c,2\n")
    raw = load_tables(str(tmp_path / "r.csv"), {"user": "u", "item": "i", "weight": "w"})
    validated = validate_tables(raw)
    aside = validated.set_aside["user_course_views"]
    assert list(aside["view_time_seconds"]) == ["much", "-1"]
    assert pairs(validated.tables["user_course_views"]) == [(1, "c", 2 * HOUR)]


@pytest.mark.parametrize(
    ("written", "weight"),
    [("", 1), ("NULL", 1), ("400000", 400_000), ('"1,5"', 1.5), ('"1,234,567"', 1_234_567)],
)
def test_a_weight_is_no_time_and_an_empty_one_is_one(tmp_path, written, weight):
    (tmp_path / "r.csv").write_text(f"u,i,w\n1,a,{written}\n")
    views = views_of(tmp_path / "r.csv", {"user": "u", "item": "i", "weight": "w"})
    assert pairs(views) == [(1, "a", weight * HOUR)]


@pytest.mark.parametrize("written", ['"1,234"', "5%", "true", "2000000000"])
def test_a_weight_that_may_mean_something_else_is_set_aside_with_its_value(tmp_path, written):
    (tmp_path / "r.csv").write_text(f"u,i,w\n1,a,{written}\n1,b,2\n")
    raw = load_tables(str(tmp_path / "r.csv"), {"user": "u", "item": "i", "weight": "w"})
    (report,) = validate_tables(raw).reports
    assert report.rows_kept == 1
    assert list(report.samples.values()) == [written.strip('"')]


def test_weights_of_a_parquet_file_may_be_booleans_which_are_set_aside(tmp_path):
    table = pa.table({"u": ["1"], "i": ["a"], "w": [True]})
    pq.write_table(table, tmp_path / "x.parquet")
    raw = load_tables(str(tmp_path / "x.parquet"), {"user": "u", "item": "i", "weight": "w"})
    assert validate_tables(raw).reports[0].samples == {"w is not a number": "true"}


@pytest.mark.parametrize(
    ("columns", "measured"),
    [({}, False), ({"weight": "n"}, False), ({"view_time_seconds": "n"}, True)],
)
def test_view_times_are_measured_only_where_they_are_declared(tmp_path, columns, measured):
    (tmp_path / "r.csv").write_text("u,i,n\n1,a,60\n")
    raw = load_tables(str(tmp_path / "r.csv"), {"user": "u", "item": "i"} | columns)
    assert validate_tables(raw).view_times_are_measured == measured
