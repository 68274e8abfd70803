"""No quote may swallow a line: every line is in a row, set aside, blank, or spoken of."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.load.delimited import text_blocks
from generator.load.delimited.delimited_text import DelimitedText
from generator.load.delimited.dialect import Dialect
from generator.load.files import load_tables
from shared.errors import DataError
from tests.generator.load.small_tables import VIEWS

COLUMNS = {"user": "user", "item": "item"}
STRAY = 'user\titem\ttitle\nu1\ti1\t"Heroes\nu2\ti1\tLow\nu3\ti2\t"Blue\nu4\ti1\tLow\n'


def load(tmp_path, text: str, name="x.csv", **columns):
    (tmp_path / name).write_bytes(text.encode())
    return load_tables(str(tmp_path / name), COLUMNS | columns)["user_course_views"]


def items(table) -> list[str]:
    return table.frame["course_id"].tolist()


def test_quotes_that_open_no_field_swallow_no_line(tmp_path):
    table = load(tmp_path, STRAY, "x.tsv", level="title")
    assert table.frame["level"].tolist() == ['"Heroes', "Low", '"Blue', "Low"]
    (remark,) = table.remarks
    assert "lines with a quote that is taken as it stands: 2, the first is line 2" in remark


def test_a_quote_that_nothing_closes_costs_no_row(tmp_path):
    lines = [f"u{n},i{n},fine" for n in range(58)]
    lines[12] = 'u12,i12,"oops'
    table = load(tmp_path, "\n".join(["user,item,note", *lines]))
    assert items(table) == [f"i{n}" for n in range(58)]
    assert "1, the first is line 14" in table.remarks[0]


@pytest.mark.parametrize(
    ("line", "item"),
    [
        ('1,"Weird Al" Yankovic,2', '"Weird Al" Yankovic'),
        ('1,12" vinyl,2', '12" vinyl'),
        ('1,"12"" vinyl, boxed",2', '12" vinyl, boxed'),
        ('1,"say "hi" twice, please",2', 'say "hi" twice, please'),
        (r'1,"say \"hi\", twice",2', 'say "hi", twice'),
        ('1,"",2', ""),
        ('1,"""quoted""",2', '"quoted"'),
        ('1,"half,2', '"half'),
    ],
)
def test_of_the_ways_to_read_a_quote_the_one_with_the_right_number_of_fields_counts(
    tmp_path, line, item
):
    assert items(load(tmp_path, f"user,item,n\n0,a,1\n{line}\n2,b,3\n")) == ["a", item, "b"]


def test_where_nobody_encloses_fields_whole_ones_keep_their_quotes_too(tmp_path):
    text = 'user\titem\n1\t"Heroes"\n2\tLow\n3\t"Weird Al" Yankovic\n4\tLow\n'
    assert items(load(tmp_path, text, "x.tsv")) == ['"Heroes"', "Low", '"Weird Al" Yankovic', "Low"]


@pytest.mark.parametrize(
    "more", ['4\t"tab\there"\n', '4\t"two\nlines"\n', '4\t"a"\n5\t"b"\n6\t"c"\n7\t"d"\n']
)
def test_where_fields_are_enclosed_one_stray_quote_does_not_leave_the_others_theirs(tmp_path, more):
    text = f'user\titem\n1\t"Heroes"\n3\t"Weird Al" Yankovic\n{more}'
    found = items(load(tmp_path, text, "x.tsv"))
    assert found[:2] == ["Heroes", '"Weird Al" Yankovic']


def test_a_line_with_a_wrong_number_of_fields_however_it_is_read_is_shown_as_it_stood(tmp_path):
    table = load(tmp_path, 'user,item\n1,a\n2,"b" c,d\n3,"e"\n4,"f","g"\n')
    assert items(table) == ["a", "e"]
    assert table.malformed[["row", "line"]].to_numpy().tolist() == [
        [3, '2,"b" c,d'],
        [5, '4,"f","g"'],
    ]


def test_a_field_over_several_lines_is_named(tmp_path):
    table = load(tmp_path, 'user,item,note\n1,a,"one\n\ntwo"\n2,b,\n\n3,c,"x\ny"\n')
    assert items(table) == ["a", "b", "c"]
    assert "3 in 2 rows, the longest from line 2 to line 4" in table.remarks[0]


BETWEEN = 'user,item,note\n1,a,"open\n2,b,fine\n3,c,fine"\n4,d,fine\n'


def test_rows_between_two_quotes_are_rows_unless_quotes_are_said_to_count(tmp_path):
    table = load(tmp_path, BETWEEN)
    assert items(table) == ["a", "b", "c", "d"]
    assert "rows all the same: 3 from line 2 on" in table.remarks[0]
    table = load(tmp_path, BETWEEN, quote="double")
    assert items(table) == ["a", "d"]
    assert "line breaks within quotes: 2 in 1 rows" in table.remarks[0]


def test_lines_that_vanish_where_quotes_are_said_to_count_are_counted(tmp_path):
    table = load(tmp_path, STRAY.replace("\t", ","), quote="double")
    assert len(table.frame) + len(table.malformed) < 4
    assert "lines that vanished into fields in quotes: 2 of 5" in table.remarks[-1]


def test_quotes_that_are_said_to_be_signs_like_any_other_are(tmp_path):
    text = 'user,item\n"1",""\n2,"b\n3,c"\n'
    assert items(load(tmp_path, text, quote="none")) == ['""', '"b', 'c"']


def test_an_escape_takes_its_meaning_from_the_next_sign(tmp_path):
    text = 'user,item,n\n1,"say \\"hi\\", twice",\n2,a\\,b,\n3,"c",\n'
    assert items(load(tmp_path, text, escape="\\")) == ['say "hi", twice', "a,b", "c"]


@pytest.mark.parametrize("chunk_bytes", [5, 64, 2**20])
def test_blocks_may_end_anywhere(tmp_path, monkeypatch, chunk_bytes):
    monkeypatch.setattr(text_blocks, "CHUNK_BYTES", chunk_bytes)
    lines = ['1,caf\u00e9,"two\r\nlines"', '2,"a" b,', '3,"c, d",\r', "4,e,", '5,"f'] * 20
    table = load(tmp_path, "user,item,note\r\n" + "\n".join(lines))
    assert items(table) == ["caf\u00e9", '"a" b', "c, d", "e"] * 20
    assert table.malformed["line"].tolist() == ['5,"f'] * 20


CELLS = st.text(st.sampled_from('a"\n\u00e9 '), max_size=4)
ROWS = st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=6)


@settings(max_examples=200, deadline=None)
@given(ROWS, st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]), st.sampled_from(["\n", "\r\n"]))
def test_what_a_writer_of_csv_wrote_passes_unchanged(rows, quoting, line_end):
    written = io.StringIO()
    writer = csv.writer(written, quoting=quoting, lineterminator=line_end)
    writer.writerows([["a", "b", "c"], *rows])
    text, content = _through(written.getvalue(), "auto")
    assert list(csv.reader(io.StringIO(content, newline=""))) == rows
    assert text.count.missing(len(rows)) == 0


LINES = st.text(st.sampled_from('a",,\n\n\r\\ '), max_size=40)


@settings(max_examples=300, deadline=None)
@given(LINES, st.sampled_from(["auto", "none"]))
def test_whatever_stands_there_every_line_is_a_row_or_blank_or_within_a_field(lines, quote):
    text, content = _through(f"a,b,c\n{lines}", quote)
    quoting = csv.QUOTE_NONE if quote == "none" else csv.QUOTE_MINIMAL
    rows = [row for row in csv.reader(io.StringIO(content, newline=""), quoting=quoting) if row]
    assert text.count.missing(len(rows)) == 0
    stood = f"a,b,c\n{lines}".replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert text.count.lines == len(stood) - (not stood[-1])


def _through(text: str, quote) -> tuple[DelimitedText, str]:
    plain = io.BytesIO(text.encode())
    stream = DelimitedText(plain, Dialect(",", quote), True, lambda _: ",")
    return stream, io.BufferedReader(stream).read().decode()


@pytest.mark.parametrize("encoding", ["latin-1", "windows-1252", "utf-16-le", "shift_jis"])
def test_an_encoding_that_is_declared_is_read(tmp_path, encoding):
    word = "\u30ab" if encoding == "shift_jis" else "caf\u00e9"
    (tmp_path / "x.csv").write_bytes(f"user,item\n1,{word}\n".encode(encoding))
    table = load_tables(str(tmp_path / "x.csv"), COLUMNS | {"encoding": encoding})
    assert items(table["user_course_views"]) == [word]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_the_encoding_whatever_is_declared(tmp_path, encoding):
    (tmp_path / "x.csv").write_bytes("user,item\n1,caf\u00e9\n".encode(encoding))
    table = load_tables(str(tmp_path / "x.csv"), COLUMNS | {"encoding": "latin-1"})
    assert items(table["user_course_views"]) == ["caf\u00e9"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_recognised_without_a_mark_too(tmp_path, encoding):
    (tmp_path / "x.csv").write_bytes("user,item\n1,caf\u00e9\n".encode(encoding))
    assert items(load_tables(str(tmp_path / "x.csv"), COLUMNS)["user_course_views"]) == [
        "caf\u00e9"
    ]


def test_how_files_are_written_is_for_every_table_of_a_folder(tmp_path):
    text = VIEWS.replace(",", ";").replace("go-basics", "caf\u00e9")
    (tmp_path / "user_course_views.csv").write_bytes(text.encode("latin-1"))
    tables = load_tables(str(tmp_path), {"sep": "semicolon", "encoding": "latin-1"})
    assert items(tables["user_course_views"]) == ["caf\u00e9"]


def test_a_separator_of_several_signs_leaves_one_of_them_alone(tmp_path):
    text = "user::item\n1::Star Wars: Episode IV\n2::a::b\n"
    table = load(tmp_path, text, "x.dat")
    assert items(table) == ["Star Wars: Episode IV"]
    assert table.malformed["row"].tolist() == [3]


def test_a_line_without_end_is_one_sentence(tmp_path):
    with pytest.raises(DataError, match=r"not readable as CSV \(a line has more than 4 MB\)"):
        load(tmp_path, "user,item\n" + "x" * 6_000_000)
