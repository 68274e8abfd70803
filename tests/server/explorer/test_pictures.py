"""Which pictures the page of a course may load, and from where."""

import pytest
from flask.testing import FlaskClient

from server import create_app
from server.explorer.pictures import picture_source
from shared.errors import SettingsError
from shared.settings import ServerSettings
from tests.server.explorer.platform import publish_platform
from tests.server.generations import course_facts, publish

CDN = "https://cdn.example.org"
PNG = b"\x89PNG\r\n\x1a\nnearly"


def opened(settings, store, clock, **changed: object) -> FlaskClient:
    return create_app(settings.model_copy(update=changed), store, clock).test_client()


@pytest.fixture
def folder_of_pictures(tmp_path):
    folder = tmp_path / "pictures"
    for tenant in ("default", "another"):
        (folder / tenant / "go").mkdir(parents=True)
        (folder / tenant / "go" / "gopher.png").write_bytes(PNG + tenant.encode())
    (folder / "default" / "notes.txt").write_text("not for everybody")
    (folder / "secret.png").write_bytes(PNG)
    return folder


@pytest.mark.parametrize(
    ("origins", "picture", "is_shown"),
    [
        ([], f"{CDN}/a.png", False),
        ([CDN], f"{CDN}/a.png", True),
        ([CDN], "https://CDN.example.org/a.png", True),
        ([CDN], "http://cdn.example.org/a.png", False),
        ([CDN], "https://cdn.example.org.evil.org/a.png", False),
        ([CDN], "https://cdn.example.org:8443/a.png", False),
        (["*"], "https://anywhere.org/a.png", True),
        (["*"], "http://anywhere.org/a.png", False),
        (["*"], "", False),
    ],
)
def test_an_address_is_shown_where_its_origin_is_allowed(app, origins, picture, is_shown):
    settings = ServerSettings.load(picture_origins=origins)
    assert picture_source("go", picture, settings) == (picture if is_shown else None)


def test_the_policy_of_a_courses_page_names_these_origins_and_no_other_page_does(
    settings, store, clock
):
    publish_platform(store)
    client = opened(settings, store, clock, picture_origins=[CDN, "*"])
    policy = client.get("/explorer/courses").headers["Content-Security-Policy"]
    assert f"img-src 'self' data: {CDN} https:;" in policy
    policy = client.get("/explorer/users").headers["Content-Security-Policy"]
    assert "img-src 'self' data:;" in policy


def test_a_path_is_shown_from_the_folder_of_pictures(settings, store, clock, folder_of_pictures):
    publish_platform(store)
    client = opened(settings, store, clock, pictures_folder=str(folder_of_pictures))
    page = client.get("/explorer/courses?handle=%22go%22").text
    assert 'src="/explorer/pictures?handle=%22go%22"' in page
    picture = client.get("/explorer/pictures?handle=%22go%22", buffered=True)
    assert (picture.status_code, picture.mimetype, picture.data) == (
        200,
        "image/png",
        PNG + b"default",
    )
    assert picture.headers["X-Content-Type-Options"] == "nosniff"


def test_without_a_folder_it_is_said_what_would_show_it(explorer):
    page = explorer.get("/explorer/courses?handle=%22go%22").text
    assert "<img" not in page
    assert "<code>PICTURES_FOLDER</code> says which pictures are shown" in page
    assert explorer.get("/explorer/pictures?handle=%22go%22").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "../secret.png",
        "../another/go/gopher.png",
        "go/../../secret.png",
        "/etc/hostname",
        "notes.txt",
        "gone.png",
        "",
        CDN,
    ],
)
def test_nothing_else_can_be_read_by_a_path(settings, store, clock, folder_of_pictures, path):
    publish(store, [course_facts("go", picture=path)])
    client = opened(settings, store, clock, pictures_folder=str(folder_of_pictures))
    assert client.get("/explorer/pictures?handle=%22go%22").status_code == 404
    assert client.get("/explorer/pictures?handle=%22nobody%22").status_code == 404
    assert client.get("/explorer/pictures").status_code == 404


def test_who_has_not_signed_in_sees_no_picture(guarded):
    client, *_ = guarded
    assert client.get("/explorer/pictures?handle=%22go%22").status_code == 303


@pytest.mark.parametrize("origin", ["cdn.example.org", f"{CDN}/", f"{CDN}; script-src *", "data:"])
def test_what_is_no_origin_is_refused(origin):
    with pytest.raises(SettingsError, match="is no origin"):
        ServerSettings.load(picture_origins=origin)
