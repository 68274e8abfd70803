import subprocess
import sys
from pathlib import Path

import pytest

from generator.load.files import load
from generator.load.sources.digest import data_digest
from shared.errors import DataError
from tests.generator.load.small_tables import INTERESTS, VIEWS, write


def test_the_same_files_have_the_same_digest_wherever_they_are(tmp_path, web):
    for folder in ("a", "b"):
        write(tmp_path / folder, user_interests=INTERESTS, user_course_views=VIEWS)
    digest = data_digest(str(tmp_path / "a"))
    assert digest == data_digest(str(tmp_path / "b")) == data_digest(f"{web}/a")


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: write(folder, user_interests=INTERESTS + "2,go,\n"),
        lambda folder: write(folder, course_tags="course_id,course_tags\n"),
        lambda folder: (folder / "user_course_views.csv").unlink(),
        lambda folder: (folder / "user_interests.parquet").write_bytes(b"PAR1"),
    ],
    ids=["a row more", "a table more", "a table less", "another form that counts"],
)
def test_any_change_of_what_would_be_read_changes_it(tmp_path, change):
    write(tmp_path, user_interests=INTERESTS, user_course_views=VIEWS)
    before = data_digest(str(tmp_path))
    change(tmp_path)
    assert data_digest(str(tmp_path)) != before


def test_files_that_would_not_be_read_do_not_count(tmp_path):
    write(tmp_path, user_interests=INTERESTS)
    before = data_digest(str(tmp_path))
    write(tmp_path, notes="x")
    (tmp_path / "user_interests.csv.gz").write_bytes(b"behind .csv")
    assert data_digest(str(tmp_path)) == before


def test_bytes_moved_from_one_table_to_the_next_change_it(tmp_path):
    write(tmp_path / "a", user_interests="x\ny\n", user_course_views="z\n")
    write(tmp_path / "b", user_interests="x\n", user_course_views="y\nz\n")
    assert data_digest(str(tmp_path / "a")) != data_digest(str(tmp_path / "b"))


def test_a_folder_without_tables_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds neither"):
        data_digest(str(tmp_path))


def test_it_costs_no_import_of_pandas():
    code = "import sys, generator.load.sources.digest; print('pandas' in sys.modules)"
    root = Path(__file__).parents[4]
    found = subprocess.check_output([sys.executable, "-c", code], cwd=root, text=True)
    assert found.strip() == "False"


def test_every_file_of_a_platforms_export_counts(tmp_path):
    (tmp_path / "tracking.log").write_text("{}\n")
    before = data_digest(str(tmp_path), {}, "openedx")
    (tmp_path / "tracking.log.1").write_text("{}\n")
    assert before != data_digest(str(tmp_path), {}, "openedx")
    (tmp_path / "tracking.log.1").unlink()
    assert before == data_digest(str(tmp_path), {}, "openedx")


def test_the_digest_of_what_was_loaded_is_the_same_whatever_was_not_read(tmp_path):
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,2,3,\n")
    (tmp_path / "links.csv").touch()
    export = str(tmp_path)
    assert load(export, {}, "movielens").digest == data_digest(export, {}, "movielens")
    (tmp_path / "parts").mkdir()
    for name, text in {"1.csv": "u,i\n1,2\n", "2.csv": ""}.items():
        (tmp_path / "parts" / name).write_text(text)
    columns = {"user": "u", "item": "i"}
    parts = str(tmp_path / "parts")
    assert load(parts, columns).digest == data_digest(parts, columns)
