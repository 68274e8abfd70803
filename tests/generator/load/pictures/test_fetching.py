import io
import os
import zipfile

import pandas as pd
import pytest
from PIL import Image

from generator.encoders.pictures import thumbnail_path
from generator.load.pictures.fetching import fetch
from generator.load.pictures.picture_folder import picture_folder
from shared.errors import DataError
from tests.generator.load.web_server import serving

OUTSIDE, NO_FILE = "lies outside of PICTURES_URL", "is no file there"


def paint(path, colour="green"):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (32, 32), colour).save(path)


@pytest.fixture
def data(tmp_path):
    """The folder of the tables, with pictures in it, and one beside it."""
    folder = tmp_path / "data"
    paint(folder / "a.png")
    paint(folder / "pictures" / "b c.jpg", "red")
    paint(tmp_path / "secret.png")
    (folder / "courses.csv").write_text("course_id\n1\n")
    return folder


@pytest.fixture
def kept_in(tmp_path):
    return tmp_path / "vectors" / "default" / "from here"


def fetched(named, url, kept_in, pictures_url=""):
    with picture_folder(pictures_url, str(url)) as pictures:
        return fetch(named, pictures, kept_in, 2, lambda done, total: None)


def test_paths_start_from_the_folder_of_the_tables_or_of_pictures(data, kept_in):
    both = ["a.png", "./pictures/b c.jpg", str(data / "a.png")]
    assert fetched(both, data, kept_in).brought == set(both)
    assert all(thumbnail_path(kept_in, path).is_file() for path in both)
    apart = fetched(["b c.jpg"], data, kept_in, pictures_url=f"file://{data}/pictures")
    assert apart.brought == {"b c.jpg"}


def test_nothing_outside_of_the_folder_is_read(data, kept_in, tmp_path):
    (data / "link.png").symlink_to(tmp_path / "secret.png")
    (data / "inside.png").symlink_to(data / "a.png")
    outside = [
        "../secret.png",
        "pictures/../../secret.png",
        str(tmp_path / "secret.png"),
        f"{data}/../secret.png",
        f"file://{tmp_path}/secret.png",
        "http://169.254.169.254/latest/meta-data",
        "link.png",
        "..\\secret.png",
        "/etc/passwd",
    ]
    outcome = fetched([*outside, "inside.png"], data, kept_in)
    assert outcome.refused == dict.fromkeys(outside, OUTSIDE)
    assert outcome.brought == {"inside.png"}


def test_what_is_no_picture_is_accounted_for_and_the_others_stay(data, kept_in):
    (data / "broken.png").write_bytes((data / "a.png").read_bytes()[:60])
    (data / "text.png").write_text("nothing of the kind")
    named = ["a.png", "absent.png", "pictures", "broken.png", "text.png", " ", "a\0.png"]
    outcome = fetched(named, data, kept_in)
    assert outcome.brought == {"a.png"}
    assert outcome.refused["absent.png"] == outcome.refused[" "] == NO_FILE
    assert outcome.refused["broken.png"] == "is broken"
    assert outcome.refused["text.png"].startswith("is none of JPEG")
    assert set(outcome.refused) == set(named) - {"a.png"}
    table = pd.DataFrame({"course_id": range(8), "image_path": [*named, "absent.png"]})
    report = outcome.report(table["image_path"], "data")
    assert (report.rows_read, report.rows_kept) == (8, 1)
    assert report.rows_set_aside == 7
    assert report.set_aside["is broken"] == 1
    assert report.samples["is broken"] == "broken.png"
    aside = outcome.set_aside(table)
    assert aside.columns.tolist() == ["row", "reasons", "course_id", "image_path"]
    assert aside["row"].tolist() == list(range(1, 8))


def test_a_picture_is_made_small_once_and_again_when_it_changes(data, kept_in):
    fetched(["a.png", "pictures/b c.jpg"], data, kept_in)
    kept = thumbnail_path(kept_in, "a.png")
    kept.write_bytes(kept.read_bytes() + b"untouched")
    os.utime(kept, ns=(0, (data / "a.png").stat().st_mtime_ns))
    fetched(["a.png"], data, kept_in)
    assert kept.read_bytes().endswith(b"untouched")
    assert list(kept_in.iterdir()) == [kept], "what nobody names is removed"
    paint(data / "a.png", "red")
    os.utime(data / "a.png", ns=(0, 12345))
    fetched(["a.png"], data, kept_in)
    with Image.open(kept) as small:
        assert small.getpixel((128, 128))[0] > 200
    (data / "a.png").write_bytes(b"broken now")
    assert fetched(["a.png"], data, kept_in).refused
    assert not kept.exists()


def test_thumbnails_of_another_folder_go(data, kept_in):
    fetched(["a.png"], data, kept_in.with_name("from elsewhere"))
    fetched(["a.png"], data, kept_in)
    assert [path.name for path in kept_in.parent.iterdir()] == [kept_in.name]


def test_pictures_come_from_a_web_server_and_from_no_other(data, kept_in):
    with serving(data.parent) as address:
        base = f"{address}/data"
        named = ["a.png", f"{base}/pictures/b c.jpg", f"{address}/secret.png", "absent.png"]
        outcome = fetched(named, data, kept_in, pictures_url=base)
        assert outcome.brought == set(named[:2])
        assert outcome.refused == {named[2]: OUTSIDE, named[3]: NO_FILE}
        apart, locked = kept_in.with_name("apart"), f"{address}/forbidden/data"
        forbidden = fetched(["a.png"], data, apart, pictures_url=locked)
        assert forbidden.refused == {"a.png": "cannot be read"}


def test_pictures_come_from_an_object_store(data, kept_in, bucket, s3_endpoint):
    for name in ("pictures/a.png", "secret.png"):
        bucket.upload_file(str(data / "a.png"), "tables", name)
    place = f"region=us-east-1&scheme=http&endpoint_override={s3_endpoint.removeprefix('http://')}"
    named = ["a.png", "s3://tables/pictures/a.png", "../secret.png", "absent.png"]
    url = f"s3://tables/pictures?{place}"
    outcome = fetched(named, data, kept_in, pictures_url=url)
    assert outcome.brought == set(named[:2])
    assert outcome.refused == {named[2]: OUTSIDE, named[3]: NO_FILE}


def test_pictures_come_from_the_archive_of_the_tables(data, kept_in, tmp_path):
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in ("courses.csv", "a.png"):
            archive.write(data / path, path)
    (tmp_path / "all.zip").write_bytes(content.getvalue())
    outcome = fetched(["a.png", "../a.png"], tmp_path / "all.zip", kept_in)
    assert outcome.brought == {"a.png"}
    assert outcome.refused == {"../a.png": OUTSIDE}


def test_a_folder_that_is_not_there_is_an_error_in_words(data, kept_in):
    with pytest.raises(DataError, match="PICTURES_URL: There is no folder"):
        fetched(["a.png"], data, kept_in, pictures_url="/no/such/folder")
    kept_in.parent.mkdir(parents=True)
    kept_in.write_text("in the way")
    with pytest.raises(DataError, match="let VECTORS_FOLDER name another folder"):
        fetched(["a.png"], data, kept_in)


def test_a_picture_that_never_ends_is_left_at_its_limit(data, kept_in):
    with serving(data.parent) as address:
        outcome = fetched(["endless/a.png"], data, kept_in, pictures_url=f"{address}/data")
    assert list(outcome.refused) == ["endless/a.png"]
    assert "MB" in outcome.refused["endless/a.png"]


def test_a_picture_that_unpacks_without_end_is_left_at_its_limit(data, kept_in, tmp_path):
    with zipfile.ZipFile(tmp_path / "data.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(data / "courses.csv", "courses.csv")
        with archive.open("bomb.png", "w") as packed:
            for _ in range(64):
                packed.write(bytes(2**20))
    outcome = fetched(["bomb.png"], tmp_path / "data.zip", kept_in)
    assert "MB" in outcome.refused["bomb.png"]
