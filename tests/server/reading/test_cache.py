"""The lists that a server process remembers: the latest used, in bounded memory."""

import threading
import tracemalloc

import pytest

from server.reading.cache import ENTRY_BYTES, RowsCache
from shared.records import Handle

TEXT = b'{"courses": []}'


def key(user: Handle, generation: str = "g1", tenant: str = "a") -> tuple[str, str, str, Handle]:
    return (tenant, generation, "model", user)


def room_for(entries: int, text: bytes = TEXT) -> RowsCache:
    return RowsCache(entries * (ENTRY_BYTES + len(text)))


def test_the_least_recently_used_goes_first():
    cache = room_for(3)
    for user in (1, 2, 3):
        cache.put(key(user), TEXT)
    cache.get(key(1))
    cache.put(key(4), TEXT)
    assert [user for user in (1, 2, 3, 4) if cache.get(key(user))] == [1, 3, 4]


def test_the_same_list_twice_takes_its_place_once():
    cache = room_for(2)
    for _ in range(10):
        cache.put(key(1), TEXT)
    cache.put(key(2), TEXT)
    assert cache.get(key(1)) == cache.get(key(2)) == TEXT


def test_a_number_and_its_text_are_two_users():
    cache = room_for(5)
    cache.put(key(1), TEXT)
    assert cache.get(key("1")) is None


def test_a_list_that_is_larger_than_the_cache_is_not_kept():
    cache = room_for(1)
    cache.put(key(1), TEXT * 100)
    assert cache.get(key(1)) is None
    cache.put(key(2), TEXT)
    assert cache.get(key(2)) == TEXT


def test_a_new_generation_takes_the_place_of_the_old_one_of_that_tenant_alone():
    cache = room_for(10)
    cache.put(key(1, "g1", "a"), TEXT)
    cache.put(key(1, "g1", "b"), TEXT)
    cache.put(key(2, "g2", "a"), TEXT)
    assert cache.get(key(1, "g1", "a")) is None
    assert cache.get(key(1, "g1", "b")) == TEXT
    assert len(cache) == 2


def test_what_is_known_to_be_absent_is_remembered_but_is_no_list():
    cache = room_for(3)
    cache.put(key(1), b"")
    assert cache.get(key(1)) == b""
    assert not cache.holds("a", "g1")
    cache.put(key(2), TEXT)
    assert cache.holds("a", "g1")
    assert not cache.holds("b", "g1")


@pytest.mark.parametrize("text", [b"", b"x" * 500, b"x" * 20_000])
def test_it_takes_no_more_memory_than_it_was_given(text):
    max_bytes = 2**20
    cache = RowsCache(max_bytes)
    tracemalloc.start()
    try:
        for user in range(10_000):
            cache.put(key(f"user-{user:05}"), text + b"%d" % user if text else b"")
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert max_bytes / 2 < held < 1.1 * max_bytes


def test_threads_that_use_it_at_once_neither_fail_nor_overfill_it():
    cache = room_for(50)
    failures = []

    def use(seed: int) -> None:
        try:
            for turn in range(5_000):
                user = (turn * 7 + seed) % 97
                cache.put(key(user, f"g{turn // 1000}"), TEXT)
                cache.get(key((user + seed) % 97, f"g{turn // 1000}"))
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=use, args=[seed]) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert 0 < len(cache) <= 50
