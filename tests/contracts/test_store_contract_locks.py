"""What every backend of the store must do, part three: one writer at a time, no change lost."""

import os
import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing

import pytest

from shared.errors import Conflict, LockHeld, Pinned
from shared.stores import open_store
from tests.generations import TENANT, build, publish, row_of


@pytest.fixture
def pass_time(monkeypatch):
    """Move the clock of this process ahead."""
    true_time = time.time

    def ahead(seconds):
        monkeypatch.setattr(time, "time", lambda: true_time() + seconds)

    return ahead


def test_a_second_holder_is_refused_and_told_by_whom_and_since_when(store, another):
    with store.lock(TENANT):
        since = re.escape(time.strftime("%Y-%m-%dT%H:", time.gmtime()))
        with (
            pytest.raises(LockHeld, match=f"process {os.getpid()} on .* since {since}"),
            another.lock(TENANT),
        ):
            pytest.fail("two hold the lock")
    with another.lock(TENANT):
        pass


def test_a_lock_holds_within_one_process_too(store):
    with store.lock(TENANT), pytest.raises(LockHeld), store.lock(TENANT):
        pytest.fail("two hold the lock")


def test_a_lock_is_of_one_tenant(store, another):
    with store.lock("acme"), another.lock("acme_eu"):
        pass


def test_a_lock_is_given_back_after_an_exception(store, another):
    with pytest.raises(ZeroDivisionError), store.lock(TENANT):
        raise ZeroDivisionError
    with another.lock(TENANT):
        assert another.state(TENANT).lock is not None
    assert store.state(TENANT).lock is None


def test_whoever_holds_the_lock_publishes_and_prunes(store):
    with store.lock(TENANT):
        generation = publish(store, [row_of(1)])
        wreck = store.begin(TENANT)
        assert store.prune(TENANT, keep=2) == [wreck]
    assert store.live_generation(TENANT) == generation


def test_nobody_else_publishes_or_removes_while_the_lock_is_held(store, another):
    live = publish(store, [row_of(1)])
    with store.lock(TENANT):
        in_the_making = store.begin(TENANT)
        with pytest.raises(LockHeld):
            publish(another, [row_of(2)])
        with pytest.raises(LockHeld):
            another.prune(TENANT, keep=2)
        with pytest.raises(LockHeld):
            another.discard(TENANT, in_the_making)
        store.write(TENANT, in_the_making, [row_of(3)])
    assert store.live_generation(TENANT) == live


def test_a_lock_is_renewed_while_its_holder_works(store, another):
    with store.lock(TENANT, lease_seconds=1.5):
        first = store.state(TENANT).lock
        deadline = time.monotonic() + 30
        while (now := another.state(TENANT).lock).expires_at == first.expires_at:
            assert time.monotonic() < deadline, "the lock was never renewed"
            time.sleep(0.05)
        assert (now.token, now.since) == (first.token, first.since)
        assert now.expires_at > first.expires_at


def test_a_lapsed_lock_is_taken_over(store, another, pass_time):
    with store.lock(TENANT, lease_seconds=60):
        pass_time(40)
        with pytest.raises(LockHeld), another.lock(TENANT):
            pytest.fail("the lease has seconds left")
        pass_time(61)
        with another.lock(TENANT):
            publish(another, [row_of(1)])


def test_who_lost_the_lock_publishes_nothing(store, another, pass_time):
    with ExitStack() as locks, store.lock(TENANT, lease_seconds=60):
        late = build(store, [row_of(1)])
        pass_time(61)
        locks.enter_context(another.lock(TENANT, lease_seconds=60))
        live = publish(another, [row_of(2)])
        with pytest.raises(LockHeld, match="nothing was published"):
            store.publish(late)
        assert another.live_generation(TENANT) == live


def test_who_lost_the_lock_does_not_release_it_for_the_other(store, another, pass_time):
    with ExitStack() as locks:
        with store.lock(TENANT, lease_seconds=60):
            pass_time(61)
            locks.enter_context(another.lock(TENANT, lease_seconds=60))
        with pytest.raises(LockHeld), store.lock(TENANT):
            pytest.fail("two hold the lock")


def test_of_many_who_want_the_lock_at_once_one_gets_it(store_url):
    start = threading.Barrier(6)

    def contend(_):
        contender = held.enter_context(closing(open_store(store_url)))
        start.wait(60)
        try:
            held.enter_context(contender.lock(TENANT))
        except LockHeld:
            return False
        return True

    with ExitStack() as held, ThreadPoolExecutor(6) as threads:
        assert sorted(threads.map(contend, range(6))) == [False] * 5 + [True]


def test_publications_that_race_are_all_in_the_history(store_url):
    start = threading.Barrier(4)

    def publish_twice(writer):
        opened = open_store(store_url)
        manifests = [build(opened, [row_of(writer)]) for _ in range(2)]
        start.wait(60)
        for manifest in manifests:
            opened.publish(manifest)
        opened.close()
        return [manifest.generation for manifest in manifests]

    with ThreadPoolExecutor(4) as threads:
        published = [g for pair in threads.map(publish_twice, range(4)) for g in pair]
    opened = open_store(store_url)
    state = opened.state(TENANT)
    opened.close()
    assert sorted(state.generations) == sorted(published)
    assert state.live == state.generations[-1]


def test_a_record_is_replaced_only_in_the_version_that_was_read(store, another):
    assert store._read_record(TENANT, "state") is None
    store._swap_record(TENANT, "state", b"first", 0)
    for stale in (0, 2):
        with pytest.raises(Conflict):
            another._swap_record(TENANT, "state", b"stale", stale)
    another._swap_record(TENANT, "state", "zweité".encode(), 1)
    with pytest.raises(Conflict):
        store._swap_record(TENANT, "state", b"stale", 1)
    text, version = store._read_record(TENANT, "state")
    assert (text if isinstance(text, str) else text.decode(), version) == ("zweité", 2)


def test_a_record_that_is_put_is_a_new_version(store):
    store._put_record(TENANT, "state", b"first")
    store._put_record(TENANT, "state", b"second")
    with pytest.raises(Conflict):
        store._swap_record(TENANT, "state", b"stale", 1)
    store._swap_record(TENANT, "state", b"third", 2)
    store._delete_record(TENANT, "state")
    store._delete_record(TENANT, "state")
    assert store._read_record(TENANT, "state") is None
    with pytest.raises(Conflict):
        store._swap_record(TENANT, "state", b"stale", 3)


def test_a_change_made_meanwhile_is_not_lost(store, another):
    first, second = (build(store, [row_of(1)]).generation for _ in range(2))
    attempts = []

    def change(state):
        attempts.append(state.generations)
        if len(attempts) == 1:
            another._change_state(TENANT, lambda other: other.go_live(first, "2026-11-21"))
        state.go_live(second, "2026-11-21")

    store._change_state(TENANT, change)
    assert attempts == [[], [first]]
    assert store.state(TENANT).generations == [first, second]


def test_nothing_moves_a_pinned_pointer_until_it_is_unpinned(store, another):
    first, second = (publish(store, [row_of(n)]) for n in range(2))
    store.pin(TENANT)
    manifest = build(another, [row_of(2)])
    for move in (lambda: another.publish(manifest), lambda: another.rollback(TENANT)):
        with pytest.raises(Pinned, match=f"{second}.*unpin"):
            move()
    assert another.live_generation(TENANT) == second
    store.unpin(TENANT)
    assert another.rollback(TENANT) == first


def test_a_state_that_was_lost_is_made_of_the_manifests(store):
    first, second = (publish(store, [row_of(n)]) for n in range(2))
    for generation in (first, second):  # as a run does after it has published
        store.save_progress(store.manifest(TENANT, generation))
    store._delete_record(TENANT, "state")
    assert store.live_generation(TENANT) is None
    assert store.adopt(TENANT) == [first, second]
    assert store.live_generation(TENANT) == second
    assert store.rollback(TENANT) == first
    assert store.adopt(TENANT) == []
