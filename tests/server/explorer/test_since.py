"""What a user did since the tables, on their page and in Operations, and what came of it."""

from shared.events import Event
from shared.fresh.lists import Progress
from shared.kinds import RECOMMENDATIONS
from shared.records import ListRow
from tests.server.explorer.platform import HOSTILE_TAG, HOSTILE_TITLE, TFIDF
from tests.server.explorer.test_explorer_pages import page

TENANT = "default"
MADE_AT = "2026-11-30T08:15:02.250+00:00"
NEWCOMER = "<i>newcomer</i>"


def happens(log, user, number=1, kind="view", **fields):
    at = f"2026-11-30T08:15:00.{number:06}Z"
    log.append(TENANT, [Event(f"{user}-{number}", kind, user, at, **fields)])


def refreshed(fresh, generation, clock, user, *courses, made_at=MADE_AT):
    row = ListRow(RECOMMENDATIONS.name, user, TFIDF, list(courses), [0.5] * len(courses))
    fresh.write(TENANT, generation, [row], Progress(1, made_at))
    clock.advance(1)


def test_who_did_nothing_has_no_events(explorer):
    text = page(explorer, "ada")
    assert "no event" in text
    assert "Before, as of the night" not in text
    assert "What learners did" not in explorer.get("/explorer/operations").text


def test_events_are_shown_and_what_left_and_came_by_them(explorer, log, fresh, generation, clock):
    happens(log, "ada", 1, course="go")
    happens(log, "ada", 2, "interest", tag=HOSTILE_TAG)
    happens(log, "ada", 3, "attribute", attribute="<b>role</b>", tag="<b>developer</b>")
    refreshed(fresh, generation, clock, "ada", "zig", "brand-new")
    text = page(explorer, "ada")
    assert "the latest 3 events" in text
    assert "these left: " in text
    assert "these came: " in text
    assert "brand-new" in text
    assert "made again at" in text
    for raw in (HOSTILE_TAG, "<b>role</b>", "<b>developer</b>"):
        assert raw not in text
    assert HOSTILE_TITLE not in text


def test_a_user_whom_no_run_knows_has_a_page_once_they_did_something(explorer, log):
    happens(log, NEWCOMER, course="go")
    text = page(explorer, NEWCOMER)
    assert "the latest event" in text
    assert NEWCOMER not in text


def test_operations_say_what_waits_and_when_lists_were_made(
    explorer, log, fresh, generation, clock
):
    happens(log, "ada", course="go")
    waits = explorer.get("/explorer/operations").text
    assert "1 events are kept. 1 of them wait for a refresh, or the next run." in waits
    refreshed(fresh, generation, clock, "ada", "zig")
    done = explorer.get("/explorer/operations").text
    assert "All lists are made from all of them. Fresh lists were written" in done
