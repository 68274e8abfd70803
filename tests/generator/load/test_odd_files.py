"""Files as people keep them: each is read right, or refused with the cure."""

import pytest

from generator.load.files import load_tables
from generator.validation.validation import validate_tables
from shared.errors import DataError
from tests.generator.load.small_tables import VIEWS

COLUMNS = {"user": "user_id", "item": "item_id"}


def load(tmp_path, text: str, name="x.csv", columns=COLUMNS):
    (tmp_path / name).write_text(text)
    return load_tables(str(tmp_path / name), columns)["user_course_views"]


def kept(table) -> list[tuple[object, object]]:
    views = validate_tables({table.name: table}).tables["user_course_views"]
    return list(zip(views["user_handle"], views["course_id"], strict=True))


@pytest.mark.parametrize(
    "text",
    [
        "User_ID, Item_ID ,TS\nu,i,1\nv,j,2\n",
        " user_id ,item_id\nu,i\nv,j\n",
        "user_id,item_id\nu,i,\nv,j,\n",
        "user_id,item_id\nu,i,,,\nv,j,,,\n",
        "user_id,item_id,\nu,i\nv,j\n",
        "user_id,item_id,,\nu,i,,\nv,j,,\n",
        ",user_id,item_id\n0,u,i\n1,v,j\n",
        "user_id;item_id;w\nu;i;1,5\nv;j;2,5\n",
        "user_id\titem_id\nu\ti\nv\tj\n",
        "user_id|item_id|a;b,c\nu|i|\nv|j|\n",
        "user_id::item_id\nu::i\nv::j\n",
        "user_id item_id\nu i\nv j\n",
        "user_id,item_id\n\nu,i\n\n\nv,j\n\n",
        "user_id,item_id\ru,i\rv,j\r",
    ],
)
def test_headers_and_separators_in_every_usual_disorder_read_the_same(tmp_path, text):
    assert kept(load(tmp_path, text)) == [("u", "i"), ("v", "j")]


def test_another_separator_is_said_and_one_that_is_declared_is_not_doubted(tmp_path):
    text = "user_id;item_id\nu;i\n"
    assert "separated as with sep=semicolon" in load(tmp_path, text).remarks[0]
    assert load(tmp_path, text, columns={**COLUMNS, "sep": "semicolon"}).remarks == ()
    with pytest.raises(DataError, match=r"no column user_id.*may be said: sep=SIGN"):
        load(tmp_path, text, columns={**COLUMNS, "sep": "comma"})


@pytest.mark.parametrize("separator", [";", "\t", "|", " ", "::"])
def test_without_a_header_the_separator_is_the_one_that_every_line_has(tmp_path, separator):
    text = separator.join(["u", "i", "1,5"]) + "\n" + separator.join(["v", "j", "2"]) + "\n"
    columns = {"user": "1", "item": "2", "weight": "3"}
    assert kept(load(tmp_path, text, columns=columns)) == [("u", "i"), ("v", "j")]


def test_a_column_without_a_name_is_its_number(tmp_path):
    text = "user_id,,rating\nu,i,5\n"
    with pytest.raises(DataError, match="found user_id, one without a name: 2, rating"):
        load(tmp_path, text)
    assert kept(load(tmp_path, text, columns={"user": "user_id", "item": "2"})) == [("u", "i")]


def test_where_a_header_was_expected_and_is_none_the_cure_is_said(tmp_path):
    with pytest.raises(DataError, match=r"no column user_id.*no header: numbers, user=1,item=2"):
        load(tmp_path, "17,course-a\n18,course-b\n")


def test_our_own_tables_may_have_headers_in_capitals(tmp_path):
    (tmp_path / "user_course_views.csv").write_text(VIEWS.replace("user_handle", " USER_HANDLE"))
    assert kept(load_tables(str(tmp_path))["user_course_views"]) == [(1, "go-basics")]


def test_a_header_that_comes_again_is_set_aside(tmp_path):
    table = load(tmp_path, "user_id,item_id\nu,i\nuser_id,item_id\nv,j\n")
    assert kept(table) == [("u", "i"), ("v", "j")]
    assert table.malformed.to_numpy().tolist() == [[3, "the header once more", "user_id,item_id"]]


EVENTS = "user_id,item_id,event,ts\nu,i,view,5\nu,i,buy,5\nu,i,view,6\nu,i,view,6\n"


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        (COLUMNS, 4),
        (COLUMNS | {"duplicates": "count"}, 4),
        (COLUMNS | {"duplicates": "drop"}, 1),
        (COLUMNS | {"duplicates": "drop", "time": "ts", "time_format": "seconds"}, 2),
    ],
)
def test_events_that_are_alike_count_each_unless_they_are_said_to_be_duplicates(
    tmp_path, columns, rows
):
    table = load(tmp_path, EVENTS, columns=columns)
    assert len(kept(table)) == rows
    assert any("duplicates=drop" in remark for remark in table.remarks) == (rows == 4)


def test_rows_of_our_own_tables_that_are_alike_are_duplicates_unless_said(tmp_path):
    (tmp_path / "user_course_views.csv").write_text(VIEWS + VIEWS.splitlines()[1])
    for columns, rows in (({}, 1), ({"duplicates": "count"}, 2)):
        table = load_tables(str(tmp_path), columns)["user_course_views"]
        assert len(kept(table)) == rows


def test_handles_that_a_spreadsheet_rounded_are_warned_of(tmp_path):
    table = load(tmp_path, "user_id,item_id\nu,9.78E+12\nv,9.78E+12\nw,7e12\n")
    assert "item_id has handles that a spreadsheet seems to have rounded" in table.remarks[0]
    assert "as '9.78E+12': 2 rows" in table.remarks[0]
    assert len(kept(table)) == 3


ROWS = [f"{n % 3} {n} {n % 5 + 1} {874966736 + n}" for n in range(9)]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (ROWS, "user=1,item=2,weight=3,time=4"),
        ([row.replace(" ", "\t") for row in ROWS], "user=1,item=2,weight=3,time=4"),
        ([row.rpartition(" ")[0] for row in ROWS], "user=1,item=2,weight=3"),
        ([f"{n} 7 {1593878903 + n}" for n in range(9)], "user=1,item=2,time=3"),
    ],
)
def test_rows_of_a_rating_each_are_no_sequences_and_the_cure_reads_them(tmp_path, lines, words):
    text = "\n".join(lines)
    with pytest.raises(DataError, match=f"holds rows of user, item.*--columns {words}"):
        load(tmp_path, text, "ratings.txt", {})
    columns = dict(pair.split("=") for pair in words.split(","))
    assert len(kept(load(tmp_path, text, "ratings.txt", columns))) == 9


@pytest.mark.parametrize("text", ["1 2 3 4\n2 5 6 7\n", "1 2 3\n2 2 3\n", "1 2\n1 3\n"])
def test_sequences_that_are_all_as_long_are_still_sequences(tmp_path, text):
    assert len(kept(load(tmp_path, text, "x.txt", {}))) == text.count(" ")


def test_lines_without_items_are_said_and_none_with_items_is_refused(tmp_path):
    table = load(tmp_path, "1 2 3\n2\n\n3 4\n", "x.txt", {})
    assert table.left_out == {"blank lines": 1, "lines of a user without items": 1}
    with pytest.raises(DataError, match=r"no line of a user and items, as in '1,2,3'.*sep=comma"):
        load(tmp_path, "1,2,3\n2,3,4\n", "x.txt", {})


def test_sequences_may_be_in_another_encoding(tmp_path):
    (tmp_path / "x.txt").write_bytes("1 caf\u00e9\n".encode("latin-1"))
    table = load_tables(str(tmp_path / "x.txt"), {"encoding": "latin-1"})["user_course_views"]
    assert kept(table) == [(1, "caf\u00e9")]


def test_every_line_is_kept_set_aside_or_said(tmp_path):
    lines = ["user_id,item_id,n", "u,i,1", "", 'v,"two', 'lines",2', "w", "NULL,j,3", "u,i,1"]
    table = load(tmp_path, "\n".join(lines), columns=COLUMNS | {"duplicates": "drop"})
    (report,) = validate_tables({table.name: table}).reports
    assert (report.rows_kept, report.set_aside) == (
        2,
        {
            "wrong number of fields": 1,
            "user_id is empty": 1,
            "exact duplicate of an earlier row": 1,
        },
    )
    assert report.left_out == {"blank lines": 1}
    assert "line breaks within quotes: 1 in 1 rows" in table.remarks[0]
    assert 1 + report.rows_read + 1 == len(lines)
