"""The log beside lists in SQLite: one file a tenant, and errors in words."""

import sqlite3

import pytest

from shared.errors import StoreUnavailable
from shared.events import Event, open_log
from shared.stores import open_store

EVENT = Event("e", "view", "ada", "2026-01-01T00:00:00.000000Z", course="go-101")


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path}/store"


def test_stores_without_a_log_are_said_to_have_none():
    assert open_log("redis://kindred") is None


def test_a_log_is_no_generation(url, tmp_path):
    log = open_log(url)
    log.append("acme", [EVENT])
    log.close()
    store = open_store(url)
    assert store.generations("acme") == []
    assert store.unreadable("acme") == []
    store.close()


def test_a_commit_is_synced_before_it_is_told(url, tmp_path):
    log = open_log(url)
    log.append("acme", [EVENT])
    assert log._appending["acme"].execute("PRAGMA synchronous").fetchone() == (2,)
    assert log._appending["acme"].execute("PRAGMA journal_mode").fetchone() == ("wal",)
    log.close()


def test_a_log_that_is_no_database_is_said_and_is_not_lost(url, tmp_path):
    path = tmp_path / "store" / "acme" / "events.db"
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database" * 100)
    log = open_log(url)
    for ask in (lambda: log.append("acme", [EVENT]), lambda: log.of_user("acme", "ada", 1)):
        with pytest.raises(StoreUnavailable, match=r"events\.db"):
            ask()
    assert path.read_bytes() == b"not a database" * 100
    log.close()


def test_after_a_failure_the_next_append_is_tried_anew(url, tmp_path):
    log = open_log(url)
    log.append("acme", [EVENT])
    log._appending["acme"].close()
    with pytest.raises(StoreUnavailable):
        log.append("acme", [EVENT])
    assert log.append("acme", [EVENT]) == [False]
    log.close()


def test_what_is_stored_can_be_read_without_kindred(url, tmp_path):
    log = open_log(url)
    log.append("acme", [EVENT])
    log.close()
    with sqlite3.connect(tmp_path / "store" / "acme" / "events.db") as connection:
        (text,) = connection.execute("SELECT text FROM events").fetchone()
    connection.close()
    assert text == (
        b'{"event_id":"e","kind":"view","user":"ada","at":"2026-01-01T00:00:00.000000Z",'
        b'"course":"go-101"}'
    )


def test_what_every_post_asks_reads_no_more_rows_the_more_events_there_are(url, tmp_path):
    log = open_log(url)
    log.append("acme", [EVENT])
    connection = sqlite3.connect(tmp_path / "store" / "acme" / "events.db")
    asked = []
    log._asked = lambda tenant, query, *values: asked.append(query) or []
    log.size("acme")
    log.last_cursor("acme")
    plans = [connection.execute(f"EXPLAIN QUERY PLAN {query}").fetchall() for query in asked]
    scans = [row[3] for plan in plans for row in plan if row[3].startswith("SCAN events")]
    assert scans == []
    connection.close()
