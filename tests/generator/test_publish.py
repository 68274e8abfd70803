from collections import Counter

import pytest

from generator.publish import SAMPLE_SIZE, GenerationWriter, generation_writer
from shared.errors import GenerationDamaged, StoreError
from shared.records import ListFacts, Manifest, ModelCard, UserLists
from shared.stores import open_store

TENANT = "default"


@pytest.fixture
def store(tmp_path):
    with_lists = open_store(f"sqlite:///{tmp_path}/store")
    yield with_lists
    with_lists.close()


def lists(count, model="m"):
    return [UserLists(user, model, [user + 1], [0.5], ["c"], [1.0]) for user in range(count)]


def card(model="m"):
    return ModelCard(model, "A model", ["similar_users"], ["views"])


def writing(store, data="data", config="config"):
    return generation_writer(store, TENANT, data, config, seed=1)


def left(store):
    return [manifest.generation for manifest in store.generations(TENANT)]


def test_a_written_generation_goes_live_with_its_counts(store):
    with writing(store) as writer:
        facts = writer.write("m", [lists(30), [UserLists(99, "m")]])
        store.publish(writer.manifest, writer.sample)
    live = store.live(TENANT)
    assert live.list_counts == {"m": 31}
    assert (live.data_digest, live.config_digest) == ("data", "config")
    assert store.get(TENANT, live.generation, "m", 7) == lists(30)[7]
    assert facts == ListFacts(31, 1, 1, 1, distinct_courses=1, effective_courses=1.0)


def test_a_failure_before_any_model_is_done_leaves_nothing_and_keeps_the_live_one(store):
    with writing(store) as first:
        first.write("m", [lists(3)])
        store.publish(first.manifest)
    with pytest.raises(ZeroDivisionError), writing(store) as second:
        store.write(TENANT, second.manifest.generation, lists(5))
        raise ZeroDivisionError
    assert left(store) == [first.manifest.generation] == [store.live_generation(TENANT)]


def test_lists_that_read_back_differently_are_not_published(store):
    with pytest.raises(GenerationDamaged), writing(store) as writer:
        writer.write("m", [lists(3)])
        store.write(TENANT, writer.manifest.generation, [UserLists(50, "m")])
        store.publish(writer.manifest, writer.sample)
    assert store.live(TENANT) is None
    assert left(store) == []


def die_after_one_model(store, partial=0, **digests) -> str:
    """A run that finished model m, had written some lists of model n, and was killed."""
    with pytest.raises(KeyboardInterrupt), writing(store, **digests) as writer:
        writer.write("m", [lists(30)])
        writer.finish(card("m"))
        store.write(TENANT, writer.manifest.generation, lists(partial, "n"))
        raise KeyboardInterrupt
    store.close()
    return writer.manifest.generation


def test_the_next_run_goes_on_after_the_models_that_were_done(store):
    died = die_after_one_model(store, partial=7)
    with writing(store) as writer:
        assert writer.manifest.generation == died
        assert writer.finished("m")
        assert not writer.finished("n")
        writer.write("n", [lists(20, "n")])
        writer.finish(card("n"))
        store.publish(writer.manifest, writer.sample)
    live = store.live(TENANT)
    assert live.generation == died
    assert live.list_counts == {"m": 30, "n": 20}
    assert [c.model_handle for c in live.models] == ["m", "n"]
    assert store.get(TENANT, died, "m", 29) == lists(30)[29]
    assert store.get(TENANT, died, "n", 3) == lists(20, "n")[3]


@pytest.mark.parametrize("other", [{"data": "new data"}, {"config": "new config"}])
def test_a_run_on_other_data_or_settings_starts_anew_and_removes_the_wreck(store, other):
    died = die_after_one_model(store)
    with writing(store, **other) as writer:
        assert writer.manifest.generation != died
        assert not writer.finished("m")
        assert left(store) == [writer.manifest.generation]


def test_a_run_that_died_between_sealing_and_the_pointer_is_gone_on_with(store):
    with pytest.raises(KeyboardInterrupt), writing(store) as writer:
        writer.write("m", [lists(30)])
        writer.finish(card("m"))
        store.complete(writer.manifest, writer.sample)
        raise KeyboardInterrupt
    store.close()
    with writing(store) as again:
        assert again.manifest.generation == writer.manifest.generation
        store.publish(again.manifest)
    assert store.live(TENANT).list_counts == {"m": 30}


def test_a_wreck_that_is_damaged_is_not_gone_on_with(store, tmp_path):
    died = die_after_one_model(store)
    path = next(tmp_path.glob(f"store/{TENANT}/{died}*"))
    path.write_bytes(path.read_bytes()[:5000] + b"\xff" * 4000)
    with writing(store) as writer:
        assert writer.manifest.generation != died
        assert left(store) == [writer.manifest.generation]


def test_after_a_failure_of_the_store_nothing_is_left_to_go_on_with(store):
    with pytest.raises(StoreError), writing(store) as writer:
        writer.write("m", [lists(30)])
        writer.finish(card("m"))
        raise StoreError("the disk is full")
    assert left(store) == []


def test_every_list_is_as_likely_to_be_read_back_as_any_other(store):
    drawn: Counter[bool] = Counter()
    for seed in range(20):
        writer = GenerationWriter(store, Manifest(TENANT, "", "building", ""), seed)
        list(writer._sampled(lists(2 * SAMPLE_SIZE)))
        assert len(writer.sample) == SAMPLE_SIZE
        drawn.update(one.user_handle < SAMPLE_SIZE for one in writer.sample)
    assert abs(drawn[True] / drawn.total() - 0.5) < 0.03
