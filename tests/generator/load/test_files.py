import io
import socket
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from generator.load.files import load_tables
from generator.load.sources.folders import label_of
from shared.errors import DataError
from tests.generator.load.small_tables import INTERESTS, VIEWS, write


def parquet_bytes(text: str) -> bytes:
    names, *rows = [line.split(",") for line in text.splitlines()]
    buffer = io.BytesIO()
    pq.write_table(pa.table(dict(zip(names, zip(*rows, strict=True), strict=True))), buffer)
    return buffer.getvalue()


def test_a_folder_of_this_machine_is_read_by_path_or_url(tmp_path, monkeypatch):
    write(tmp_path / "my data", user_interests=INTERESTS, user_course_views=VIEWS)
    monkeypatch.chdir(tmp_path)
    for url in ("my data", f"{tmp_path}/my data/", (tmp_path / "my data").as_uri()):
        tables = load_tables(url)
        assert list(tables) == ["user_interests", "user_course_views"]
        assert tables["user_interests"].frame.to_numpy().tolist() == [["1", "go", "2024-05-01"]]
    assert load_tables("my data")["user_interests"].source == "my data/user_interests.csv"


def test_parquet_comes_before_csv(tmp_path):
    write(tmp_path, user_interests=INTERESTS)
    (tmp_path / "user_interests.parquet").write_bytes(parquet_bytes(INTERESTS.replace("go", "sql")))
    table = load_tables(str(tmp_path))["user_interests"]
    assert table.frame["interest_tag"].tolist() == ["sql"]
    assert table.source.endswith(".parquet")


@pytest.mark.parametrize("present", ["user_interests", "user_course_views"])
def test_one_of_interests_and_views_is_enough(tmp_path, present):
    text = {"user_interests": INTERESTS, "user_course_views": VIEWS}[present]
    assert list(load_tables(str(write(tmp_path, **{present: text})))) == [present]


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("{0}/absent", "There is no folder .*absent: DATA_URL"),
        ("{0}/file.csv", r"file\.csv is empty: its first line must name the columns"),
        ("{0}/file.csv/x", r"no folder .*file\.csv/x"),
        ("{0}/empty/absent.csv", r"There is no file .*absent\.csv: DATA_URL must name one"),
        (
            "{0}/a.file",
            r"a\.file is a file whose name does not say what it is: .*format=csv.*jsonl",
        ),
        ("{0}/empty", "holds neither user_interests nor user_course_views: expected one of them"),
        ("{0}/others", "neither user_interests nor user_course_views.*; found course_tags.csv"),
        ("{0}/spark", "holds neither user_interests nor .*; found user_interests.parquet"),
        ("ftp://host/data", "cannot be understood: give a path"),
        ("s3://", "cannot be understood"),
        ("file://relative/data", "cannot be understood"),
        ("https://[half", "cannot be understood: Invalid IPv6 URL"),
    ],
)
def test_a_folder_without_tables_is_one_sentence(tmp_path, url, says):
    (tmp_path / "file.csv").touch()
    (tmp_path / "a.file").touch()
    (tmp_path / "empty").mkdir()
    write(tmp_path / "others", course_tags="course_id,course_tags\na,go\n")
    (tmp_path / "spark" / "user_interests.parquet").mkdir(parents=True)
    with pytest.raises(DataError, match=says):
        load_tables(url.format(tmp_path))


def test_a_web_server_is_read_and_what_it_lacks_is_absent(tmp_path, web):
    write(tmp_path / "x", user_interests=INTERESTS)
    (tmp_path / "x" / "user_course_views.parquet").write_bytes(parquet_bytes(VIEWS))
    tables = load_tables(f"{web}/x/")
    assert tables["user_interests"].frame.to_numpy().tolist() == [["1", "go", "2024-05-01"]]
    assert tables["user_course_views"].frame["course_id"].tolist() == ["go-basics"]
    assert tables["user_interests"].source == f"{web}/x/user_interests.csv"


def test_the_query_of_a_web_address_is_sent_with_each_file_and_never_shown(tmp_path, web):
    write(tmp_path / "locked", user_interests=INTERESTS)
    table = load_tables(f"{web}/locked?key=secret")["user_interests"]
    assert table.source == f"{web}/locked/user_interests.csv"


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("absent", "holds neither"),
        ("forbidden", "user_interests.parquet cannot be read: .*403"),
        ("cut", r"user_interests\.csv broke off after 39 of 1000 bytes"),
    ],
)
def test_a_web_server_that_refuses_or_breaks_off_is_one_sentence(web, path, says):
    with pytest.raises(DataError, match=says):
        load_tables(f"{web}/{path}")


def test_a_web_server_that_is_away_is_one_sentence():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}"
        with pytest.raises(DataError, match=r"cannot be read: .*refused"):
            load_tables(address)


def test_s3_is_read_with_an_endpoint_in_the_environment(bucket, s3_endpoint, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
    bucket.put_object(Bucket="tables", Key="a/user_course_views.parquet", Body=parquet_bytes(VIEWS))
    bucket.put_object(Bucket="tables", Key="a/user_interests.csv", Body=INTERESTS.encode())
    tables = load_tables("s3://tables/a?region=us-east-1")
    assert tables["user_course_views"].frame["course_id"].tolist() == ["go-basics"]
    assert tables["user_interests"].frame["interest_tag"].tolist() == ["go"]
    assert tables["user_interests"].source == "s3://tables/a/user_interests.csv"


def test_s3_is_read_with_an_endpoint_in_the_url(bucket, s3_endpoint):
    bucket.put_object(Bucket="tables", Key="user_interests.csv", Body=INTERESTS.encode())
    place = urlsplit(s3_endpoint).netloc
    url = f"s3://tables?region=us-east-1&scheme=http&endpoint_override={place}"
    assert list(load_tables(url)) == ["user_interests"]
    with pytest.raises(DataError, match="There is no folder s3://tables/absent"):
        load_tables(url.replace("tables?", "tables/absent?"))


@pytest.mark.parametrize(
    ("url", "label"),
    [
        ("https://me:secret@host:8443/data?sig=secret", "https://host:8443/data"),
        ("s3://KEY:SECRET@bucket/data?region=eu-west-1", "s3://bucket/data"),
        ("data/sample", "data/sample"),
    ],
)
def test_what_is_shown_of_an_address_opens_nothing(url, label):
    assert label_of(url) == label
