import hashlib
import io
import zipfile

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from generator.load.delimited.csv_files import read_csv
from generator.load.files import load
from generator.load.readers.parquet_files import read_parquet
from generator.load.sources.digest import data_digest
from generator.load.sources.digested import Digesting, digested
from generator.load.sources.input_files import input_files
from generator.load.sources.table_files import TableFile
from generator.validation.columns import TABLES
from shared.errors import DataError
from tests.generator.load.small_tables import INTERESTS, VIEWS, write

CONTENT = bytes(range(256)) * 40


class Counted(io.BytesIO):
    """A file that counts what is read of it."""

    count = 0

    def read(self, size: int | None = -1) -> bytes:
        chunk = super().read(size)
        self.count += len(chunk)
        return chunk


def file_of(content: io.BytesIO, form: str = "csv", table: str = "user_interests") -> TableFile:
    name = f"{table}.{form}"
    return TableFile(table, form, pa.PythonFile(content, mode="r"), f"folder/{name}", name)


@pytest.mark.parametrize(
    "steps", [[], [-1], [10, 0, 100], [10, 0, 10**6], [100, 50, 100, 300, 20, -1], [9000, 20, 5]]
)
def test_whatever_was_read_before_the_digest_is_of_the_whole_file(steps):
    """Each step reads so many bytes, and then goes back to the tenth of where it is."""
    digesting = Digesting(pa.BufferReader(CONTENT))
    for size in steps:
        digesting.read(size)
        digesting.seek(digesting.tell() // 10)
    assert digesting.digest() == hashlib.sha256(CONTENT).hexdigest()
    assert digesting.is_whole


def test_what_was_read_from_the_middle_is_digested_in_its_place():
    digesting = Digesting(pa.BufferReader(CONTENT))
    digesting.seek(5000)
    digesting.read(100)
    assert not digesting.is_whole
    assert digesting.digest() == hashlib.sha256(CONTENT).hexdigest()


def test_a_file_is_read_once_for_its_rows_and_its_digest():
    rows = "".join(f"{n},tag-{n % 7},\n" for n in range(200_000))
    content = Counted(f"user_handle,interest_tag,date_followed\n{rows}".encode())
    digests: dict[str, str] = {}
    for file in digested([file_of(content)], digests):
        assert len(read_csv(file, TABLES[file.table]).frame) == 200_000
    assert content.count == len(content.getvalue())
    digest = hashlib.sha256(content.getvalue()).hexdigest()
    assert digests == {"user_interests.csv": digest}


def test_parquet_is_read_once_too_in_whatever_order():
    sink = io.BytesIO()
    pq.write_table(pa.table({"user_handle": [1, 2], "interest_tag": ["a", "b"]}), sink)
    content = Counted(sink.getvalue())
    for file in digested([file_of(content, "parquet")], {}):
        assert len(read_parquet(file, TABLES[file.table]).frame) == 2
    assert content.count == len(content.getvalue())


def test_the_digest_is_of_what_was_read_though_the_file_was_replaced_meanwhile(tmp_path):
    write(tmp_path, user_interests=INTERESTS)
    before = data_digest(str(tmp_path))
    digests: dict[str, str] = {}
    for file in digested(input_files(str(tmp_path)), digests):
        assert file.plain.read().decode() == INTERESTS
        write(tmp_path / "new", user_interests=INTERESTS + "2,go,\n")
        (tmp_path / "new" / "user_interests.csv").replace(tmp_path / "user_interests.csv")
    (digest,) = digests.values()
    assert digest == hashlib.sha256(INTERESTS.encode()).hexdigest()
    assert data_digest(str(tmp_path)) != before


def test_a_file_that_is_another_when_it_is_opened_again_is_an_error():
    digests = {"user_interests.csv": "another"}
    with pytest.raises(DataError, match=r"interests\.csv changed while it was read: run again"):
        list(digested([file_of(io.BytesIO(b"x"))], digests))


@pytest.mark.parametrize("kind", ["folder", "file", "zip", "gzip"])
def test_what_is_loaded_has_the_digest_that_is_asked_for_beforehand(tmp_path, kind):
    write(tmp_path / "tables", user_interests=INTERESTS, user_course_views=VIEWS)
    url = str(tmp_path / "tables")
    if kind == "file":
        url += "/user_course_views.csv"
    if kind == "zip":
        url = str(tmp_path / "tables.zip")
        with zipfile.ZipFile(url, "w") as archive:
            archive.write(tmp_path / "tables" / "user_interests.csv", "user_interests.csv")
    if kind == "gzip":
        with pa.CompressedOutputStream(f"{tmp_path}/tables/courses.csv.gz", "gzip") as stream:
            stream.write(b"course_id,title\na,A\n")
    assert load(url).digest == data_digest(url)


def test_every_file_of_an_export_counts_also_those_that_nobody_reads(tmp_path):
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating,timestamp\n1,2,4.0,1593878903\n")
    (tmp_path / "movies.csv").write_text("movieId,title,genres\n2,Two,Drama|War\n")
    (tmp_path / "notes.xyz").write_text("by hand")
    loaded = load(str(tmp_path), platform="movielens")
    assert loaded.digest == data_digest(str(tmp_path), platform="movielens")
    (tmp_path / "notes.xyz").write_text("by another hand")
    assert loaded.digest != data_digest(str(tmp_path), platform="movielens")
