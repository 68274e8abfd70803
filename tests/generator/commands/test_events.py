"""Events between two nights: learned from, handed out, bounded and erased."""

import pandas as pd
import pytest

from shared.events import Event, open_log
from shared.events.log import START
from shared.records import SEEN
from shared.stores import open_store
from tests.generator.commands.shell import assert_one_sentence

TENANT = "default"


def view(number, user, course, day=1):
    at = f"2026-02-{day:02}T00:00:00.000000Z"
    return Event(f"e{number}", "view", user, at, course, seconds=3600.0)


@pytest.fixture
def log(shell):
    log = open_log(shell.store_url)
    yield log
    log.close()


def seen_by(shell, user):
    store = open_store(shell.store_url)
    row = store.get(TENANT, store.live_generation(TENANT), (SEEN, user))
    store.close()
    return set() if row is None else set(row.facts["courses"])


def test_the_next_run_knows_what_happened_since_the_tables_and_says_so(shell, log):
    assert shell() == 0
    assert seen_by(shell, 777) == set()
    log.append(TENANT, [view(1, 777, "deep-python"), view(2, 777, "brand-new")])
    assert shell() == 0
    assert "events: 2 of 2 rows kept" in shell.out
    assert seen_by(shell, 777) == {"deep-python", "brand-new"}


def test_a_run_is_repeated_if_there_are_new_events_and_only_then(shell, log):
    assert shell("--if-changed") == 0
    log.append(TENANT, [view(1, 777, "deep-python"), view(3, 778, "deep-python")])
    assert shell("--if-changed") == 0
    assert "Nothing changed" not in shell.out
    log.append(TENANT, [view(1, 777, "deep-python")])  # the same one again
    log.append("another", [view(2, 777, "deep-python")])
    assert shell("--if-changed") == 0
    assert "Nothing changed" in shell.out
    log.forget(TENANT, 777)
    assert shell("--if-changed") == 0
    assert "Nothing changed" not in shell.out
    assert seen_by(shell, 777) == set()


def test_events_are_handed_out_as_tables_that_a_run_can_read(shell, log, tmp_path):
    assert shell("events", "export", "--output", str(tmp_path / "out")) == 0
    assert "no events" in shell.out
    followed = Event("i", "interest", 777, "2026-02-01T00:00:00.000000Z", tag="go")
    log.append(TENANT, [view(1, 777, "deep-python"), followed])
    assert shell("events", "export", "--output", str(tmp_path / "out")) == 0
    assert pd.read_csv(tmp_path / "out" / "user_course_views.csv")["user_handle"].tolist() == [777]
    assert shell("--data", str(tmp_path / "out"), "validate") == 0
    assert "user_interests: 1 of 1 rows kept" in shell.out


def test_events_before_a_day_are_dropped_up_to_the_first_of_it(shell, log):
    log.append(TENANT, [view(day, 777, "deep-python", day) for day in (1, 2, 3, 9, 4, 10)])
    assert shell("events", "compact", "--before", "2026-02-05") == 0
    assert "3 events dropped, 3 kept." in shell.out
    left = [event.event_id for event in log.read_since(TENANT, START, 10).events]
    assert left == ["e9", "e4", "e10"]
    assert shell("events", "compact", "--before", "2026-02-05") == 0
    assert "0 events dropped" in shell.out


def test_a_person_is_erased_and_it_is_said_where_lists_still_are(shell, log):
    assert shell() == 0
    log.append(TENANT, [view(1, 777, "deep-python"), view(2, 778, "deep-python")])
    assert shell("events", "forget", "--user", "777") == 0
    assert "1 events of user 777" in shell.out
    assert shell.live in shell.out
    assert [event.user for event in log.read_since(TENANT, START, 10).events] == [778]
    assert shell("events", "forget", "--user", "ada") == 2
    assert_one_sentence(shell, "are numbers", "'ada'")
