"""A generation whose file was cut or changed is not served."""

from pathlib import Path

import pytest

from server import create_app
from server.reading.live_view import LiveView
from shared.errors import GenerationDamaged, GenerationMissing, StoreUnavailable
from shared.records import ListRow
from shared.stores import open_store
from tests.server.calls import Caller, assert_problem, at_once
from tests.server.generations import TFIDF, publish, users_like
from tests.server.scraping import Scrape

ASK = {"user_handle": 999}


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def flip_one_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) * 2 // 3] ^= 1
    path.write_bytes(content)


@pytest.fixture
def path_of(folder):
    return lambda generation: folder / "default" / f"{generation}.sqlite"


@pytest.mark.parametrize("damage", [cut, flip_one_bit])
def test_at_the_start_the_one_before_is_served(store, app, path_of, damage, caplog):
    before, live = publish(store), publish(store)
    damage(path_of(live))
    api = Caller(app.test_client())
    assert api.post("/similar-users", ASK).get_json()["generation"] == before
    ready = api.get("/ready").get_json()
    assert (ready["status"], ready["generation"]) == ("degraded", before)
    assert f"Generation {live} is live, but cannot be read" in ready["trouble"]
    assert live in caplog.text
    assert "not what was written" in caplog.text


@pytest.mark.parametrize("damage", [cut, flip_one_bit])
def test_a_newly_published_one_that_is_damaged_is_passed_over(api, store, clock, path_of, damage):
    known = api.post("/similar-users", ASK).get_json()["generation"]
    damage(path_of(publish(store)))
    clock.advance(5)
    for _ in range(3):
        assert api.post("/similar-users", ASK).get_json()["generation"] == known
    whole = publish(store)
    clock.advance(5)
    assert api.post("/similar-users", ASK).get_json()["generation"] == whole


def test_a_damaged_one_is_read_through_once_and_then_remembered(store, clock, path_of):
    class Counting(LiveView):
        checks = 0

        def _checked(self, *arguments):
            self.checks += 1
            return super()._checked(*arguments)

    view = Counting(store, 5, clock, in_background=at_once)
    publish(store)
    view.current("default")
    cut(path_of(publish(store)))
    for _ in range(4):
        clock.advance(5)
        view.current("default")
    assert view.checks == 2


def test_damage_to_the_generation_that_is_being_served_leads_to_the_one_before(
    store, app, folder, path_of
):
    before, live = publish(store), publish(store)
    api = Caller(app.test_client())
    assert api.post("/similar-users", ASK).get_json()["generation"] == live
    store.close()
    path_of(live).write_bytes(b"no database at all" * 1000)
    assert api.post("/similar-users", {"user_handle": 8}).get_json()["generation"] == before
    assert api.post("/similar-users", ASK).get_json()["generation"] == before


def test_if_nothing_whole_is_left_the_answer_is_503_until_the_next_publish(store, app, path_of):
    cut(path_of(publish(store)))
    api = Caller(app.test_client())
    assert_problem(api.post("/similar-users", ASK), 503, "store-unavailable")
    whole = publish(store)
    assert api.post("/similar-users", ASK).get_json()["generation"] == whole


def test_a_damaged_generation_that_was_held_cannot_be_published(store, path_of):
    manifest = store.manifest("default", publish(store))
    held = open_store(f"sqlite:///{path_of('x').parents[1]}")
    flip_one_bit(path_of(manifest.generation))
    with pytest.raises(GenerationDamaged, match="not what was written"):
        held.go_live(manifest)


@pytest.mark.parametrize(
    "text",
    [b"{", b'{"entries": [[1]], "scores": [0.5]}', b'{"entries": [null], "scores": [0.5]}'],
)
def test_a_damaged_row_is_not_answered_and_its_generation_is_left(store, app, text, caplog):
    class Damaged(ListRow):
        def to_json(self) -> bytes:
            return text

    before = publish(store)
    live = publish(store, [Damaged("similar_users", 999, TFIDF), users_like(8, TFIDF)])
    api = Caller(app.test_client())
    assert api.post("/similar-users", {"user_handle": 8}).get_json()["generation"] == live
    answer = api.post("/similar-users", ASK).get_json()
    assert answer["generation"] == before
    assert answer["data"]["similar_users"] == users_like(999, TFIDF).entries[:10]
    assert "a record that cannot be read" in caplog.text


def lose(store, path):
    path.unlink()


def lose_the_manifest(store, path):
    store._delete_record("default", f"manifest:{path.stem}")


def damage_the_manifest(store, path):
    store._put_record("default", f"manifest:{path.stem}", b"{")


def put_a_folder_there(store, path):
    """What cannot be read, although it is there, as on a disk with bad sectors."""
    path.unlink()
    path.mkdir()


LOSSES = pytest.mark.parametrize(
    "loss",
    [lambda _, path: cut(path), lose, lose_the_manifest, damage_the_manifest, put_a_folder_there],
)


def scraped(app) -> float:
    return Scrape(app.test_client().get("/metrics").text).total(
        "kindred_live_generation_degraded", tenant="default"
    )


@LOSSES
@pytest.mark.parametrize("newer", [True, False])
def test_a_server_whose_live_generation_cannot_be_read_serves_the_newest_that_can(
    store, settings, clock, path_of, loss, newer, caplog
):
    oldest, live = publish(store), publish(store)
    whole = publish(store) if newer else oldest
    if newer:
        store.rollback("default", live)
    loss(store, path_of(live))
    app = create_app(settings, store, clock, in_background=at_once)
    api = Caller(app.test_client())
    for _ in range(3):
        assert api.post("/similar-users", ASK).get_json()["generation"] == whole
        ready = api.get("/ready")
        assert (ready.status_code, ready.get_json()["status"]) == (200, "degraded")
        assert whole in ready.get_json()["trouble"]
        assert scraped(app) == 1
        clock.advance(5)
    assert f"{whole} is served in its place" in caplog.text
    mended = publish(store)
    clock.advance(5)
    assert api.post("/similar-users", ASK).get_json()["generation"] == mended
    assert api.get("/ready").get_json() == {"status": "ready", "generation": mended}
    assert scraped(app) == 0


@LOSSES
def test_a_rollback_to_what_cannot_be_read_is_refused(store, path_of, loss):
    old, live = publish(store), publish(store)
    loss(store, path_of(old))
    with pytest.raises((GenerationDamaged, GenerationMissing, StoreUnavailable)):
        store.rollback("default")
    assert store.live_generation("default") == live
