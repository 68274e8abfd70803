import bz2
import gzip
import json

import pyarrow as pa
import pytest

from generator.intake import table_line
from generator.load.files import load_tables
from generator.load.readers.json_lines import BLOCK_BYTES
from generator.validation.validation import Validated, validate_tables
from shared.errors import DataError

COLUMNS = {"user": "who.id", "item": "what"}


def read(path, columns=COLUMNS) -> Validated:
    return validate_tables(load_tables(str(path), columns))


def pairs(validated: Validated) -> list[tuple[object, object]]:
    views = validated.tables["user_course_views"][["user_handle", "course_id"]]
    return list(views.astype(object).itertuples(index=False, name=None))


def lines_of(*records: dict) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


ROWS = lines_of({"who": {"id": 7}, "what": "a"}, {"who": {"id": 9}, "what": "b"})


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


@pytest.mark.parametrize(
    ("name", "compressed"),
    [
        ("x.jsonl", bytes),
        ("x.ndjson", bytes),
        ("x.jsonl.gz", gzip.compress),
        ("x.jsonl.bz2", bz2.compress),
        ("x.jsonl.zst", zstd),
        ("x.jsonl-20240301.gz", gzip.compress),
        ("x.jsonl.gz.1", gzip.compress),
        ("x.jsonl.12", bytes),
    ],
)
def test_an_object_a_line_is_read_whatever_it_is_compressed_with(tmp_path, name, compressed):
    (tmp_path / name).write_bytes(compressed(ROWS))
    assert pairs(read(tmp_path / name)) == [(7, "a"), (9, "b")]


def test_every_line_that_is_no_object_is_set_aside_by_itself_and_all_are_counted(tmp_path):
    broken = [b"broken", b'{"who": {"id": 1}, "what": ', b"[1]", b"17", b'"text"', b"{}{}", b"\xff"]
    content = b"\n".join([ROWS.strip(), *broken, b"", b'{"what": "c"}', b""])
    (tmp_path / "x.jsonl").write_bytes(content)
    validated = read(tmp_path / "x.jsonl")
    report = validated.reports[0]
    assert pairs(validated) == [(7, "a"), (9, "b")]
    assert report.set_aside == {"is no JSON object": 7, "who.id is empty": 1}
    assert report.left_out == {"blank lines": 1}
    assert report.rows_read == content.count(b"\n") == 11
    aside = validated.set_aside["user_course_views"]
    assert aside["row"].tolist() == [3, 4, 5, 6, 7, 8, 9, 11]
    assert aside["line"].tolist()[:2] == ["broken", '{"who": {"id": 1}, "what":']
    assert "left out: 1 blank lines" in table_line(report)


def test_what_python_writes_and_json_forbids_is_read_as_nothing(tmp_path):
    (tmp_path / "x.jsonl").write_text('{"u": 1, "i": 2, "t": NaN, "w": Infinity}\n')
    columns = {"user": "u", "item": "i", "time": "t"}
    assert pairs(read(tmp_path / "x.jsonl", columns)) == [(1, 2)]


def test_handles_keep_the_type_that_the_file_has_and_every_digit(tmp_path):
    ids = ["18446744073709551616", "9223372036854775808", "9007199254740993"]
    lines = [f'{{"u": {number}, "i": "007"}}' for number in ids]
    (tmp_path / "x.jsonl").write_text("\n".join(lines))
    raw = load_tables(str(tmp_path / "x.jsonl"), {"user": "u", "item": "i"})["user_course_views"]
    assert raw.frame["user_handle"].tolist() == ids
    (tmp_path / "y.jsonl").write_text('{"u": "17", "i": 4}\n{"u": "18", "i": 5}\n')
    assert pairs(read(tmp_path / "y.jsonl", {"user": "u", "item": "i"})) == [("17", 4), ("18", 5)]
    (tmp_path / "z.jsonl").write_text('{"u": 9223372036854775808, "i": 4}\n{"u": 7, "i": 5}\n')
    found = pairs(read(tmp_path / "z.jsonl", {"user": "u", "item": "i"}))
    assert found == [("9223372036854775808", 4), ("7", 5)]


def test_names_reach_into_objects_and_lists_and_a_name_with_points_goes_first(tmp_path):
    record = {"who.id": "dotted", "what": {"ids": ["a", "b"]}, "more": [{"n": "x"}, {"n": "y"}]}
    (tmp_path / "x.jsonl").write_bytes(lines_of(record))
    columns = {"user": "who.id", "item": "what.ids.1", "tags": "more.n"}
    tables = load_tables(str(tmp_path / "x.jsonl"), columns)
    views = tables["user_course_views"].frame
    assert views[["user_handle", "course_id"]].to_numpy().tolist() == [["dotted", "b"]]
    assert tables["course_tags"].frame["course_tags"].tolist() == ["x", "y"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps([{"who": {"id": 7}, "what": "a"}, {"who": {"id": 9}, "what": "b"}]),
        json.dumps([{"who": {"id": 7}, "what": "a"}, {"who": {"id": 9}, "what": "b"}], indent=2),
        json.dumps({"rows": [{"who": {"id": 7}, "what": "a"}, {"who": {"id": 9}, "what": "b"}]}),
        ROWS.decode(),
    ],
)
def test_an_array_or_a_list_within_an_object_is_read_too(tmp_path, text):
    (tmp_path / "x.json").write_text(text)
    assert pairs(read(tmp_path / "x.json")) == [(7, "a"), (9, "b")]


def test_an_array_with_a_broken_element_loses_that_element_alone(tmp_path):
    rows = ROWS.decode().splitlines()
    (tmp_path / "x.json").write_text(f"[\n{rows[0]},\nbroken,\n{rows[1]}\n]\n")
    validated = read(tmp_path / "x.json")
    assert pairs(validated) == [(7, "a"), (9, "b")]
    assert validated.reports[0].set_aside == {"is no JSON object": 1}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_a_mark_at_the_start_says_the_encoding(tmp_path, encoding):
    (tmp_path / "x.jsonl").write_bytes('{"who": {"id": "Zoë"}, "what": "é"}\n'.encode(encoding))
    assert pairs(read(tmp_path / "x.jsonl")) == [("Zoë", "é")]


def test_lines_across_the_blocks_in_which_a_file_is_read_stay_whole(tmp_path):
    size = BLOCK_BYTES // 40
    lines = [f'{{"who": {{"id": {i}}}, "what": "{"x" * (i % 7)}c", "n": 0.5}}' for i in range(size)]
    (tmp_path / "x.jsonl").write_text("\n".join(lines))
    raw = load_tables(str(tmp_path / "x.jsonl"), COLUMNS)["user_course_views"]
    assert (tmp_path / "x.jsonl").stat().st_size > BLOCK_BYTES
    assert raw.frame["user_handle"].astype(str).tolist() == [str(i) for i in range(size)]
    assert raw.frame.index.tolist() == list(range(1, size + 1))


def test_a_column_that_comes_late_is_empty_before(tmp_path):
    folder = tmp_path / "tables"
    folder.mkdir()
    (folder / "courses.jsonl").write_bytes(
        lines_of({"course_id": "a"}, {"course_id": "b", "provider": "x", "nested": {"y": 1}})
    )
    (folder / "user_course_views.csv").write_text(
        "user_handle,view_date,course_id,author_handle,level,view_time_seconds\n1,,a,,,60\n"
    )
    courses = load_tables(str(folder))["courses"]
    assert courses.frame["provider"].tolist() == ["", "x"]
    assert list(courses.frame) == ["course_id", "provider"]


def test_a_file_without_any_object_says_how_to_make_lines(tmp_path):
    (tmp_path / "x.jsonl").write_text('{\n  "who": 1\n}\n')
    with pytest.raises(DataError, match=r"x\.jsonl has no line that is a JSON object; .* jq -c"):
        load_tables(str(tmp_path / "x.jsonl"), COLUMNS)


def test_a_file_that_breaks_off_is_an_error_and_not_a_short_table(tmp_path):
    (tmp_path / "x.jsonl.gz").write_bytes(gzip.compress(ROWS * 50)[:-9])
    with pytest.raises(DataError, match=r"x\.jsonl\.gz cannot be read"):
        load_tables(str(tmp_path / "x.jsonl.gz"), COLUMNS)
    (tmp_path / "x.jsonl.zst").write_bytes(zstd(ROWS * 50)[:-9])
    with pytest.raises(DataError, match=r"x\.jsonl\.zst cannot be read"):
        load_tables(str(tmp_path / "x.jsonl.zst"), COLUMNS)


def test_objects_where_handles_were_declared_are_refused_with_what_is_in_them(tmp_path):
    (tmp_path / "x.jsonl").write_bytes(ROWS)
    with pytest.raises(DataError, match=r"x\.jsonl has objects at who, .* such as who\.id"):
        load_tables(str(tmp_path / "x.jsonl"), {"user": "who", "item": "what"})


def test_a_file_in_which_nothing_is_is_said_to_be_empty(tmp_path):
    (tmp_path / "x.jsonl").touch()
    with pytest.raises(DataError, match=r"x\.jsonl is empty: expected an object a line"):
        load_tables(str(tmp_path / "x.jsonl"), COLUMNS)
