import csv

import pandas as pd
import pytest

from generator.validation.set_aside import folder_of, write_set_aside
from generator.validation.validation import validate_tables
from shared.errors import DataError
from tests.generator.validation.tables import raw_table


def set_aside(*rows):
    return validate_tables({"user_interests": raw_table("user_interests", list(rows))}).set_aside


def test_rows_are_written_with_number_reasons_and_original_values(tmp_path):
    rows = set_aside(("1", "go", ""), (" ", 'say "hi", twice', ""), ("2", "sql", "soon"))
    (path,) = write_set_aside(tmp_path / "new", rows)
    assert path == tmp_path / "new" / "user_interests.csv"
    with path.open(newline="") as file:
        found = list(csv.DictReader(file))
    assert found == [
        {
            "row": "3",
            "reasons": "user_handle is empty",
            "user_handle": " ",
            "interest_tag": 'say "hi", twice',
            "date_followed": "",
            "line": "",
        },
        {
            "row": "4",
            "reasons": "date_followed is not a date",
            "user_handle": "2",
            "interest_tag": "sql",
            "date_followed": "soon",
            "line": "",
        },
    ]


def test_a_run_without_bad_rows_removes_the_files_of_the_last(tmp_path):
    write_set_aside(tmp_path, set_aside(("", "go", "")))
    assert write_set_aside(tmp_path, set_aside(("1", "go", ""))) == []
    assert list(tmp_path.iterdir()) == []


def test_a_table_that_is_gone_loses_its_file_and_other_files_stay(tmp_path):
    write_set_aside(tmp_path, set_aside(("", "go", "")))
    (tmp_path / "notes.txt").touch()
    write_set_aside(tmp_path, {})
    assert [path.name for path in tmp_path.iterdir()] == ["notes.txt"]


def test_a_run_replaces_the_file_of_the_last(tmp_path):
    write_set_aside(tmp_path, set_aside(("", "old", "")))
    (path,) = write_set_aside(tmp_path, set_aside(("", "new", "")))
    assert "new" in path.read_text()
    assert "old" not in path.read_text()
    assert [path.name for path in tmp_path.iterdir()] == ["user_interests.csv"]


def test_nothing_to_write_needs_no_folder(tmp_path):
    assert write_set_aside(tmp_path / "absent", set_aside(("1", "go", ""))) == []
    assert not (tmp_path / "absent").exists()


def test_a_folder_that_cannot_be_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="SET_ASIDE_FOLDER"):
        write_set_aside(tmp_path / "file", set_aside(("", "go", "")))


def test_a_run_of_one_tenant_leaves_the_rows_of_another(tmp_path):
    ours, theirs = (folder_of(str(tmp_path), tenant) for tenant in ("default", "acme"))
    write_set_aside(ours, set_aside(("", "ours", "")))
    write_set_aside(theirs, set_aside(("", "theirs", "")))
    write_set_aside(theirs, {})
    assert "ours" in (ours / "user_interests.csv").read_text()
    assert list(theirs.iterdir()) == []


def test_a_run_that_cannot_write_leaves_the_whole_file_of_the_last(tmp_path, monkeypatch):
    (path,) = write_set_aside(tmp_path, set_aside(("", "old", "")))
    before = path.read_bytes()
    # A text that has no UTF-8, after enough rows that some are on the disk by then.
    texts = pd.Series(["tag"] * 100_000 + ["half \ud800"], dtype=object)
    with pytest.raises(UnicodeEncodeError):
        write_set_aside(tmp_path, {"user_interests": texts.to_frame()})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["user_interests.csv"]
