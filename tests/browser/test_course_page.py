"""The page of a course: what it says, its picture, and what hostile tables cannot do with it."""

import json
from urllib.parse import quote

from tests.server.explorer.platform import HOSTILE_TAG, HOSTILE_TEXT, HOSTILE_TITLE


def course_path(handle: object) -> str:
    return f"/courses?handle={quote(json.dumps(handle))}"


def test_a_course_is_shown_with_its_picture_and_leads_to_the_courses_that_are_the_same(visitor):
    page = visitor.page
    visitor.open(course_path("go"))
    picture = page.get_by_role("img", name="Picture of Go Deep Dive")
    picture.wait_for()
    page.wait_for_function("document.querySelector('.picture img').naturalWidth === 640")
    width, height = (picture.bounding_box()[side] for side in ("width", "height"))
    assert abs(width / height - 16 / 9) < 0.02
    assert page.get_by_text("Goroutines, channels").is_visible()
    assert page.get_by_text("4.25 of 5").is_visible()
    page.locator(".same-as").get_by_role("link", name="rust").click()
    page.get_by_role("heading", name="rust", exact=True).wait_for()
    visitor.complaints.clear()  # rust's picture is gone


def test_a_picture_that_is_gone_gives_way_to_a_sentence(visitor):
    page = visitor.page
    visitor.open(course_path("rust"))
    page.get_by_text("Its picture cannot be loaded.").wait_for()
    assert not page.locator(".picture img").is_visible()
    assert [complaint for complaint in visitor.complaints if "404" not in complaint] == []
    visitor.complaints.clear()


def test_a_hostile_course_that_is_listed_does_nothing(visitor):
    page = visitor.page
    visitor.open(course_path("go"))
    listed = page.locator("section[aria-label='Similar courses'] .entry a")
    listed.filter(has_text=HOSTILE_TITLE).click()
    page.locator(".description").wait_for()
    assert page.locator("h1").inner_text() == HOSTILE_TITLE
    assert page.locator(".description").inner_text() == HOSTILE_TEXT
    assert page.title() == f"Course {HOSTILE_TITLE} · Kindred"
    assert page.get_by_text(HOSTILE_TAG).first.is_visible()
    assert page.locator("main img, main script, main svg:not(.bar)").count() == 0
