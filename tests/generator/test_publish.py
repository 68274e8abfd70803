from collections import Counter

import pytest

from generator.process.progress import Reporter
from generator.publish import SAMPLE_SIZE, GenerationWriter, generation_writer, make_room
from shared.errors import GenerationDamaged, StoreError
from shared.records import ListRow, Manifest, ModelCard, Ranking
from shared.settings import GeneratorSettings
from shared.stores import open_store
from shared.stores.sqlite import SQLiteStore

TENANT = "default"


@pytest.fixture
def store(tmp_path):
    with_lists = open_store(f"sqlite:///{tmp_path}/store")
    yield with_lists
    with_lists.close()


def section(model="m"):
    return f"similar_users/{model}"


def rows(count, model="m"):
    return [ListRow("similar_users", user, model, [user + 1], [0.5]) for user in range(count)]


def card(model="m", **fields):
    return ModelCard(model, "A model", ["similar_users"], ["views"], **fields)


def writing(store, data="data", config="config"):
    return generation_writer(store, TENANT, data, config, seed=1)


def left(store):
    return [manifest.generation for manifest in store.generations(TENANT)]


def test_a_written_generation_goes_live_with_its_counts(store):
    with writing(store) as writer:
        assert writer.write(section(), rows(30)) == 30
        assert writer.write(section(), [ListRow("similar_users", 99, "m")]) == 1
        writer.finish()
        store.publish(writer.manifest, writer.sample)
    live = store.live(TENANT)
    assert live.row_counts == {section(): 31}
    assert (live.data_digest, live.config_digest) == ("data", "config")
    assert store.get(TENANT, live.generation, (section(), 7)) == rows(30)[7]


def test_a_failure_before_any_model_is_done_leaves_nothing_and_keeps_the_live_one(store):
    with writing(store) as first:
        first.write(section(), rows(3))
        first.finish()
        store.publish(first.manifest)
    with pytest.raises(ZeroDivisionError), writing(store) as second:
        store.write(TENANT, second.manifest.generation, rows(5))
        raise ZeroDivisionError
    assert left(store) == [first.manifest.generation] == [store.live_generation(TENANT)]


def test_rows_that_read_back_differently_are_not_published(store):
    with pytest.raises(GenerationDamaged), writing(store) as writer:
        writer.write(section(), rows(3))
        writer.finish()
        store.write(TENANT, writer.manifest.generation, [ListRow("similar_users", 50, "m")])
        store.publish(writer.manifest, writer.sample)
    assert store.live(TENANT) is None
    assert left(store) == []


def test_what_a_model_wrote_before_it_broke_is_in_nobodys_way(store):
    with writing(store) as writer:
        writer.write(section("good"), rows(9, "good"))
        writer.finish(card("good"))
        writer.write("similar_users/bad", rows(9, "bad"))
        store.write(TENANT, writer.manifest.generation, [ListRow("recommendations", 1, "bad")])
        writer.manifest.rankings["bad"] = Ranking(["a"], [1.0])
        writer.forget("bad")
        writer.finish(card("bad", skipped="failed: it broke", failed=True))
        store.publish(writer.manifest, writer.sample)
    live = store.live(TENANT)
    assert live.row_counts == {section("good"): 9}
    assert live.rankings == {}
    assert [c.model_handle for c in live.served_models] == ["good"]
    assert {row.model_handle for row in writer.sample} == {"good"}


def die_after_one_model(store, partial=0, failed=(), **digests) -> str:
    """A run that finished model m, had written some rows of model n, and was killed."""
    with pytest.raises(KeyboardInterrupt), writing(store, **digests) as writer:
        writer.write(section(), rows(30))
        writer.finish(card("m"))
        for handle in failed:
            writer.finish(card(handle, skipped="failed: it broke", failed=True))
        store.write(TENANT, writer.manifest.generation, rows(partial, "n"))
        raise KeyboardInterrupt
    store.close()
    return writer.manifest.generation


def test_the_next_run_goes_on_after_the_models_that_were_done(store):
    died = die_after_one_model(store, partial=7)
    with writing(store) as writer:
        assert writer.manifest.generation == died
        assert writer.has_model("m")
        assert not writer.has_model("n")
        assert not writer.has_section(section("n"))
        writer.write(section("n"), rows(20, "n"))
        writer.finish(card("n"))
        store.publish(writer.manifest, writer.sample)
    live = store.live(TENANT)
    assert live.generation == died
    assert live.row_counts == {section(): 30, section("n"): 20}
    assert [c.model_handle for c in live.models] == ["m", "n"]
    assert store.get(TENANT, died, (section(), 29)) == rows(30)[29]
    assert store.get(TENANT, died, (section("n"), 3)) == rows(20, "n")[3]


def test_a_model_that_broke_is_tried_again_by_the_run_that_goes_on(store):
    died = die_after_one_model(store, failed=["n"])
    with writing(store) as writer:
        assert writer.manifest.generation == died
        assert not writer.has_model("n")


@pytest.mark.parametrize("other", [{"data": "new data"}, {"config": "new config"}])
def test_a_run_on_other_data_or_settings_starts_anew_and_removes_the_wreck(store, other):
    died = die_after_one_model(store)
    with writing(store, **other) as writer:
        assert writer.manifest.generation != died
        assert not writer.has_model("m")
        assert left(store) == [writer.manifest.generation]


def test_a_run_that_died_between_sealing_and_the_pointer_is_gone_on_with(store):
    with pytest.raises(KeyboardInterrupt), writing(store) as writer:
        writer.write(section(), rows(30))
        writer.finish(card("m"))
        store.complete(writer.manifest, writer.sample)
        raise KeyboardInterrupt
    store.close()
    with writing(store) as again:
        assert again.manifest.generation == writer.manifest.generation
        store.publish(again.manifest)
    assert store.live(TENANT).row_counts == {section(): 30}


def held_run(store, **fields) -> str:
    with writing(store) as writer:
        writer.write(section(), rows(30))
        writer.finish(card("m"))
        if fields:
            writer.finish(card("n", **fields))
        store.complete(writer.manifest, writer.sample)
        writer.manifest.held_because = ["too few users"]
        store.hold(writer.manifest)
    return writer.manifest.generation


def test_what_is_held_is_judged_again_and_not_made_again(store):
    held = held_run(store)
    assert store.manifest(TENANT, held).state == "held"
    with writing(store) as writer:
        assert writer.manifest.generation == held
        assert writer.manifest.held_because == []
        assert writer.has_model("m")
        store.publish(writer.manifest)
    assert store.live_generation(TENANT) == held
    assert store.live(TENANT).held_because == []


def test_what_is_held_is_made_again_if_a_model_broke_in_it(store):
    held = held_run(store, skipped="failed: it broke", failed=True)
    with writing(store) as writer:
        assert writer.manifest.generation != held
    assert held in left(store)


def test_what_is_held_stays_beside_a_run_on_other_data(store):
    held = held_run(store)
    with writing(store, data="new data") as writer:
        assert left(store) == [held, writer.manifest.generation]


def test_a_wreck_that_is_damaged_is_not_gone_on_with(store, tmp_path):
    died = die_after_one_model(store)
    path = next(tmp_path.glob(f"store/{TENANT}/{died}*"))
    path.write_bytes(path.read_bytes()[:5000] + b"\xff" * 4000)
    with writing(store) as writer:
        assert writer.manifest.generation != died
        assert left(store) == [writer.manifest.generation]


def test_after_a_failure_of_the_store_nothing_is_left_to_go_on_with(store):
    with pytest.raises(StoreError), writing(store) as writer:
        writer.write(section(), rows(30))
        writer.finish(card("m"))
        raise StoreError("the disk is full")
    assert left(store) == []


def test_every_row_is_as_likely_to_be_read_back_as_any_other(store):
    drawn: Counter[bool] = Counter()
    for seed in range(20):
        writer = GenerationWriter(store, Manifest(TENANT, "", "building", ""), seed)
        for start in range(0, 2 * SAMPLE_SIZE, 300):
            writer._draw(rows(2 * SAMPLE_SIZE)[start : start + 300])
        assert len({row.subject for row in writer.sample}) == SAMPLE_SIZE
        drawn.update(row.subject < SAMPLE_SIZE for row in writer.sample)
    assert abs(drawn[True] / drawn.total() - 0.5) < 0.03


class SmallDisk(SQLiteStore):
    """Has room for so many generations like the one that is live."""

    room = 3

    def free_bytes(self):
        sizes = [self.size_bytes(TENANT, generation) for generation in left(self)]
        return self.room * self.size_bytes(TENANT, self.live_generation(TENANT)) - sum(sizes)


@pytest.fixture
def small_disk(tmp_path):
    opened = SmallDisk(tmp_path / "store")
    for _ in range(3):
        with writing(opened) as writer:
            writer.write(section(), rows(30))
            writer.finish()
            opened.publish(writer.manifest)
    yield opened
    opened.close()


SETTINGS = GeneratorSettings(_env_file=None, keep_generations=2, pointer_refresh_seconds=1e-9)


def test_before_anything_is_fitted_room_is_made_of_old_generations(small_disk):
    live = small_disk.live_generation(TENANT)
    make_room(small_disk, SETTINGS, Reporter())
    assert len(left(small_disk)) == 2
    assert small_disk.live_generation(TENANT) == live


def test_if_no_room_can_be_made_nothing_is_fitted(small_disk):
    small_disk.room = 2
    with pytest.raises(StoreError, match=r"nearly full.*nothing was fitted"):
        make_room(small_disk, SETTINGS, Reporter())


def test_where_there_is_room_or_nothing_is_live_nothing_is_removed(small_disk, store, tmp_path):
    small_disk.room = 4
    make_room(small_disk, SETTINGS, Reporter())
    assert len(left(small_disk)) == 3
    make_room(open_store(f"sqlite:///{tmp_path}/empty"), SETTINGS, Reporter())
