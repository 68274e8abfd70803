from collections import Counter

import pytest

from generator.publish import SAMPLE_SIZE, GenerationWriter, generation_writer
from shared.errors import GenerationDamaged
from shared.records import UserLists
from shared.stores import open_store

TENANT = "default"


@pytest.fixture
def store(tmp_path):
    with_lists = open_store(f"sqlite:///{tmp_path}/store")
    yield with_lists
    with_lists.close()


def lists(count):
    return [UserLists(user, "m", [user + 1], [0.5], ["c"], [1.0]) for user in range(count)]


def test_a_written_generation_goes_live_with_its_counts(store):
    with generation_writer(store, TENANT, seed=1) as writer:
        assert writer.write("m", lists(30)) == 30
        assert writer.write("m", [UserLists(99, "m")]) == 1
        writer.publish(store.manifest(TENANT, writer.generation))
    assert store.live(TENANT).list_counts == {"m": 31}
    assert store.get(TENANT, writer.generation, "m", 7) == lists(30)[7]


def test_a_failure_discards_the_new_generation_and_keeps_the_live_one(store):
    with generation_writer(store, TENANT, seed=1) as first:
        first.write("m", lists(3))
        first.publish(store.manifest(TENANT, first.generation))
    with pytest.raises(ZeroDivisionError), generation_writer(store, TENANT, seed=1) as second:
        second.write("m", lists(5))
        raise ZeroDivisionError
    assert store.live_generation(TENANT) == first.generation
    assert [m.generation for m in store.generations(TENANT)] == [first.generation]


def test_lists_that_read_back_differently_are_not_published(store):
    with pytest.raises(GenerationDamaged), generation_writer(store, TENANT, seed=1) as writer:
        writer.write("m", lists(3))
        store.write(TENANT, writer.generation, [UserLists(50, "m")])
        writer.publish(store.manifest(TENANT, writer.generation))
    assert store.live(TENANT) is None


def test_every_list_is_as_likely_to_be_read_back_as_any_other(store):
    drawn: Counter[int] = Counter()
    for seed in range(60):
        writer = GenerationWriter(store, TENANT, seed)
        list(writer._sampled(lists(2 * SAMPLE_SIZE)))
        assert len(writer._sample) == SAMPLE_SIZE
        drawn.update(one.user_handle < SAMPLE_SIZE for one in writer._sample)
    assert abs(drawn[True] / drawn.total() - 0.5) < 0.03
