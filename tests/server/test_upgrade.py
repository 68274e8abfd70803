"""A server of this version on a store that an older one, or a newer one, has written."""

import sqlite3
from contextlib import closing
from pathlib import Path

import orjson
import pytest

from server import create_app
from shared.records import FORMAT
from tests.server.calls import Caller, assert_problem, at_once
from tests.server.generations import publish

ASK = {"user_handle": 999}
OLD = "20261101T020000Z-0a1b"
TFIDF = "tfidf_user_interest"

# As version 0.1 wrote them: all of a user's lists from one model in one row.
ROWS_OF_0_1 = """
CREATE TABLE models (model_index INTEGER PRIMARY KEY, model_handle TEXT NOT NULL UNIQUE);
CREATE TABLE lists (user_handle NOT NULL, model_index INTEGER NOT NULL, lists TEXT NOT NULL);
INSERT INTO models VALUES (1, 'tfidf_user_interest');
INSERT INTO lists VALUES (999, 1, '{"similar_users": [67, 319], "similar_user_scores": [0.9, 0.4],
                                    "courses": ["a"], "course_scores": [0.5]}');
CREATE UNIQUE INDEX by_user ON lists (user_handle, model_index);
"""
RECORDS = """
CREATE TABLE records (
    tenant TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL, text TEXT NOT NULL,
    PRIMARY KEY (tenant, name)
) WITHOUT ROWID
"""
MANIFEST_OF_0_1 = {
    "tenant": "default",
    "generation": OLD,
    "state": "published",
    "created_at": "2026-11-01T02:00:00+00:00",
    "default_model_handle": TFIDF,
    "published_at": "2026-11-01T02:01:00+00:00",
    "user_handle_type": "int",
    "course_handle_type": "str",
    "users": 1,
    "courses": 1,
    "example_user_handle": 999,
    "models": [
        {
            "model_handle": TFIDF,
            "title": "Shared interests (TF-IDF)",
            "serves": ["similar_users", "recommendations"],
            "needs": ["interests"],
            "users": 1,
            "config": {},
            "measures": {},
            "reason_kinds": {"similar_users": "shared_tags", "recommendations": "shared_tags"},
            "known_by_activity": [1.0],
            "spreads": {"similar_users": {"quantiles": [0.4, 0.9], "mean_length": 2.0}},
            "mean_viewers_share": 0.1,
            "fit_seconds": 0.1,
            "skipped": None,
            "lists": {
                "users": 1,
                "empty": 0,
                "without_similar_users": 0,
                "without_courses": 0,
                "distinct_courses": 1,
                "effective_courses": 1.0,
            },
            "evaluation": [],
        }
    ],
    "list_counts": {TFIDF: 1},
    "popular_courses": ["a"],
    "checksum": "0" * 64,
}
STATE_OF_0_1 = {
    "live": OLD,
    "history": [
        {"generation": OLD, "published_at": "2026-11-01T02:01:00+00:00", "replaced_at": None}
    ],
    "lock": None,
}


@pytest.fixture
def old_store(folder: Path) -> Path:
    """A small store, as version 0.1 left it."""
    (folder / "default").mkdir(parents=True)
    with closing(sqlite3.connect(folder / "default" / f"{OLD}.sqlite")) as rows:
        rows.executescript(ROWS_OF_0_1)
    with closing(sqlite3.connect(folder / "control.sqlite")) as control, control:
        control.execute(RECORDS)
        control.executemany(
            "INSERT INTO records VALUES ('default', ?, 1, ?)",
            [
                (f"manifest:{OLD}", orjson.dumps(MANIFEST_OF_0_1).decode()),
                ("state", orjson.dumps(STATE_OF_0_1).decode()),
            ],
        )
    return folder


@pytest.mark.parametrize(
    "ask", [lambda api: api.post("/similar-users", ASK), lambda api: api.get("/ready")]
)
def test_on_a_store_of_an_older_version_it_says_to_run_the_generator(old_store, app, ask, caplog):
    problem = assert_problem(ask(Caller(app.test_client())), 503, "store-unavailable")
    assert "older Kindred" in problem["detail"]
    assert "run `python run_generator.py` of this version once" in problem["detail"]
    assert OLD not in problem["detail"]
    assert OLD in caplog.text


def test_people_who_look_at_the_explorer_are_told_the_same(old_store, app):
    page = app.test_client().get("/explorer", follow_redirects=True)
    assert page.status_code == 503
    assert "of this version once" in page.text


def test_once_the_generator_of_this_version_has_run_it_serves_without_a_restart(
    old_store, app, store
):
    api = Caller(app.test_client())
    assert api.post("/similar-users", ASK).status_code == 503
    new = publish(store)
    assert api.post("/similar-users", ASK).get_json()["generation"] == new
    assert api.get("/ready").get_json() == {"status": "ready", "generation": new}


def of_a_newer_version(store) -> str:
    generation = publish(store)
    manifest = store.manifest("default", generation)
    manifest.format = FORMAT + 1
    store.save_progress(manifest)
    return generation


def test_in_front_of_a_newer_generator_it_keeps_what_it_serves_and_says_to_upgrade(
    api, store, clock, caplog
):
    known = api.post("/similar-users", ASK).get_json()["generation"]
    of_a_newer_version(store)
    clock.advance(5)
    for _ in range(2):
        assert api.post("/similar-users", ASK).get_json()["generation"] == known
    assert "newer Kindred" in caplog.text
    assert "upgrade this one" in caplog.text


def test_started_in_front_of_a_newer_generator_it_serves_the_one_before(
    store, settings, clock, caplog
):
    readable, newer = publish(store), of_a_newer_version(store)
    api = Caller(create_app(settings, store, clock, in_background=at_once).test_client())
    assert api.post("/similar-users", ASK).get_json()["generation"] == readable
    assert newer in caplog.text
    assert "upgrade this one" in caplog.text


def test_damage_is_not_called_an_outage(store, app, folder):
    (folder / "default" / f"{publish(store)}.sqlite").write_bytes(b"cut")
    problem = assert_problem(Caller(app.test_client()).get("/ready"), 503, "store-unavailable")
    assert "does not answer" not in problem["detail"]
    assert "damaged or gone" in problem["detail"]
