import sys
import zipfile
from xml.sax.saxutils import escape

import pytest

from generator.load.files import load_tables
from generator.validation.validation import validate_tables
from shared.errors import DataError, SettingsError

pytest.importorskip("python_calamine")
COLUMNS = {"user": "user", "item": "course", "time": "when"}
DATE_STYLE = (
    '<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><cellXfs '
    'count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs></styleSheet>'
)


def cell(value: object) -> str:
    """A number as it is, a date as ("date", days since 1900), text inline."""
    match value:
        case None:
            return "<c/>"
        case ("date", days):
            return f'<c s="1"><v>{days}</v></c>'
        case bool():
            return f'<c t="b"><v>{int(value)}</v></c>'
        case int() | float():
            return f"<c><v>{value}</v></c>"
        case _:
            return f'<c t="inlineStr"><is><t>{escape(str(value))}</t></is></c>'


def workbook(path, **sheets: list[list[object]]) -> str:
    """The least that the published format (ECMA-376) asks of an .xlsx file."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    related, listed, parts = "", "", ""
    with zipfile.ZipFile(path, "w") as archive:
        for number, (name, rows) in enumerate(sheets.items(), 1):
            cells = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows)
            archive.writestr(
                f"xl/worksheets/sheet{number}.xml",
                f'<worksheet xmlns="{main}"><sheetData>{cells}</sheetData></worksheet>',
            )
            related += (
                f'<Relationship Id="r{number}" Type="{kind}/worksheet" '
                f'Target="worksheets/sheet{number}.xml"/>'
            )
            listed += f'<sheet name="{name}" sheetId="{number}" r:id="r{number}"/>'
        related += f'<Relationship Id="s" Type="{kind}/styles" Target="styles.xml"/>'
        archive.writestr("xl/styles.xml", DATE_STYLE)
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{kind}"><sheets>{listed}</sheets></workbook>',
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships">{related}</Relationships>',
        )
        archive.writestr(
            "[Content_Types].xml", f'<Types xmlns="{package}/content-types">{parts}</Types>'
        )
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="w" '
            f'Type="{kind}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
    return str(path)


def test_whole_numbers_dates_and_text_of_a_sheet_are_read(tmp_path):
    rows = [
        ["user", "course", "when"],
        [7, "a", ("date", 45413.5)],
        [None, None, None],
        [9007199254740992, "007", "2024-05-01"],
    ]
    raw = load_tables(workbook(tmp_path / "x.xlsx", views=rows), COLUMNS)
    validated = validate_tables(raw)
    views = validated.tables["user_course_views"]
    assert views["user_handle"].tolist() == [7, 9007199254740992]
    assert views["course_id"].tolist() == ["a", "007"]
    # Day 45413 since the end of 1899 is the first of May 2024.
    assert views["view_date"].astype(str).tolist() == ["2024-05-01 12:00:00", "2024-05-01 00:00:00"]
    assert validated.reports[0].left_out == {"blank lines": 1}
    assert raw["user_course_views"].frame.index.tolist() == [2, 4]


def test_other_sheets_with_rows_are_named(tmp_path):
    rows = [["user", "course", "when"], [1, "a", None]]
    path = workbook(tmp_path / "x.xlsx", empty=[], views=rows, notes=[["x"]])
    raw = load_tables(path, COLUMNS)["user_course_views"]
    assert raw.frame["course_id"].tolist() == ["a"]
    assert raw.remarks == (f"{path}: read is the sheet views, and not notes.",)


def test_what_is_no_spreadsheet_is_said(tmp_path):
    (tmp_path / "x.xlsx").write_text("user,course\n1,a\n")
    with pytest.raises(DataError, match=r"x\.xlsx is not readable as a spreadsheet"):
        load_tables(str(tmp_path / "x.xlsx"), COLUMNS)


def test_without_the_extra_the_error_names_what_to_install(tmp_path, monkeypatch):
    path = workbook(tmp_path / "x.xlsx", views=[["user", "course", "when"], [1, "a", None]])
    monkeypatch.setitem(sys.modules, "python_calamine", None)
    with pytest.raises(SettingsError, match=r"pip install -r requirements-spreadsheets\.txt"):
        load_tables(path, COLUMNS)
