"""The explorer as people use it: typing, clicking, keys."""

import json
from urllib.parse import quote

import requests

from tests.server.explorer.platform import HOSTILE_TAG, HOSTILE_TITLE, HOSTILE_USER, USERS


def user_path(handle: object) -> str:
    return f"/users?handle={quote(json.dumps(handle))}"


def test_a_user_is_found_by_keys_alone(visitor):
    page = visitor.page
    visitor.open()
    page.keyboard.press("/")
    page.keyboard.type("al", delay=20)
    page.get_by_role("link", name="alma").wait_for()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="User alma").wait_for()


def test_the_search_is_a_key_away_on_every_page_and_a_whole_handle_opens_its_user(visitor):
    page = visitor.page
    for path in ("/models", "/generations", "/operations", "/try", user_path("ada")):
        visitor.open(path)
        page.locator("h1").click()
        page.keyboard.press("/")
        assert page.locator("#typed").evaluate("field => field === document.activeElement"), path
    page.keyboard.type("alma")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="User alma").wait_for()


def test_the_ring_of_the_search_is_that_of_its_field(visitor):
    page = visitor.page
    visitor.open("/users?typed=a")
    field = page.locator("#typed")
    field.focus()
    form = page.locator("form.search")
    assert form.evaluate("form => getComputedStyle(form).boxShadow") == "none"
    ring = field.evaluate(
        "field => [getComputedStyle(field).boxShadow, getComputedStyle(field).borderRadius]"
    )
    assert ring[0] != "none"
    assert float(ring[1].removesuffix("px")) < 10


def test_what_models_rank_at_the_same_place_stands_on_the_same_line(visitor):
    page = visitor.page
    visitor.open(user_path("ada"))
    lists = page.locator("#similar_users .side")
    tops = [
        [entry.bounding_box()["y"] for entry in lists.nth(place).locator(".entry").all()]
        for place in range(lists.count())
    ]
    assert len(tops) == 2
    assert tops[0] == tops[1]


def test_a_list_is_a_jump_away_on_a_phone(make_visitor):
    visitor = make_visitor(viewport={"width": 390, "height": 844})
    page = visitor.page
    visitor.open(user_path("ada"))
    link = page.locator(".jumps a", has_text="Shared view time").last
    link.click()
    heading = page.locator("#recommendations h3", has_text="Shared view time")
    assert 0 <= heading.bounding_box()["y"] < 844


def test_walking_on_from_neighbour_to_neighbour(visitor):
    page = visitor.page
    visitor.open(user_path("ada"))
    seen = ["ada"]
    for _ in range(3):
        links = page.locator("section[aria-label='Similar users'] .entry a")
        place = next(i for i in range(links.count()) if links.nth(i).inner_text() not in seen)
        name = links.nth(place).inner_text()
        links.nth(place).click()
        page.locator(f"h1 .handle:text-is({json.dumps(name)})").wait_for()
        seen.append(name)
    assert len(set(seen)) == 4
    lists = page.locator("#similar_users .side, #recommendations .side")
    assert lists.count() == 4


def test_the_same_entry_is_marked_in_every_list(visitor):
    page = visitor.page
    visitor.open(user_path("ada"))
    page.locator(".entry", has_text="bob").first.hover()
    assert page.locator(".entry.same").count() == 2


def test_models_are_compared_in_charts_and_tables(visitor):
    page = visitor.page
    visitor.open("/models")
    page.locator(".chart canvas").first.wait_for()
    assert page.locator(".chart canvas").count() == 2
    assert page.locator("table.matrix").first.inner_text().count("50 %") == 2


def test_the_api_is_described_in_the_dark_too_and_without_a_request_elsewhere(make_visitor):
    backgrounds = []
    for scheme in ("light", "dark"):
        visitor = make_visitor(color_scheme=scheme)
        visitor.page.goto(f"{visitor.site.server.url}/docs")
        visitor.page.locator(".opblock").first.wait_for()
        backgrounds.append(
            visitor.page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        )
    assert backgrounds[0] != backgrounds[1] == "rgb(28, 32, 34)"


BRIGHTNESS_OF_PAGE = """() => {
  for (let part = document.querySelector("#page"); part; part = part.parentElement) {
    const [red, , , opacity] = getComputedStyle(part).backgroundColor.match(/[0-9.]+/g).map(Number);
    if (opacity !== 0) return red;
  }
  return 255;
}"""


def test_redoc_follows_light_and_dark_and_its_links_can_be_read_in_both(make_visitor, axe):
    visitor = make_visitor(color_scheme="dark")
    page = visitor.page
    page.goto(f"{visitor.site.server.url}/redoc")
    page.get_by_role("img", name="redocly logo").wait_for()
    brightness = {}
    for scheme in ("dark", "light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.locator(f"html.{scheme}").wait_for()
        brightness[scheme] = page.evaluate(BRIGHTNESS_OF_PAGE)
        page.evaluate(axe)
        unread = page.evaluate("axe.run('nav.kindred').then(results => results.violations)")
        assert [violation["id"] for violation in unread] == []
    assert brightness["dark"] < 60 < 200 < brightness["light"]
    # ReDoc greets whoever opens the console.
    visitor.complaints[:] = [said for said in visitor.complaints if "Redocly/redoc" not in said]


def test_a_theme_holds_from_page_to_page(visitor):
    page = visitor.page
    visitor.open()

    def background() -> str:
        return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")

    light = background()
    page.get_by_role("button", name="dark").click()
    page.locator("html[data-theme=dark]").wait_for()
    assert background() != light
    page.get_by_role("link", name="Models", exact=True).click()
    page.locator("html[data-theme=dark] h1:text('Models compared')").wait_for()
    page.get_by_role("button", name="light").click()
    page.locator("html[data-theme=light]").wait_for()
    assert background() == light


def test_signing_in_and_out(make_visitor):
    visitor = make_visitor(storage_state=None)
    page = visitor.page
    visitor.open(user_path("ada"))
    page.get_by_label("API key").fill(visitor.site.key)
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="User ada").wait_for()
    (cookie,) = page.context.cookies()
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("heading", name="Sign in").wait_for()
    visitor.open(user_path("ada"))
    page.get_by_role("heading", name="Sign in").wait_for()


def test_hostile_names_do_nothing(visitor):
    page = visitor.page
    visitor.open(user_path(HOSTILE_USER))
    assert page.locator("h1 .handle").inner_text() == HOSTILE_USER
    assert page.title() == f"User {HOSTILE_USER} · Kindred"
    assert page.get_by_text(HOSTILE_TITLE).first.is_visible()
    assert page.get_by_text(HOSTILE_TAG).first.is_visible()
    page.get_by_label("Find a user by handle").fill('"><')
    page.locator("#found a").wait_for()
    page.locator("#found a").click()
    page.locator("h1 .handle").wait_for()
    assert page.locator("img, main script").count() == 0


def test_operations_refresh_by_themselves(visitor):
    page = visitor.page
    page.clock.install()
    visitor.open("/operations")
    requests_counted = page.locator("[data-figure=requests]")
    before = int(requests_counted.inner_text().replace(",", ""))
    for _ in range(20):
        requests.post(
            f"{visitor.site.server.url}/similar-users",
            json={"user_handle": "ada"},
            headers={"X-API-Key": visitor.site.key},
            timeout=60,
        )
    page.clock.run_for(6000)
    page.wait_for_function(
        "before => Number(document.querySelector('[data-figure=requests]')"
        ".textContent.replace(',', '')) >= before + 20",
        arg=before,
    )
    page.locator("#rate canvas").wait_for()


def test_what_is_done_as_a_user_changes_the_list_that_is_shown_and_the_page_looks_again(visitor):
    page = visitor.page
    page.clock.install()
    visitor.open(user_path("Alan"))
    page.get_by_text("Try it: do something as this user").click()
    course = page.locator("#recommended option").first.get_attribute("value")
    page.get_by_label("What", exact=True).select_option("dismissal")
    page.get_by_label("Handle of the course").fill(course)
    page.get_by_role("button", name="Do it").click()
    since = page.get_by_role("region", name="Since the tables")
    since.get_by_role("heading", name="Now").wait_for()
    before, now = (
        since.locator("ol")
        .nth(place)
        .locator("a")
        .evaluate_all("links => links.map(link => link.search)")
        for place in (0, 1)
    )
    assert f"?handle=%22{course}%22" in set(before) - set(now)
    with page.expect_request("**/users?handle=*looked=1"):
        page.clock.run_for(2500)
    with page.expect_request("**/users?handle=*looked=2"):
        page.clock.run_for(2500)


def test_a_request_is_tried_and_copied(make_visitor):
    visitor = make_visitor(permissions=["clipboard-read", "clipboard-write"])
    page = visitor.page
    visitor.open("/try")
    page.get_by_label("Handle of the user or course").fill("bob")
    page.get_by_role("button", name="Ask").click()
    page.get_by_role("heading", name="Answer 200").wait_for()
    assert json.loads(page.locator("#answer").inner_text())["request_data"] == "bob"
    page.get_by_role("button", name="Copy").click()
    page.get_by_text("Copied.").wait_for()
    curl = page.evaluate("navigator.clipboard.readText()")
    assert curl.startswith(f"curl -s {visitor.site.server.url}/similar-users")
    assert visitor.site.key not in curl


def test_without_scripts_users_are_found_too(make_visitor):
    visitor = make_visitor(java_script_enabled=False)
    page = visitor.page
    visitor.open()
    page.get_by_label("Find a user by handle").fill("a")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="alma").click()
    page.get_by_role("heading", name="User alma").wait_for()
    assert page.locator(".reason").count() == 2 * (len(USERS) - 1 + 3)
