"""A store that takes long to fail is left alone for a while."""

import pytest

from server.reading.breaker import PAUSE_SECONDS, SLOW_SECONDS, Breaker
from shared.errors import GenerationMissing, StoreUnavailable
from tests.server.calls import ManualClock


class FlakyStore:
    def __init__(self, clock: ManualClock, seconds: float) -> None:
        self.clock, self.seconds = clock, seconds
        self.works, self.calls = False, 0

    def read(self) -> str:
        self.calls += 1
        self.clock.advance(self.seconds)
        if not self.works:
            raise StoreUnavailable("gone")
        return "lists"


def fails(breaker: Breaker, store: FlakyStore) -> None:
    with pytest.raises(StoreUnavailable, match="gone"):
        breaker.call(store.read)


@pytest.fixture
def breaker(clock: ManualClock) -> Breaker:
    return Breaker(clock)


def test_after_a_slow_failure_it_refuses_at_once_until_the_pause_is_over(breaker, clock):
    store = FlakyStore(clock, 2 * SLOW_SECONDS)
    for _ in range(5):
        fails(breaker, store)
    assert store.calls == 1
    clock.advance(PAUSE_SECONDS)
    for _ in range(5):
        fails(breaker, store)
    assert store.calls == 2


def test_one_success_ends_it(breaker, clock):
    store = FlakyStore(clock, 2 * SLOW_SECONDS)
    fails(breaker, store)
    store.works = True
    clock.advance(PAUSE_SECONDS)
    assert [breaker.call(store.read) for _ in range(3)] == ["lists"] * 3


def test_while_one_tries_the_others_are_refused(breaker, clock):
    store = FlakyStore(clock, 2 * SLOW_SECONDS)
    fails(breaker, store)
    clock.advance(PAUSE_SECONDS)
    store.works = True

    def read_while_another_asks() -> str:
        fails(breaker, store)
        return "lists"

    assert breaker.call(read_while_another_asks) == "lists"
    assert store.calls == 1


def test_quick_failures_are_tried_every_time(breaker, clock):
    store = FlakyStore(clock, SLOW_SECONDS / 2)
    for _ in range(5):
        fails(breaker, store)
    assert store.calls == 5


def test_other_failures_do_not_count_and_free_the_turn(breaker, clock):
    store = FlakyStore(clock, 2 * SLOW_SECONDS)
    fails(breaker, store)
    clock.advance(PAUSE_SECONDS)

    def lost() -> str:
        clock.advance(10)
        raise GenerationMissing("pruned")

    with pytest.raises(GenerationMissing):
        breaker.call(lost)
    store.works = True
    assert breaker.call(store.read) == "lists"
