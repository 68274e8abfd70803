import gzip

import pytest

from generator.load.delimited import csv_files
from generator.load.files import load_tables
from shared.errors import DataError

HEADER = b"user_handle,interest_tag,date_followed\n"


def load(tmp_path, content: bytes, name="user_interests.csv"):
    (tmp_path / name).write_bytes(content)
    return load_tables(str(tmp_path))["user_interests"]


def rows(table) -> list[tuple[str, ...]]:
    return [tuple(row) for row in table.frame.itertuples(index=False)]


def test_cells_are_text_exactly_as_written(tmp_path):
    table = load(tmp_path, HEADER + b'007,NA,null\n1.0,"c++, c#",\n true ,"a ""b""",2024-05-01\n')
    assert rows(table) == [
        ("007", "NA", "null"),
        ("1.0", "c++, c#", ""),
        (" true ", 'a "b"', "2024-05-01"),
    ]
    assert table.frame.index.tolist() == [2, 3, 4]


def test_columns_may_come_in_any_order_with_others_among_them(tmp_path):
    table = load(tmp_path, b"note,date_followed,user_handle,interest_tag\n5,,1,go\n")
    assert rows(table) == [("1", "go", "")]
    assert table.columns_found == ["note", "date_followed", "user_handle", "interest_tag"]


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + HEADER + b"1,go,\n2,sql,\n",
        HEADER.replace(b"\n", b"\r\n") + b"1,go,\r\n2,sql,\r\n",
        b"\n" + HEADER + b"1,go,\n\n2,sql,",
        b'"user_handle","interest_tag","date_followed"\n"1","go",""\n"2","sql",\n',
    ],
    ids=["byte order mark", "windows line ends", "empty lines", "quotes everywhere"],
)
def test_usual_forms_of_csv_read_the_same(tmp_path, content):
    assert rows(load(tmp_path, content)) == [("1", "go", ""), ("2", "sql", "")]


def test_a_quoted_line_break_is_part_of_its_cell(tmp_path):
    table = load(tmp_path, HEADER + b'1,"two\nlines",\n2\n3,go,\n')
    assert rows(table) == [("1", "two\nlines", ""), ("3", "go", "")]
    assert table.malformed.to_dict("records") == [
        {"row": 3, "reasons": "wrong number of fields", "line": "2"}
    ]


@pytest.mark.parametrize("block_bytes", [200, 2**21])
def test_row_numbers_stay_right_after_lines_that_are_no_rows(tmp_path, monkeypatch, block_bytes):
    monkeypatch.setattr(csv_files, "BLOCK_BYTES", block_bytes)
    lines = [f"{n},go," if n % 5 else f"{n},go" for n in range(2, 400)]
    table = load(tmp_path, HEADER + "\n".join(lines).encode())
    assert [int(handle) for handle in table.frame["user_handle"]] == table.frame.index.tolist()
    assert table.malformed["row"].tolist() == list(range(5, 400, 5))


@pytest.mark.parametrize("content", [HEADER, HEADER.rstrip()])
def test_a_header_alone_is_an_empty_table(tmp_path, content):
    assert rows(load(tmp_path, content)) == []


def test_gzip_is_unpacked_even_in_several_members(tmp_path):
    content = gzip.compress(HEADER + b"1,go,\n") + gzip.compress(b"2,sql,\n")
    table = load(tmp_path, content, "user_interests.csv.gz")
    assert rows(table) == [("1", "go", ""), ("2", "sql", "")]
    assert table.source.endswith("user_interests.csv.gz")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (HEADER + "1,caf\u00e9,\n".encode("cp1252"), "is not UTF-8"),
        (HEADER + b"1,go,\n" * 5000 + b"1,\xff,\n", "is not UTF-8"),
        ((HEADER + b"1,go,\n").decode().encode("utf-16")[:-1], "is not UTF-16"),
        (b"user_handle,interest_tag,user_handle\n1,go,2\n", "more than one column user_handle"),
    ],
    ids=["nothing", "blank", "cp1252", "late byte", "utf-16", "column twice"],
)
def test_a_file_that_cannot_be_read_is_one_sentence_naming_it(tmp_path, content, says):
    with pytest.raises(DataError, match=says) as raised:
        load(tmp_path, content)
    assert str(tmp_path / "user_interests.csv") in str(raised.value)


def test_a_quote_that_is_never_closed_where_quotes_are_said_to_count(tmp_path):
    content = HEADER + b'1,"go,\n' + b"2,sql,\n" * 2_000_000
    (tmp_path / "user_interests.csv").write_bytes(content)
    with pytest.raises(DataError, match="opened and never closed; quote=none in DATA_COLUMNS"):
        load_tables(str(tmp_path), {"quote": "double"})


@pytest.mark.parametrize(
    "content", [HEADER, gzip.compress(HEADER * 1000)[:-20]], ids=["not gzip", "cut short"]
)
def test_a_damaged_gzip_is_one_sentence_naming_it(tmp_path, content):
    with pytest.raises(DataError, match=r"user_interests\.csv\.gz cannot be read"):
        load(tmp_path, content, "user_interests.csv.gz")


@pytest.mark.parametrize(
    "line", [b"\xff", b"1,go,,\xff", b"1,caf\xc3"], ids=["no row", "unread", "end"]
)
def test_a_byte_outside_utf8_is_found_wherever_it_stands(tmp_path, line):
    header = HEADER.replace(b"followed", b"followed,note")
    with pytest.raises(DataError, match="is not UTF-8"):
        load(tmp_path, header + b"1,go,,\n" * 500_000 + line)
