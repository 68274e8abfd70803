import json
import re
from html import unescape
from html.parser import HTMLParser

import pytest
from flask.testing import FlaskClient

from shared.records import DIRECTORY_START, USER_DIRECTORY, FactsRow
from tests.server.explorer.platform import HOSTILE_TAG, HOSTILE_TITLE, HOSTILE_USER, USERS
from tests.server.generations import publish, rows

PAGES = ["/explorer", "/explorer/users?typed=a", "/explorer/users?handle=%22ada%22",
         "/explorer/users/all", "/explorer/users/changes?handle=%22ada%22",
         "/explorer/courses", "/explorer/courses?handle=%22docker%22",
         "/explorer/generations", "/explorer/models", "/explorer/operations",
         "/explorer/try"]  # fmt: skip
SAME_ORIGIN = {"Sec-Fetch-Site": "same-origin"}


class Elements(HTMLParser):
    """Every element of a page with its attributes, as a browser reads them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.feed(text)

    def handle_starttag(self, tag, attrs) -> None:
        self.found.append((tag, dict(attrs)))


def page(explorer: FlaskClient, handle: object) -> str:
    response = explorer.get("/explorer/users", query_string={"handle": json.dumps(handle)})
    assert response.status_code == 200
    return response.text


@pytest.mark.parametrize("path", PAGES)
def test_pages_load_nothing_from_elsewhere_and_run_nothing_inline(explorer, path):
    response = explorer.get(path)
    assert response.status_code == 200
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    elements = Elements(response.text)
    for name, attributes in elements.found:
        assert not [a for a in attributes if a == "style" or a.startswith("on")]
        source = attributes.get("src") or (name == "link" and attributes.get("href"))
        assert name != "script" or source
        if source:
            assert source.startswith("/explorer/static/")
            assert explorer.get(source, buffered=True).status_code == 200
    assert len(elements.found) > 20


@pytest.mark.parametrize("path", ["/explorer/", "/explorer/generations/", "/explorer/models/"])
def test_pages_answer_with_a_slash_too(explorer, path):
    assert explorer.get(path).status_code == 200


def test_a_user_is_shown_as_every_model_sees_them_with_the_reasons(explorer):
    text = page(explorer, "ada")
    assert "2 shared tags: {{ 7 * 7 }}&lt;b&gt;tag&lt;/b&gt;, aws" in text
    assert "both watched &lt;/p&gt;" in text
    assert ", 1 min and 2 min" in text
    assert "because you watched &lt;/p&gt;" in text
    assert "Go Deep Dive" in text
    assert text.count('class="entry"') == 2 * (len(USERS) - 1 + 3)
    assert "2 models" in text


@pytest.mark.parametrize("handle", USERS)
def test_every_user_can_be_walked_to_whatever_their_handle(explorer, handle):
    listed = page(explorer, handle).partition('id="similar_users"')[2]
    links = re.findall(r'href="(/explorer/users\?handle=[^"]+)"', listed)
    assert len(links) == 2 * (len(USERS) - 1)
    for link in set(links):
        assert explorer.get(unescape(link)).status_code == 200


def test_a_course_is_shown_with_what_is_known_of_it_and_what_is_like_it(explorer):
    text = explorer.get("/explorer/courses?handle=%22go%22").text
    assert "<h1>Go Deep Dive</h1>" in text
    assert "<dd>7</dd>" in text
    assert text.count('data-entry="similar_courses ') == 3
    assert text.count('data-entry="course_users ') == len(USERS)
    for link in set(re.findall(r'href="(/explorer/courses\?handle=[^"]+)"', text)):
        assert explorer.get(unescape(link)).status_code == 200


def test_a_course_that_is_listed_is_shown_by_its_hostile_title_as_text(explorer):
    for path in ("/explorer/courses?handle=%22go%22", "/explorer/courses?handle=%22docker%22"):
        text = explorer.get(path).text
        assert "&lt;/p&gt;&lt;script&gt;document.title" in text
        assert HOSTILE_TITLE not in text
        assert "<svg onload" not in text


def test_a_course_has_its_text_its_rating_and_the_courses_that_are_the_same(explorer):
    text = explorer.get("/explorer/courses?handle=%22go%22").text
    for expected in (
        "Goroutines, channels, and what to do without generics.",
        "<small>1,200 users</small></dt><dd>4.25 of 5",
        "<small>1 review</small></dt><dd>+0.62",
        "<dt>Completed by</dt><dd>3</dd>",
        "The same course as",
        "Often taken up next",
        "1,031 users, 3.0 times as often as after others",
        "<li>and 7 more</li>",
    ):
        assert expected in text
    assert text.count('<span class="handle">docker</span>') == 1
    assert '<span class="handle">rust</span>' not in text, "who has no title is named once"


def test_a_course_names_who_viewed_it_last_each_with_a_way_there(explorer):
    text = explorer.get("/explorer/courses?handle=%22docker%22").text
    (listed,) = re.findall(r'<ul class="viewers">(.*?)</ul>', text, re.DOTALL)
    assert sorted(unescape(name) for name in re.findall(r">([^<]+)</a>", listed)) == sorted(USERS)
    assert "handle=%22ada%22" in listed
    quiet = explorer.get("/explorer/courses?handle=%22go%22").text
    assert "Who viewed it last" not in quiet


def test_a_course_of_which_little_is_known_has_a_page_too(explorer):
    text = explorer.get("/explorer/courses?handle=%22zig%22").text
    assert "<h1>zig</h1>" in text
    for absent in ("Rating", "Sentiment", "The same course", "Often taken", "<img", "picture"):
        assert absent not in text


def test_what_is_said_of_a_course_is_shown_as_text(explorer):
    elements = Elements(explorer.get("/explorer/courses?handle=%22docker%22").text)
    assert not [a for _, attributes in elements.found for a in attributes if a.startswith("on")]
    assert [dict(a).get("src", "") for name, a in elements.found if name == "script"] == [
        "/explorer/static/vendor/htmx.min.js",
        "/explorer/static/explorer.js",
    ]
    assert "{{ 6 * 7 }}" in explorer.get("/explorer/courses?handle=%22docker%22").text


def test_an_unknown_course_is_said_to_be_unknown(explorer):
    assert "is not in generation" in explorer.get("/explorer/courses?handle=%22cobol%22").text


@pytest.mark.parametrize("handle", ["ada", HOSTILE_USER])
def test_hostile_names_are_shown_as_text(explorer, handle):
    for text in (page(explorer, handle), explorer.get("/explorer/handles?typed=%22").text):
        for hostile in (HOSTILE_USER, HOSTILE_TITLE, HOSTILE_TAG):
            assert hostile not in text
        assert "<script>" not in text
        assert "<img" not in text
        # What a template would make of the tag; the name of a generation may hold any digits.
        assert not re.search(r"49(<|&lt;)b", text)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("a", ["a/b?c=d&e#f", "ada", "Alan", "alma"]),
        ("AL", ["Alan", "alma"]),
        ("é", ["Éva"]),
        ('"', [HOSTILE_USER]),
        ("", []),
        ("zz", []),
    ],
)
def test_handles_are_found_by_how_they_begin(explorer, typed, found):
    text = explorer.get("/explorer/handles", query_string={"typed": typed}).text
    assert text.count("<li>") == len(found)
    if not found and typed:
        assert "No user handle begins with" in text


def test_handles_are_found_on_any_page_of_the_directory(explorer, store):
    pages = [[f"u{i:04}" for i in range(start, start + 10)] for start in range(0, 1000, 10)]
    directory = [
        FactsRow(USER_DIRECTORY, n, {"handles": handles}) for n, handles in enumerate(pages)
    ]
    starts = {"starts": [handles[0] for handles in pages]}
    publish(store, [*rows(), *directory, FactsRow(USER_DIRECTORY, DIRECTORY_START, starts)])
    for typed, first, count in (("u0", "u0000", 12), ("u042", "u0420", 10), ("u0999", "u0999", 1)):
        text = explorer.get("/explorer/handles", query_string={"typed": typed}).text
        assert re.findall(r">(u\d+)</a>", text)[:1] == [first]
        assert text.count("<li>") == count


def test_an_unknown_user_is_said_to_be_unknown(explorer):
    assert "is in no list of generation" in page(explorer, 999)


@pytest.mark.parametrize("handle", ["ada", "true", "1.5", "[1]", '""', "{"])
def test_a_handle_that_is_none_is_a_problem_in_html(explorer, handle):
    response = explorer.get("/explorer/users", query_string={"handle": handle})
    assert (response.status_code, response.mimetype) == (400, "text/html")


def test_generations_show_state_stages_and_changes(explorer, generation, store):
    second = publish(store, rows(), users=5)
    listed = explorer.get("/explorer/generations").text
    assert listed.index(second) < listed.index(generation)
    assert listed.count("<mark>live</mark>") == 1
    text = explorer.get(f"/explorer/generations/{second}").text
    assert generation in text  # what it is compared with
    assert "-2" in text  # users


def test_a_held_generation_says_what_the_gate_said(explorer, store):
    held = publish(store, rows())
    manifest = store.manifest("default", held)
    manifest.held_because = ["lists for 3 users after <b>2,000</b>"]
    store._put_manifest(manifest)
    text = explorer.get(f"/explorer/generations/{held}").text
    assert "Held by the gate" in text
    assert "lists for 3 users after &lt;b&gt;2,000" in text


@pytest.mark.parametrize("name", ["20261121T020000Z-3f9a", "x", "..%2f..%2fetc"])
def test_a_generation_that_is_not_there_is_a_404(explorer, name):
    assert explorer.get(f"/explorer/generations/{name}").status_code == 404


def test_models_are_compared_from_the_manifest(explorer):
    text = explorer.get("/explorer/models").text
    for expected in ("NDCG@10", "popular", "0.3400", "50 %", "25.00%"):
        assert expected in text


def test_operations_count_what_was_asked(explorer):
    for _ in range(3):
        explorer.post("/similar-users", json={"user_handle": "ada"})
        explorer.get("/explorer/operations")
        explorer.get("/health")
    figures = explorer.get("/explorer/operations/figures").get_json()
    assert figures["requests"] == 3
    assert figures["rate"] == pytest.approx(3 / figures["seconds"])
    assert figures["p99_seconds"] > 0


@pytest.mark.parametrize(
    ("form", "status", "expected"),
    [
        ({"handle": "ada", "path": "/similar-users", "limit": "2"}, 200, "similar_users"),
        (
            {"handle": '"ada"', "path": "/recommendations", "with_reasons": "on"},
            200,
            "Reasons",
        ),
        ({"handle": "go", "path": "/similar-courses"}, 200, "similar_courses"),
        ({"handle": "nobody", "path": "/similar-users"}, 404, "unknown-user"),
        ({"handle": "ada", "path": "/similar-users", "limit": "x"}, 422, "whole number"),
    ],
)
def test_the_form_shows_the_request_and_the_answer(explorer, form, status, expected):
    response = explorer.post("/explorer/try", data=form, headers=SAME_ORIGIN)
    assert response.status_code == 200
    assert f"<small>{status}</small>" in response.text
    assert expected.lower() in response.text.lower()
    assert "curl -s http://localhost" in response.text


def test_a_request_as_curl_is_safe_to_paste(explorer):
    form = {"handle": "'; rm -rf / #", "path": "/similar-users"}
    text = explorer.post("/explorer/try", data=form, headers=SAME_ORIGIN).text
    curl = re.search(r'<code id="curl">(.*?)</code>', text, re.S).group(1)
    assert "&#39;{&#34;user_handle&#34;:&#34;&#39;&#34;&#39;&#34;&#39;; rm" in curl


def test_a_generation_without_profiles_can_be_looked_at_too(explorer, store):
    publish(store)
    text = page(explorer, 999)
    assert "User <span" in text
    assert 'class="profile"' not in text
    assert explorer.get("/explorer/models").status_code == 200


def test_before_anything_is_published_pages_say_so(app):
    response = app.test_client().get("/explorer")
    assert response.status_code == 503
    assert "Nothing is published yet" in response.text


def test_a_store_that_cannot_be_read_is_said_in_html(explorer, folder):
    assert explorer.get("/explorer").status_code == 200
    control = folder / "control.sqlite"
    control.write_bytes(b"no database")
    response = explorer.get("/explorer/generations")
    assert (response.status_code, response.mimetype) == (503, "text/html")
    assert "damaged or gone" in response.text
    assert str(folder) not in response.text
