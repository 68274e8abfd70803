"""Courses chosen by tag, level and attribute: the right ones, each once, and honest counts."""

import random
import re
from html import unescape

import numpy as np
import pytest

from generator.lists import directory as module
from generator.lists.directory import alphabetical, directory
from generator.lists.facets import facet_rows, word_rows
from server.explorer.places import places_before, places_from
from shared.records import COURSE_DIRECTORY
from tests.facet_labels import labels_of
from tests.server.explorer.platform import HOSTILE_TAG, HOSTILE_TITLE
from tests.server.explorer.test_browsing import shown, way
from tests.server.generations import course_facts, publish, rows

NUMBERS = range(337)
HANDLES = [f"c{number:03}" for number in NUMBERS]
TITLES = [f"{number:03} {'Go' if number % 3 else 'go-to'} {number % 7}" for number in NUMBERS]


def labelled() -> dict[str, dict[str, list[str]]]:
    """Facet -> course -> what it has of it."""
    chance = random.Random(4)
    several = {course: chance.sample("abcdefgh", chance.randrange(4)) for course in HANDLES}
    levels = {course: [chance.choice(["Easy", "Hard"])] for course in HANDLES}
    spoken = {course: chance.choice([["en"], ["de"], []]) for course in HANDLES}
    rare = {course: ["rare", "z"] if course in ("c007", "c300") else [] for course in HANDLES}
    tags = {course: several[course] + rare[course] for course in HANDLES}
    return {"tag": tags, "level": levels, "Language": spoken}


LABELLED = labelled()


def passes(course: str, keys: list[str]) -> bool:
    """One of the values asked for, of every facet asked for."""
    met: dict[str, bool] = {}
    for key in keys:
        facet, _, value = key.partition("/")
        has = value.lower() in map(str.lower, LABELLED[facet][course])
        met[facet] = met.get(facet, False) or has
    return all(met.values())


@pytest.fixture
def catalogue(app, store, monkeypatch):
    monkeypatch.setattr(module, "HANDLES_PER_PAGE", 30)
    labels = {
        facet: labels_of([of[course] for course in HANDLES]) for facet, of in LABELLED.items()
    }
    facts = [
        course_facts(
            course,
            title=title,
            tags=LABELLED["tag"][course],
            levels=LABELLED["level"][course],
            attributes={"Language": LABELLED["Language"][course]},
        )
        for course, title in zip(HANDLES, TITLES, strict=True)
    ]
    publish(
        store,
        [
            *rows(),
            *facts,
            *directory(COURSE_DIRECTORY, HANDLES, TITLES),
            *facet_rows(labels, np.array(alphabetical(HANDLES, TITLES))),
            *word_rows(TITLES),
        ],
        courses=len(HANDLES),
    )
    return app.test_client()


def page(client, keys: list[str], **more: str) -> str:
    response = client.get("/explorer/courses", query_string={"only": keys} | more)
    assert response.status_code == 200
    return response.text


def counts(text: str) -> dict[str, int]:
    """`facet/label` -> how many courses the page says it leaves."""
    counted = {}
    for facet, of in re.findall(r'<section aria-label="([^"]+)">(.*?)</section>', text, re.S):
        for label, count in re.findall(
            r'<li><a [^>]*>([^<]+?)\s*(?:<span aria.*?)?</a> <span class="count">([\d,]+)<', of
        ):
            counted[f"{facet}/{label}"] = int(count.replace(",", ""))
    return counted


QUESTIONS = [
    ["tag/a"],
    ["tag/a", "tag/b"],
    ["level/EASY", "Language/de"],
    ["tag/c", "tag/d", "level/hard", "Language/en"],
    ["tag/rare"],
]


def test_going_on_shows_every_chosen_course_once_in_order(catalogue):
    for keys in QUESTIONS:
        follow(catalogue, keys)


def follow(catalogue, keys: list[str]) -> None:
    wanted = [title for course, title in zip(HANDLES, TITLES, strict=True) if passes(course, keys)]
    text = page(catalogue, keys)
    assert f"<strong>{len(wanted)}</strong> of 337" in text
    seen = shown(text)
    while address := way(text, "next"):
        text = catalogue.get(address).text
        seen += shown(text)
    assert seen == wanted
    while address := way(text, "prev"):
        text = catalogue.get(address).text
        assert len(shown(text)) <= 50
    assert shown(text)[0] == wanted[0]


def test_a_value_says_how_many_courses_it_leaves_beside_what_other_facets_ask(catalogue):
    for keys in [[], *QUESTIONS]:
        counted = counts(page(catalogue, keys))
        assert len(counted) >= 4
        for key, count in counted.items():
            facet = key.partition("/")[0]
            others = [asked for asked in keys if asked.partition("/")[0] != facet]
            assert count == sum(passes(course, [*others, key]) for course in HANDLES), key


def test_a_value_that_is_rare_in_all_is_offered_where_the_courses_on_the_page_have_it(
    catalogue, monkeypatch
):
    monkeypatch.setattr("server.explorer.facets.VALUES_COUNTED", 1)
    assert "tag/z" not in counts(page(catalogue, ["level/easy"]))
    monkeypatch.setattr("server.explorer.facets.VALUES_COUNTED", 2)
    assert counts(page(catalogue, ["tag/rare", "level/easy", "level/hard"]))["tag/z"] == 2


def test_one_goes_to_where_titles_begin_so_among_the_chosen(catalogue):
    chosen = [t for course, t in zip(HANDLES, TITLES, strict=True) if passes(course, ["tag/a"])]
    for begins in ("000", "2", "299", "999"):
        at_or_behind = [title for title in chosen if title >= begins]
        titles = shown(page(catalogue, ["tag/a"], **{"from": begins}))
        assert titles == (at_or_behind or chosen[-50:])[:50]


def test_words_must_all_be_in_the_title_and_join_what_else_was_chosen(catalogue):
    def found(words: str, *keys: str) -> list[str]:
        text = page(catalogue, list(keys), words=words)
        seen = shown(text)
        while address := way(text, "next"):
            text = catalogue.get(address).text
            seen += shown(text)
        return seen

    assert found("TO, go") == [title for title in TITLES if "go-to" in title]
    assert found("go 5") == [title for title in TITLES if title.endswith(" 5")]
    assert found("go nosuch") == []
    assert found(" -- ") == TITLES
    both = found("to", "level/easy")
    assert both == [
        title
        for course, title in zip(HANDLES, TITLES, strict=True)
        if "go-to" in title and passes(course, ["level/easy"])
    ]
    counted = counts(page(catalogue, [], words="to"))
    assert counted["level/Easy"] == len(both)


NOBODY_HAS = [
    ["tag/nosuch"], ["nosuch/x"], ["/"], ["tag/"], ["tag/\x00"], ["tag/a", "level/none"],
    [f"tag/{number}" for number in range(300)],
]  # fmt: skip


def test_what_no_course_has_leaves_none_and_says_so(catalogue):
    for keys in NOBODY_HAS:
        text = page(catalogue, keys)
        assert "No course has all of that" in text
        assert "<strong>0</strong> of 337" in text


def test_what_is_no_facet_at_all_is_passed_over(catalogue):
    assert shown(page(catalogue, ["python", "", "x" * 600 + "/y"])) == TITLES[:50]


def test_a_place_beyond_the_end_is_the_end_of_the_chosen(catalogue):
    chosen = [t for course, t in zip(HANDLES, TITLES, strict=True) if passes(course, ["tag/a"])]
    for at in ("999999999.999999999", "12.0", "11.999"):
        assert shown(page(catalogue, ["tag/a"], at=at)) == chosen[-50:]


def test_hostile_values_are_text_in_links_that_choose_them(explorer):
    text = explorer.get("/explorer/courses").text
    assert HOSTILE_TAG not in text
    address = next(
        unescape(link)
        for link in re.findall(r'href="(/explorer/courses\?only=[^"]+)"', text)
        if "systems" not in link
    )
    chosen = explorer.get(address).text
    assert HOSTILE_TITLE in map(unescape, shown(chosen))
    assert HOSTILE_TAG not in chosen
    assert unescape(chosen).count(HOSTILE_TAG) > 2


def test_a_course_links_to_those_of_the_same_tag(explorer):
    text = explorer.get('/explorer/courses?handle="go"').text
    (address,) = re.findall(r'<a href="([^"]+only=tag/systems)">systems</a>', text)
    names = list(map(unescape, shown(explorer.get(address).text)))
    assert names == ["Go Deep Dive", "rust", "zig"]


def test_a_generation_without_facets_has_no_links_that_would_choose_nothing(app, store):
    publish(store, [*rows(), *directory(COURSE_DIRECTORY, ["python-101"], ["Python"])])
    client = app.test_client()
    assert "only=" not in client.get('/explorer/courses?handle="python-101"').text
    text = client.get("/explorer/courses").text
    assert "facets" not in text
    assert shown(text) == ["All of python-101"]


def test_places_are_those_of_the_bits_in_either_direction():
    chance = random.Random(5)
    places = sorted(chance.sample(range(3000), 200))
    chosen = sum(1 << place for place in places)
    for border in (0, 1, places[3], places[3] + 1, 2999, 5000):
        assert list(places_from(chosen, border)) == [p for p in places if p >= border]
        assert list(places_before(chosen, border)) == [p for p in places if p < border][::-1]
