"""Which generation is served, through publishing, rollback, pruning and outages."""

import threading
import time
from pathlib import Path

import pytest

from server.problems import Problem
from server.reading.live_view import LiveGeneration, LiveView
from shared.errors import GenerationMissing, StoreUnavailable
from shared.records import Manifest, list_section
from shared.stores import Store, open_store
from shared.stores.sqlite import SQLiteStore
from tests.server.calls import ManualClock, at_once
from tests.server.generations import FULL_USER, TFIDF, publish, users_like
from tests.server.process.test_process import until

SECTION = list_section("similar_users", TFIDF)


class InterruptibleStore(SQLiteStore):
    """A real store whose records can be cut off, and whose pointer reads can be held up."""

    reachable = True
    pointer_reads = 0
    gate: threading.Event | None = None

    def _read_record(self, tenant: str, name: str) -> tuple[bytes | str, int] | None:
        self.pointer_reads += name == "state"
        if self.gate is not None:
            assert self.gate.wait(timeout=30)
        if not self.reachable:
            raise StoreUnavailable("The network is cut.")
        return super()._read_record(tenant, name)


@pytest.fixture
def store(folder: Path) -> InterruptibleStore:
    """The server's side of the folder."""
    return InterruptibleStore(folder)


@pytest.fixture
def generator(folder: Path) -> Store:
    """The generator's side: another process as far as the server can tell."""
    return open_store(f"sqlite:///{folder}")


@pytest.fixture
def view(store: Store, clock: ManualClock) -> LiveView:
    return LiveView(store, refresh_seconds=5, clock=clock, in_background=at_once)


def generation_of(live: LiveGeneration) -> str:
    """Reads lists too, so that it fails if they are gone."""
    assert live.rows([(SECTION, FULL_USER)])
    return live.generation


def test_a_published_generation_is_noticed_after_the_interval_and_not_before(
    view, generator, clock
):
    first = publish(generator)
    assert view.current("default").generation == first
    second = publish(generator)
    clock.advance(4.9)
    assert view.current("default").generation == first
    clock.advance(0.2)
    assert view.current("default").generation == second


def test_the_pointer_is_read_once_per_interval(view, generator, store, clock):
    publish(generator)
    for _ in range(50):
        view.current("default")
        clock.advance(1)
    assert store.pointer_reads == 10


def test_a_rollback_is_followed_too(view, generator, clock):
    first, second = publish(generator), publish(generator)
    assert view.current("default").generation == second
    generator.rollback("default")
    clock.advance(5)
    assert view.current("default").generation == first


def test_before_the_first_publish_nothing_is_live_and_then_at_once_something_is(view, generator):
    with pytest.raises(Problem, match="run_generator") as caught:
        view.current("default")
    assert caught.value.kind.status == 503
    assert caught.value.headers == {"Retry-After": "5"}
    generation = publish(generator)
    assert view.current("default").generation == generation


def test_tenants_are_held_apart(view, generator):
    generations = {tenant: publish(generator, tenant=tenant) for tenant in ("a", "b")}
    for tenant, generation in generations.items():
        assert view.read(tenant, generation_of) == generation


def test_an_outage_keeps_the_known_generation_and_recovers_by_itself(
    view, generator, store, clock, caplog
):
    first = publish(generator)
    assert view.read("default", generation_of) == first
    second = publish(generator)
    store.reachable = False
    clock.advance(60)
    assert view.read("default", generation_of) == first
    assert "The network is cut." in caplog.text
    store.reachable = True
    assert view.read("default", generation_of) == first
    clock.advance(5)
    assert view.read("default", generation_of) == second


def test_an_outage_at_the_start_is_an_error_until_it_ends(view, generator, store):
    generation = publish(generator)
    store.reachable = False
    with pytest.raises(StoreUnavailable):
        view.current("default")
    store.reachable = True
    assert view.current("default").generation == generation


def test_a_new_manifest_that_cannot_be_read_leaves_the_old_generation_serving(
    view, generator, clock
):
    first = publish(generator)
    assert view.current("default").generation == first
    second = publish(generator)
    generator._put_record("default", f"manifest:{second}", b'{"models": "of another version"}')
    clock.advance(5)
    assert view.current("default").generation == first


def test_a_file_that_vanishes_between_two_readers_is_a_missing_generation(generator, store, folder):
    generation = publish(generator)
    path = folder / "default" / f"{generation}.sqlite"

    def ask_another(_: object) -> None:
        path.unlink()
        with pytest.raises(GenerationMissing):
            store.get("default", generation, (SECTION, FULL_USER))

    store._readers.ask(path, ask_another)


def test_lists_that_were_pruned_are_looked_for_in_the_live_generation_at_once(view, generator):
    first = publish(generator)
    assert view.current("default").generation == first
    for _ in range(3):
        latest = publish(generator)
    assert len(generator.prune("default", keep=2)) == 2
    assert view.read("default", generation_of) == latest


def test_lists_of_the_live_generation_that_are_gone_are_an_error_not_a_loop(
    view, generator, folder
):
    generation = publish(generator)
    view.current("default")
    (folder / "default" / f"{generation}.sqlite").unlink()
    with pytest.raises(GenerationMissing):
        view.read("default", generation_of)
    assert view.read("default", lambda live: live.generation) == generation


def test_while_one_thread_looks_at_the_pointer_the_others_go_on(view, generator, store, clock):
    first = publish(generator)
    view.current("default")
    second = publish(generator)
    clock.advance(5)
    store.gate = threading.Event()
    reads = store.pointer_reads
    seen: list[str] = []
    looker = threading.Thread(target=lambda: seen.append(view.current("default").generation))
    looker.start()
    while store.pointer_reads == reads:
        pass
    assert [view.current("default").generation for _ in range(100)] == [first] * 100
    assert store.pointer_reads == reads + 1
    store.gate.set()
    looker.join(timeout=30)
    assert seen == [second]


def test_many_threads_that_start_together_load_the_generation_once(view, generator, store):
    publish(generator)
    store.gate = threading.Event()
    seen: list[LiveGeneration] = []
    threads = [
        threading.Thread(target=lambda: seen.append(view.current("default"))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    store.gate.set()
    for thread in threads:
        thread.join(timeout=30)
    assert len(seen) == 16
    assert len({id(live) for live in seen}) == 1
    assert store.pointer_reads == 1


def test_readers_never_fail_and_never_mix_while_generations_are_published_and_pruned(
    view, generator, clock
):
    """Each generation gives user 999 neighbours of its own; an answer must be of one generation."""

    def neighbours_and_generation(live: LiveGeneration) -> tuple[int, str]:
        (row,) = live.rows([(SECTION, FULL_USER)]).values()
        return int(row.entries[0]), live.generation

    def publish_numbered(number: int) -> str:
        row = users_like(FULL_USER, TFIDF)
        row.entries[0] = number
        return publish(generator, [row])

    published = {publish_numbered(0): 0}
    failures: list[BaseException] = []
    seen: set[tuple[int, str]] = set()
    done = threading.Event()

    def read_on() -> None:
        try:
            while not done.is_set():
                seen.add(view.read("default", neighbours_and_generation))
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read_on) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 15):
        published[publish_numbered(number)] = number
        generator.prune("default", keep=2)
        clock.advance(5)
    done.set()
    for thread in threads:
        thread.join(timeout=30)
    assert not failures
    assert all(published[generation] == number for number, generation in seen)
    assert view.read("default", neighbours_and_generation)[0] == 14


class SlowToCheck(InterruptibleStore):
    """Reading a generation through takes until the test says so."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.may_finish = threading.Event()
        self.slow = False

    def check(self, manifest: Manifest) -> None:
        if self.slow:
            assert self.may_finish.wait(timeout=30)
        super().check(manifest)


def test_nobody_waits_while_a_new_generation_is_read_through(folder, generator, clock):
    first = publish(generator)
    store = SlowToCheck(folder)
    view = LiveView(store, refresh_seconds=5, clock=clock)
    assert view.current("default").generation == first
    second = publish(generator)
    store.slow = True
    for _ in range(20):
        clock.advance(5)
        # Would stand still here, since the check goes on until the end of this test.
        assert view.read("default", generation_of) == first
    store.may_finish.set()
    until(lambda: view.current("default").generation == second)


class TimesOut(InterruptibleStore):
    """Every record takes its time to fail."""

    attempts = 0

    def _read_record(self, tenant: str, name: str) -> tuple[bytes | str, int] | None:
        self.attempts += 1
        time.sleep(0.2)
        raise StoreUnavailable("The network is cut.")


def test_first_requests_do_not_queue_for_a_store_that_times_out(folder, clock):
    store = TimesOut(folder)
    view = LiveView(store, refresh_seconds=5, clock=time.monotonic)
    failures = []

    def ask() -> None:
        try:
            view.current("default")
        except StoreUnavailable as error:
            failures.append(error)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(failures) == 8
    assert store.attempts == 1, "one tried, the others were refused at once"
