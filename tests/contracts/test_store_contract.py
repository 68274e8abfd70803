"""What every backend of the store must do, part one: generations and the live pointer.

The lists themselves are in test_store_contract_lists.py, locks and races in
test_store_contract_locks.py, what is damaged or of another version in
test_store_contract_damage.py; the backends are in conftest.py.
"""

from dataclasses import replace

import pytest

from shared.errors import GenerationDamaged, GenerationMissing, SettingsError, StoreError
from shared.records import ModelCard, Ranking, RunOutcome, Stage, TableReport
from shared.stores import BACKENDS
from tests.contracts.conftest import WAYS_TO_A_STORE
from tests.generations import MODEL, TENANT, build, key_of, publish, row_of, section_of


def test_every_registered_backend_is_under_this_contract():
    assert {way.partition("-")[0] for way in WAYS_TO_A_STORE} == set(BACKENDS)


def test_nothing_is_live_at_first(store):
    assert store.live(TENANT) is None
    assert store.live_generation(TENANT) is None
    assert store.generations(TENANT) == []
    assert store.state(TENANT).history == []


def test_a_generation_is_live_once_it_is_published_and_not_before(store):
    manifest = build(store, [row_of(999)])
    assert store.live(TENANT) is None
    store.publish(manifest, [row_of(999)])
    assert store.live_generation(TENANT) == manifest.generation
    assert store.get(TENANT, manifest.generation, key_of(999)) == row_of(999)


def test_a_manifest_comes_back_whole(store):
    manifest = build(store, [row_of(999)])
    manifest.users = 12
    manifest.rankings = {MODEL: Ranking(["ünïcode", 7], [0.1 + 0.2, 1e-300])}
    manifest.models = [ModelCard(MODEL, "T", ["similar_users"], ["interests"], config={"k": 1})]
    manifest.tables = [TableReport("views", "v.csv", 10, 8, {"no user": 2})]
    manifest.stages = [Stage("fit", 1.5, 10)]
    store.publish(manifest)
    assert store.live(TENANT) == manifest
    assert store.manifest(TENANT, manifest.generation) == manifest


def test_a_manifest_says_how_far_its_generation_is(store):
    manifest = build(store, [row_of(1)])
    assert store.manifest(TENANT, manifest.generation).state == "building"
    store.publish(manifest)
    published = store.manifest(TENANT, manifest.generation)
    assert published.state == "published"
    assert published.created_at < published.published_at


def test_a_reader_opened_before_the_first_publish_sees_it_after(store, another):
    assert another.live(TENANT) is None
    generation = publish(store, [row_of(1)])
    assert another.live_generation(TENANT) == generation
    assert another.get(TENANT, generation, key_of(1)) == row_of(1)


def test_the_generation_before_stays_readable_after_a_publish(store):
    first = publish(store, [row_of(1, courses=["old"])])
    second = publish(store, [row_of(1, courses=["new"])])
    assert store.get(TENANT, first, key_of(1)).entries == ["old"]
    assert store.get(TENANT, second, key_of(1)).entries == ["new"]
    assert [m.generation for m in store.generations(TENANT)] == [first, second]


def test_an_unknown_generation_is_missing(store):
    publish(store, [row_of(1)])
    for asked in ["20200101T000000Z-0000", "../../control", ""]:
        with pytest.raises(GenerationMissing):
            store.manifest(TENANT, asked)
        with pytest.raises(GenerationMissing):
            store.get(TENANT, asked, key_of(1))
        with pytest.raises(GenerationMissing):
            store.write(TENANT, asked, [row_of(2)])


@pytest.mark.parametrize("count", [0, 1, 3])
def test_publishing_refuses_another_count_than_was_written(store, count):
    before = publish(store, [row_of(1)])
    manifest = build(store, [row_of(1), row_of(2)])
    manifest.row_counts = {section_of(): count}
    with pytest.raises(GenerationDamaged, match="holds"):
        store.publish(manifest)
    assert store.live_generation(TENANT) == before
    assert store.state(TENANT).generations == [before]


def test_publishing_refuses_lists_of_a_model_that_nobody_counted(store):
    manifest = build(store, [row_of(1), row_of(1, "surprise")])
    del manifest.row_counts[section_of("surprise")]
    with pytest.raises(GenerationDamaged, match="surprise"):
        store.publish(manifest)
    assert store.live(TENANT) is None


@pytest.mark.parametrize(
    "sample",
    [row_of(1, courses=["b", "a"]), replace(row_of(1), subject="1"), row_of(1, "other")],
    ids=["other courses", "other user", "other model"],
)
def test_publishing_refuses_lists_that_read_back_differently(store, sample):
    before = publish(store, [row_of(1)])
    manifest = build(store, [row_of(1)])
    with pytest.raises(GenerationDamaged, match="gives another row"):
        store.publish(manifest, [row_of(1), sample])
    assert store.live_generation(TENANT) == before


def test_a_refused_publish_can_be_repeated_with_the_right_counts(store):
    manifest = build(store, [row_of(1)])
    with pytest.raises(GenerationDamaged):
        store.publish(replace(manifest, row_counts={}))
    store.publish(manifest)
    assert store.get(TENANT, store.live_generation(TENANT), key_of(1)) == row_of(1)


def test_a_published_generation_never_changes(store):
    generation = publish(store, [row_of(1)])
    with pytest.raises(StoreError, match="takes no more"):
        store.write(TENANT, generation, [row_of(2)])
    with pytest.raises(StoreError, match="published already"):
        store.publish(store.manifest(TENANT, generation))
    assert store.get(TENANT, generation, key_of(1)) == row_of(1)
    assert store.state(TENANT).generations == [generation]


def test_rollback_leads_to_the_generation_before_until_none_is_left(store):
    first, second, third = (publish(store, [row_of(n)]) for n in range(3))
    assert store.rollback(TENANT) == second
    assert store.rollback(TENANT) == first
    with pytest.raises(GenerationMissing, match="nothing to roll back to"):
        store.rollback(TENANT)
    assert store.live_generation(TENANT) == first
    assert store.rollback(TENANT, to=third) == third
    assert store.live(TENANT).generation == third


def test_rollback_before_any_publish_says_that_there_is_nothing(store):
    with pytest.raises(GenerationMissing, match="nothing to roll back to"):
        store.rollback(TENANT)


def test_rollback_refuses_what_was_never_published(store):
    live = publish(store, [row_of(1)])
    unfinished = build(store, [row_of(1)]).generation
    for target in [unfinished, "20200101T000000Z-0000"]:
        with pytest.raises(GenerationMissing, match=live):
            store.rollback(TENANT, to=target)
    assert store.live_generation(TENANT) == live


def test_rollback_after_a_rollback_avoids_what_was_rolled_back(store):
    good = publish(store, [row_of(1)])
    bad = publish(store, [row_of(2)])
    store.rollback(TENANT)
    worse = publish(store, [row_of(3)])
    assert store.rollback(TENANT) == good
    assert set(store.state(TENANT).generations) == {good, bad, worse}


def test_pruning_keeps_the_newest_and_removes_the_rest(store):
    generations = [publish(store, [row_of(n)]) for n in range(4)]
    assert store.prune(TENANT, keep=3) == generations[:1]
    assert [m.generation for m in store.generations(TENANT)] == generations[1:]
    assert store.prune(TENANT, keep=3) == []
    with pytest.raises(GenerationMissing):
        store.get(TENANT, generations[0], key_of(0))
    assert store.get(TENANT, generations[1], key_of(1)) == row_of(1)


@pytest.mark.parametrize("keep", [-1, 0, 1])
def test_pruning_never_removes_the_live_generation_or_the_one_before(store, keep):
    first, second, third, fourth = (publish(store, [row_of(n)]) for n in range(4))
    store.rollback(TENANT)
    assert store.prune(TENANT, keep) == [first]
    assert store.live_generation(TENANT) == third
    assert store.state(TENANT).generations == [second, third, fourth]


def test_pruning_removes_wrecks(store, another):
    before = publish(store, [row_of(1)])
    live = publish(store, [row_of(1)])
    half_written = another.begin(TENANT)
    another.write(TENANT, half_written, [row_of(1)])
    another.close()
    assert store.prune(TENANT, keep=5) == [half_written]
    assert [m.generation for m in store.generations(TENANT)] == [before, live]


def test_the_live_generation_cannot_be_discarded(store):
    generation = publish(store, [row_of(1)])
    with pytest.raises(StoreError, match="roll back"):
        store.discard(TENANT, generation)
    assert store.get(TENANT, generation, key_of(1)) == row_of(1)


def test_a_generation_can_be_discarded_at_any_stage_and_twice(store):
    live = [publish(store, [row_of(1)]) for _ in range(2)][-1]
    empty, built = store.begin(TENANT), build(store, [row_of(1)])
    refused = build(store, [row_of(1)])
    with pytest.raises(GenerationDamaged):
        store.publish(replace(refused, row_counts={}))
    old = store.state(TENANT).previous
    for generation in [empty, built.generation, refused.generation, old] * 2:
        store.discard(TENANT, generation)
    assert [m.generation for m in store.generations(TENANT)] == [live]
    with pytest.raises(GenerationMissing):
        store.rollback(TENANT)


def test_a_dropped_generation_is_missing_even_to_who_has_read_it(store, another):
    old, live = (publish(store, [row_of(n)]) for n in range(2))
    assert store.get(TENANT, old, key_of(0)) == row_of(0)
    store.discard(TENANT, old)
    for reader in (store, another):
        with pytest.raises(GenerationMissing, match=old):
            reader.get(TENANT, old, key_of(0))
        with pytest.raises(GenerationMissing, match=old):
            reader.get_many(TENANT, old, [key_of(0), key_of(1)])
    assert store.get(TENANT, live, key_of(1)) == row_of(1)


def test_tenants_do_not_see_each_other(store):
    tenants = ["acme", "acme_eu", "acme_2", "control", "a", "_"]
    live = {tenant: publish(store, [row_of(1, courses=[tenant])], tenant) for tenant in tenants}
    second = publish(store, [row_of(1)], "acme")
    for tenant in tenants[1:]:
        assert [m.generation for m in store.generations(tenant)] == [live[tenant]]
        assert store.get(tenant, live[tenant], key_of(1)).entries == [tenant]
        assert store.prune(tenant, keep=1) == []
        with pytest.raises(GenerationMissing):
            store.get(tenant, live["acme"], key_of(1))
    assert store.state("acme").generations == [live["acme"], second]


@pytest.mark.parametrize(
    "tenant", ["", "../acme", "Acme", "a-b", "a.b", "a/b", "ä", "x" * 33, "a\n"]
)
def test_what_is_no_tenant_is_refused_wherever_it_is_named(store, tenant):
    for use in (store.live, store.begin, store.generations, store.rollback):
        with pytest.raises(SettingsError, match="TENANT"):
            use(tenant)
    with pytest.raises(SettingsError, match="TENANT"):
        store.get(tenant, "20200101T000000Z-0000", key_of(1))
    with pytest.raises(SettingsError, match="TENANT"):
        store.discard(tenant, "20200101T000000Z-0000")


def test_a_closed_store_can_be_used_again(store):
    first = publish(store, [row_of(1)])
    unfinished = build(store, [row_of(2)])
    store.close()
    assert store.get(TENANT, first, key_of(1)) == row_of(1)
    store.write(TENANT, unfinished.generation, [row_of(3)])
    unfinished.row_counts = {section_of(): 2}
    store.publish(unfinished, [row_of(2), row_of(3)])


def test_how_the_last_run_ended_is_kept_for_each_tenant(store, another):
    assert store.last_run(TENANT) is None
    for outcome in (RunOutcome("2026-11-30T02:41:00+00:00", 7, "x"), RunOutcome("later", 0)):
        store.note_outcome(TENANT, outcome)
        assert another.last_run(TENANT) == outcome
    assert store.last_run("other") is None
    store._put_record(TENANT, "last-run", b"{")
    with pytest.raises(GenerationDamaged):
        store.last_run(TENANT)
