"""Users and courses page by page: everybody once, from any place, whatever they are called."""

import json
import re
from html import unescape

import pytest

from generator.lists import directory as module
from generator.lists.directory import directory
from shared.records import COURSE_DIRECTORY, USER_DIRECTORY
from tests.server.explorer.platform import HOSTILE_TITLE, USERS
from tests.server.generations import publish, rows

MANY = [f"u{number:04}" for number in range(337)]


@pytest.fixture
def many(app, store, monkeypatch):
    """The client of an app with 337 users, in directory pages of 30."""
    monkeypatch.setattr(module, "HANDLES_PER_PAGE", 30)
    users, courses = directory(USER_DIRECTORY, MANY), directory(COURSE_DIRECTORY, [], [])
    publish(store, [*rows(), *users, *courses], user_handle_type="str", users=len(MANY))
    return app.test_client()


def shown(text: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="[^"]+">([^<]+)</a>', text)


def way(text: str, rel: str) -> str | None:
    found = re.search(rf'<a rel="{rel}" href="([^"]+)"', text)
    return unescape(found[1]) if found else None


def test_going_on_shows_everybody_once_in_order_and_going_back_leads_to_the_first(many):
    address, seen, last = "/explorer/users/all", [], ""
    for _ in range(7):
        last, text = address, many.get(address).text
        seen += shown(text)
        address = way(text, "next")
    assert seen == MANY
    assert address is None
    for _ in range(7):
        text = many.get(last).text
        assert len(shown(text)) <= 50
        last = way(text, "prev")
    assert shown(text)[0] == MANY[0]
    assert last is None


@pytest.mark.parametrize(
    ("begins", "first"),
    [("u0100", "u0100"), ("U01", "u0100"), ("a", "u0000"), ("u00305", "u0031"), ("z", "u0336")],
)
def test_one_goes_to_where_names_begin_so(many, begins, first):
    assert shown(many.get(f"/explorer/users/all?from={begins}").text)[0] == first


def test_places_to_jump_to_lie_evenly_over_the_whole_order(many):
    text = many.get("/explorer/users/all").text
    thumbs = re.findall(r'href="/explorer/users/all\?from=(u\d+)"', text)
    assert thumbs == MANY[::30]


@pytest.mark.parametrize("place", ["999999999.999999999", "3.999", "0.0"])
def test_a_place_beyond_the_end_is_the_end(many, place):
    assert shown(many.get(f"/explorer/users/all?at={place}").text)


@pytest.mark.parametrize(
    "place", ["x", "-1.0", "1", "1.-5", "1.5.5", "9999999999.0", "\u0661.\u0662"]
)
def test_what_is_no_place_is_a_problem(many, place):
    assert many.get("/explorer/users/all", query_string={"at": place}).status_code == 400


def test_courses_are_browsed_by_title_and_hostile_ones_are_text(explorer):
    text = explorer.get("/explorer/courses").text
    names = shown(text)
    assert [unescape(name) for name in names] == [HOSTILE_TITLE, "Go Deep Dive", "rust", "zig"]
    assert HOSTILE_TITLE not in text
    assert shown(explorer.get("/explorer/courses?from=go").text)[0] == "Go Deep Dive"


def test_users_are_browsed_with_what_is_known_of_them(explorer):
    text = explorer.get("/explorer/users/all").text
    assert sorted(map(unescape, shown(text))) == sorted(map(str, USERS))
    assert text.count('<td class="number">2</td>') == len(USERS)  # interests


def test_a_generation_without_directories_says_why(app, store):
    publish(store)
    for path in ("/explorer/users/all", "/explorer/courses"):
        text = app.test_client().get(path).text
        assert "STORE_PROFILES=false" in text


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("alma", "alma"), (" alma ", "alma"), ("ALAN", "Alan"), ("a/b?c=d&e#f", "a/b?c=d&e#f")],
)
def test_a_whole_handle_opens_its_user(explorer, typed, meant):
    response = explorer.get("/explorer/users", query_string={"typed": typed})
    assert response.status_code == 303
    assert f"User {meant}" in unescape(explorer.get(response.headers["Location"]).text)


@pytest.mark.parametrize("typed", ["al", "nobody", "", "\r\nSet-Cookie: x=y", "\u0663"])
def test_what_is_no_whole_handle_is_looked_for(explorer, typed):
    response = explorer.get("/explorer/users", query_string={"typed": typed})
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers


def test_a_whole_number_opens_its_user_where_handles_are_numbers_without_a_directory(app, store):
    publish(store)
    response = app.test_client().get("/explorer/users?typed=999")
    assert response.headers["Location"] == "/explorer/users?handle=999"
    assert json.loads("999") == 999
    assert app.test_client().get("/explorer/users?typed=99999").status_code == 200
    assert app.test_client().get(f"/explorer/users?typed={'9' * 400}").status_code == 200
