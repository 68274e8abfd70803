import pytest

from generator.load.sources.formats import checked_format, format_of, stem_of, uncompressed
from shared.errors import SettingsError


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("events.csv", "csv"),
        ("EVENTS.CSV.GZ", "csv"),
        ("a.b.tsv.bz2", "tsv"),
        ("part-0000.snappy.parquet", "parquet"),
        ("x.ndjson.zst", "jsonl"),
        ("events.jsonl.1", "jsonl"),
        ("events.jsonl.12.gz", "jsonl"),
        ("events.jsonl.gz.3", "jsonl"),
        ("events.jsonl-20240301.gz", "jsonl"),
        ("events.jsonl.2024-03-01.1", "jsonl"),
        ("sheet.ods", "xlsx"),
        ("tracking.log", None),
        ("archive.tar.gz", None),
        ("README", None),
        ("csv", None),
    ],
)
def test_a_name_says_its_format_whatever_was_done_to_the_file_since(name, form):
    assert format_of(name) == form


@pytest.mark.parametrize(
    ("path", "stem"),
    [
        ("a/b/Ratings.csv.gz", "Ratings"),
        ("tracking.log-20240301.gz", "tracking.log"),
        ("u.data", "u.data"),
        ("ml-1m/movies.dat", "movies"),
        ("events.jsonl.1", "events"),
    ],
)
def test_the_stem_of_a_path_is_what_whoever_made_it_called_it(path, stem):
    assert stem_of(path) == stem


def test_the_name_of_an_unpacked_file_has_no_ending_of_its_packing():
    assert uncompressed("x.csv.GZ") == "x.csv"
    assert uncompressed("x.csv") == "x.csv"


def test_a_format_may_be_said_as_a_suffix():
    assert [checked_format(said) for said in (".NDJSON", "csv", "tab", "")] == [
        "jsonl", "csv", "tsv", ""
    ]  # fmt: skip
    with pytest.raises(SettingsError, match="format=docx: expected parquet"):
        checked_format("docx")
