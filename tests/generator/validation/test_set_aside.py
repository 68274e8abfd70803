import csv

import pytest

from generator.validation.set_aside import write_set_aside
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
