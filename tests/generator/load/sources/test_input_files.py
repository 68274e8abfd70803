import bz2
import gzip
import zipfile

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from generator.load.files import load_tables
from generator.load.sources.digest import data_digest
from generator.validation.validation import validate_tables
from shared.errors import DataError
from tests.generator.load.small_tables import INTERESTS, VIEWS

COLUMNS = {"user": "u", "item": "i"}


def part(*rows: str) -> str:
    return "\n".join(["u,i", *rows, ""])


def put(folder, **files: str) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def handles(url, columns=COLUMNS) -> list[tuple[object, object]]:
    views = validate_tables(load_tables(str(url), columns)).tables["user_course_views"]
    return list(views[["user_handle", "course_id"]].astype(object).itertuples(False, None))


EXPECTED = [(1, "a"), (2, "b"), (3, "c")]


@pytest.fixture
def parts(tmp_path):
    """Three parts in two folders, and what Spark leaves beside them."""
    folder = tmp_path / "events"
    put(folder, **{"part-2.csv": part("2,b"), "part-10.csv": part("3,c")})
    put(folder, **{"part-1.csv": part("1,a"), "_SUCCESS": "", ".part-1.csv.crc": "x"})
    return folder


def test_a_folder_of_parts_is_read_in_the_order_of_their_numbers(parts):
    assert handles(parts) == EXPECTED


def test_what_is_set_aside_says_which_file_it_stood_in(parts):
    put(parts, **{"part-2.csv": part("2,b", ",b", "2,b,x")})
    validated = validate_tables(load_tables(str(parts), COLUMNS))
    aside = validated.set_aside["user_course_views"]
    assert aside[["file", "row"]].to_numpy().tolist() == [
        [f"{parts}/part-2.csv", 3],
        [f"{parts}/part-2.csv", 4],
    ]
    report = validated.reports[0]
    assert (report.rows_read, report.rows_kept, report.rows_set_aside) == (5, 3, 2)
    assert report.source == f"{parts}/part-1.csv and 2 more"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("part-*.csv", EXPECTED),
        ("part-?.csv", EXPECTED[:2]),
        ("part-[!1]*.csv", [(2, "b")]),
        ("**/*.csv", EXPECTED),
    ],
)
def test_a_pattern_names_the_parts(parts, pattern, expected):
    assert handles(parts / pattern) == expected
    assert handles(parts.parent / "*" / pattern.removeprefix("**/")) == expected


def test_parts_of_an_object_store_are_found_by_a_pattern(bucket, s3_endpoint, parts):
    for path in parts.glob("part-*"):
        bucket.put_object(Bucket="tables", Key=f"logs/{path.name}", Body=path.read_bytes())
    place = s3_endpoint.removeprefix("http://")
    query = f"region=us-east-1&endpoint_override={place}&scheme=http"
    assert handles(f"s3://tables/logs/part-*.csv?{query}") == EXPECTED
    assert handles(f"s3://tables/logs?{query}") == EXPECTED


def test_rotated_logs_are_parts_and_a_name_without_suffix_needs_a_format(tmp_path):
    put(tmp_path, **{"app.log": '{"u": 1, "i": "a"}\n', "app.log.1": '{"u": 2, "i": "b"}\n'})
    (tmp_path / "app.log-20240301.gz").write_bytes(gzip.compress(b'{"u": 3, "i": "c"}\n'))
    columns = COLUMNS | {"format": "jsonl"}
    assert sorted(handles(tmp_path / "app.log*", columns)) == EXPECTED
    assert handles(tmp_path / "app.log.1", columns) == [(2, "b")]
    with pytest.raises(DataError, match=r"app\.log.* does not say what it is: say it.*format="):
        load_tables(str(tmp_path / "app.log*"), COLUMNS)


def test_columns_may_stand_in_the_names_of_folders(tmp_path):
    for user, day in ((7, "2024-05-01"), (8, "__HIVE_DEFAULT_PARTITION__")):
        folder = tmp_path / "events" / f"u={user}" / f"day={day}"
        folder.mkdir(parents=True)
        pq.write_table(pa.table({"i": ["a", "b"]}), folder / "part-0.snappy.parquet")
    columns = COLUMNS | {"time": "day", "where": "i:b"}
    views = validate_tables(load_tables(str(tmp_path / "events"), columns)).tables
    found = views["user_course_views"][["user_handle", "course_id", "view_date"]]
    assert found.to_numpy().tolist() == [[7, "b", pd.Timestamp("2024-05-01")], [8, "b", pd.NaT]]


def test_a_table_may_be_a_folder_of_parts_beside_other_tables(tmp_path):
    put(tmp_path, **{"user_interests.jsonl": '{"user_handle": 1, "interest_tag": "go", '
                     '"date_followed": null}\n'})  # fmt: skip
    put(tmp_path / "user_course_views", **{"part-0.csv": VIEWS, "part-1.csv": VIEWS})
    raw = load_tables(str(tmp_path))
    assert list(raw) == ["user_interests", "user_course_views"]
    assert len(raw["user_course_views"].frame) == 2


def test_parts_whose_types_differ_are_text(tmp_path):
    pq.write_table(pa.table({"u": [1], "i": [1]}), tmp_path / "0.parquet")
    pq.write_table(pa.table({"u": ["guest"], "i": [2]}), tmp_path / "1.parquet")
    assert handles(tmp_path) == [("1", 1), ("guest", 2)]


def test_files_of_several_formats_are_not_mixed(tmp_path):
    put(tmp_path, **{"a.csv": part("1,a"), "b.jsonl": "{}"})
    with pytest.raises(DataError, match=r"holds files of 2 formats \(csv, jsonl\)"):
        load_tables(str(tmp_path), COLUMNS)


def test_a_pattern_that_matches_nothing_is_said(parts):
    with pytest.raises(DataError, match=r"No file of .*events matches \*\.parquet"):
        load_tables(str(parts / "*.parquet"), COLUMNS)


def test_a_zip_holds_a_file_parts_or_tables(tmp_path):
    def zipped(name, **files):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            for inside, text in files.items():
                archive.writestr(inside, text)
        return tmp_path / name

    assert handles(zipped("one.zip", **{"x.csv": part("1,a"), "__MACOSX/._x": "x"})) == [(1, "a")]
    two = zipped("parts.zip", **{"logs/1.csv": part("1,a"), "logs/2.csv": part("2,b", "3,c")})
    assert handles(two) == EXPECTED
    tables = {"t/user_interests.csv": INTERESTS, "t/user_course_views.csv": VIEWS}
    assert list(load_tables(str(zipped("all.zip", **tables)))) == [
        "user_interests",
        "user_course_views",
    ]
    (tmp_path / "no.zip").write_text("no archive")
    with pytest.raises(DataError, match=r"no\.zip is not readable as a zip archive"):
        load_tables(str(tmp_path / "no.zip"), COLUMNS)


def test_any_suffix_is_read_if_its_format_is_said(tmp_path):
    put(tmp_path, **{"export.2024": "1\ta\n2\tb\n3\tc\n"})
    columns = {"user": "1", "item": "2", "format": "tsv"}
    assert handles(tmp_path / "export.2024", columns) == EXPECTED


def test_the_digest_knows_every_part_and_its_name(parts):
    before = data_digest(str(parts))
    (parts / "part-2.csv").rename(parts / "part-3.csv")
    renamed = data_digest(str(parts))
    put(parts, **{"part-3.csv": part("9,z")})
    assert len({before, renamed, data_digest(str(parts))}) == 3


def test_a_file_that_is_no_part_of_the_others_is_named_and_not_read_as_empty_rows(parts):
    put(parts, **{"titles.csv": "i,title\na,Go\n", "part-11.csv": "u,i\n", "notes.txt": "x y z\n"})
    with pytest.raises(DataError, match=r"titles\.csv has no column u, and 4 other files have"):
        load_tables(str(parts), COLUMNS)
    (parts / "titles.csv").unlink()
    assert handles(parts) == EXPECTED


def test_notes_alone_are_no_sequences(tmp_path):
    put(tmp_path, **{"notes.txt": "x y z\n"})
    with pytest.raises(DataError, match="holds neither user_interests nor user_course_views"):
        load_tables(str(tmp_path))


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize("packed", [gzip.compress, bz2.compress, zstd])
def test_files_of_any_format_may_be_compressed_and_joined(tmp_path, packed):
    suffix = {gzip.compress: "gz", bz2.compress: "bz2", zstd: "zst"}[packed]
    two = packed(part("1,a").encode()) + packed(b"2,b\n3,c\n")
    (tmp_path / f"x.csv.{suffix}").write_bytes(two)
    assert handles(tmp_path / f"x.csv.{suffix}") == EXPECTED
    (tmp_path / f"x.tsv.{suffix}").write_bytes(packed(b"u\ti\n1\ta\n2\tb\n3\tc\n"))
    assert handles(tmp_path / f"x.tsv.{suffix}") == EXPECTED
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table({"u": [1, 2, 3], "i": ["a", "b", "c"]}), sink)
    (tmp_path / f"x.parquet.{suffix}").write_bytes(packed(sink.getvalue().to_pybytes()))
    assert handles(tmp_path / f"x.parquet.{suffix}") == EXPECTED


def test_a_format_is_for_the_views_and_not_for_the_tables_beside_them(tmp_path):
    put(tmp_path, **{"user_interests.csv": INTERESTS, "user_course_views.csv": "1\ta\n"})
    columns = {"user": "1", "item": "2", "format": "tsv"}
    assert handles(tmp_path, columns) == [(1, "a")]
    assert len(load_tables(str(tmp_path), columns)["user_interests"].frame) == 1


@pytest.mark.parametrize("empty", [b"", gzip.compress(b"", mtime=0)], ids=["plain", "packed"])
def test_parts_in_which_nothing_is_are_passed_over(parts, empty):
    suffix = ".gz" if empty else ""
    (parts / f"part-0.csv{suffix}").write_bytes(empty)
    assert handles(parts) == EXPECTED
    assert handles(parts / "*.csv*") == EXPECTED


def test_where_a_folder_cannot_be_listed_one_form_of_a_table_counts(tmp_path, web):
    put(tmp_path, **{"user_course_views.csv": VIEWS, "user_course_views.csv.gz": "x"})
    assert len(load_tables(web)["user_course_views"].frame) == 1
