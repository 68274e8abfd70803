"""What every log of events must do: what is accepted is there, once, in the order it came."""

import gc
import threading
from dataclasses import dataclass

import pytest

from shared.errors import SettingsError
from shared.events import (
    COURSE,
    EVENT_LOGS,
    NOBODY,
    Description,
    Event,
    EventLog,
    open_log,
)
from shared.events.log import START

TENANT, OTHER = "acme", "globex"
REAL = {"dynamodb": "dynamodb-local", "sqlite": "sqlite"}
"""Scheme -> the way to such a store that keeps what it takes in as it came, whoever is beside."""
pytestmark = pytest.mark.parametrize("store_url", [REAL[s] for s in EVENT_LOGS], indirect=True)


@dataclass(frozen=True)
class Way:
    url: str

    def open(self) -> EventLog:
        log = open_log(self.url)
        assert log is not None
        return log


@pytest.fixture
def way(store_url):
    return Way(store_url)


@pytest.fixture
def log(way):
    log = way.open()
    yield log
    log.close()


def view(number, user="ada", course="go-101"):
    at = f"2026-01-01T00:00:{number % 60:02}.000000Z"
    return Event(f"event-{number}", "view", user, at, course=course, seconds=60.0)


def test_nothing_is_there_at_first(log):
    assert log.read_since(TENANT, START, 10).events == []
    assert log.read_since(TENANT, START, 10).cursor == START
    assert log.of_user(TENANT, "ada", 10) == []
    assert (log.size(TENANT), log.last_cursor(TENANT)) == (0, START)
    assert log.forget(TENANT, "ada") == log.drop_through(TENANT, 99) == 0


def test_what_was_appended_is_read_by_others_as_it_came(log, way):
    rated = Event("r", "rating", 999, "2026-01-01T00:00:00.000001Z", course="ünïcode", value=4.5)
    followed = Event("i", "interest", "999", "2026-01-02T00:00:00.000000Z", tag="go")
    told = Description("Gö", "…", tags=("go",), attributes={"price": ["9", "free"]})
    described = Event("c", COURSE, NOBODY, "2026-01-03T00:00:00.000000Z", 7, described=told)
    assert log.append(TENANT, [view(1), rated]) == [True, True]
    assert log.append(TENANT, [followed, described]) == [True, True]
    assert way.open().of_user(TENANT, NOBODY, 9) == [described]
    another = way.open()
    assert another.read_since(TENANT, START, 10).events == [view(1), rated, followed, described]
    assert another.of_user(TENANT, 999, 10) == [rated]
    assert another.of_user(TENANT, "999", 10) == [followed]
    another.close()


def test_an_id_seen_before_changes_nothing_whatever_comes_with_it(log):
    assert log.append(TENANT, [view(1), view(1, course="other")]) == [True, False]
    assert log.append(TENANT, [view(2), view(1, user="bob")]) == [True, False]
    assert log.read_since(TENANT, START, 10).events == [view(1), view(2)]


def test_reading_goes_on_where_it_ended(log):
    log.append(TENANT, [view(number) for number in range(7)])
    read, cursor = [], START
    while (page := log.read_since(TENANT, cursor, 3)).events:
        read.append([event.event_id for event in page.events])
        cursor = page.cursor
    assert [len(events) for events in read] == [3, 3, 1]
    assert [one for page in read for one in page] == [f"event-{number}" for number in range(7)]
    assert cursor == log.last_cursor(TENANT)
    log.append(TENANT, [view(7)])
    assert log.read_since(TENANT, cursor, 3).events == [view(7)]


def test_a_users_last_events_come_first(log):
    log.append(TENANT, [view(1), view(2, user="bob"), view(3), view(4)])
    assert log.of_user(TENANT, "ada", 2) == [view(4), view(3)]


def test_tenants_never_meet(log):
    log.append(TENANT, [view(1)])
    assert log.append(OTHER, [view(1, user="bob")]) == [True]
    assert log.of_user(OTHER, "ada", 10) == []
    assert log.forget(OTHER, "ada") == 0
    assert log.read_since(TENANT, START, 10).events == [view(1)]
    with pytest.raises(SettingsError):
        log.append("../acme", [view(2)])


def test_who_is_forgotten_is_gone_and_nobody_else(log):
    log.append(TENANT, [view(1), view(2, user="bob"), view(3)])
    assert log.forget(TENANT, "ada") == 2
    assert log.of_user(TENANT, "ada", 10) == []
    assert log.read_since(TENANT, START, 10).events == [view(2, user="bob")]


def test_what_is_dropped_gives_its_place_to_nobody(log):
    log.append(TENANT, [view(number) for number in range(5)])
    cursor = log.read_since(TENANT, START, 3).cursor
    assert log.drop_through(TENANT, cursor) == 3
    assert log.size(TENANT) == 2
    log.drop_through(TENANT, log.last_cursor(TENANT))
    before = log.last_cursor(TENANT)
    log.append(TENANT, [view(9)])
    page = log.read_since(TENANT, before, 10)
    assert page.events == [view(9)]
    assert page.cursor > before


def test_threads_and_processes_append_at_once_and_each_id_counts_once(log, way):
    """Every thread sends its own events, and one that all of them send."""
    logs, new, ready = [log, way.open()], [], threading.Barrier(8)

    def send(own: int) -> None:
        ready.wait()
        for number in range(20):
            events = [view(0), view(100 * own + number)]
            new.append(logs[own % 2].append(TENANT, events))

    threads = [threading.Thread(target=send, args=(own,)) for own in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(first for first, _ in new) == 1
    assert all(second for _, second in new)
    ids = [event.event_id for event in log.read_since(TENANT, START, 1000).events]
    assert len(ids) == len(set(ids)) == 161
    logs[1].close()


def test_a_reader_sees_cursors_rise_without_gaps_that_fill_later(log, way):
    """Whoever reads up to a cursor while others write never misses one that came before it."""
    stop, seen, reader = threading.Event(), [], way.open()

    def read() -> None:
        cursor = START
        while not stop.is_set() or reader.last_cursor(TENANT) > cursor:
            page = reader.read_since(TENANT, cursor, 7)
            seen.extend(event.event_id for event in page.events)
            cursor = page.cursor

    reading = threading.Thread(target=read)
    reading.start()
    writers = [
        threading.Thread(
            target=lambda w=w: [log.append(TENANT, [view(100 * w + n)]) for n in range(15)]
        )
        for w in range(1, 5)
    ]
    for thread in writers:
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reading.join()
    assert len(seen) == len(set(seen)) == 60
    reader.close()


def test_whoever_read_what_is_erased_since_can_tell(log):
    assert log.erasures(TENANT) == 0
    log.append(TENANT, [view(1), view(2), view(3, user="bob")])
    before = log.erasures(TENANT)
    log.append(TENANT, [view(4)])
    assert log.erasures(TENANT) == before
    log.forget(TENANT, "bob")
    after_one = log.erasures(TENANT)
    log.drop_through(TENANT, 1)
    assert len({before, after_one, log.erasures(TENANT)}) == 3
    assert log.erasures(OTHER) == 0


def test_a_reader_can_tell_that_something_was_written_and_by_whom_something_was_done(log, way):
    writer = way.open()
    assert not log.has_changed(TENANT), "there is no log"
    writer.append(TENANT, [view(1), view(2), view(3, user="bob"), view(4, user=7)])
    assert log.has_changed(TENANT)
    assert not log.has_changed(TENANT)
    users, cursor = log.users_since(TENANT, START)
    assert (set(users), len(users), cursor) == ({"ada", "bob", 7}, 3, writer.last_cursor(TENANT))
    assert log.users_since(TENANT, cursor) == ([], cursor)
    log.append(TENANT, [view(5, user="7")])
    assert log.has_changed(TENANT), "its own are no exception"
    assert log.users_since(TENANT, cursor)[0] == ["7"]
    writer.forget(TENANT, "bob")
    assert log.has_changed(TENANT)
    assert not log.has_changed(OTHER)
    writer.close()


def test_each_thread_is_told_once(log):
    log.append(TENANT, [view(1)])
    told = []
    for _ in range(2):
        thread = threading.Thread(
            target=lambda: told.extend(log.has_changed(TENANT) for _ in range(2))
        )
        thread.start()
        thread.join()
    assert told == [True, False] * 2


def test_a_thread_is_told_of_what_came_after_others_had_ended(log, way):
    """Whatever a backend keeps open goes with the thread that opened it."""
    writer = way.open()
    writer.append(TENANT, [view(1)])
    told = []

    def look(*events):
        assert log.has_changed(TENANT)
        for event in events:
            writer.append(TENANT, [event])
            told.append(log.has_changed(TENANT))

    for events in ([], [view(2), view(3)], [view(4)]):
        thread = threading.Thread(target=look, args=events)
        thread.start()
        thread.join()
        writer.close()
        gc.collect()
    assert told == [True] * 3
