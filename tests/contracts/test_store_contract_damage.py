"""What every backend of the store must do with what is damaged, or of another version."""

import pytest

from shared.errors import GenerationDamaged, GenerationMissing
from shared.records import FORMAT
from tests.generations import TENANT, build, key_of, publish, row_of, section_of

OTHER_FORMATS = pytest.mark.parametrize(
    ("shift", "cure"), [(-1, "run_generator.py"), (1, "upgrade this one")]
)


def of_another_format(store, generation, shift):
    manifest = store.manifest(TENANT, generation)
    manifest.format = FORMAT + shift
    store.save_progress(manifest)


@OTHER_FORMATS
def test_rows_of_another_format_are_refused_with_what_to_do(store, shift, cure):
    live = publish(store, [row_of(1)])
    of_another_format(store, live, shift)
    with pytest.raises(GenerationDamaged, match=cure):
        store.check(store.live(TENANT))


@OTHER_FORMATS
def test_nothing_leads_back_to_rows_of_another_format(store, shift, cure):
    old, live = (publish(store, [row_of(n)]) for n in range(2))
    of_another_format(store, old, shift)
    for to in (None, old):
        with pytest.raises(GenerationDamaged, match=cure):
            store.rollback(TENANT, to)
    assert store.live_generation(TENANT) == live


@OTHER_FORMATS
def test_a_run_of_another_format_is_not_gone_on_with(store, shift, cure):
    begun = store.begin(TENANT)
    of_another_format(store, begun, shift)
    with pytest.raises(GenerationDamaged, match=cure):
        store.resume(TENANT, begun)


NO_RECORDS = pytest.mark.parametrize("text", [b" ", b"{", b"[]", b"3", b'{"live": []}'])


@NO_RECORDS
def test_a_damaged_state_is_said_to_be_damaged(store, text):
    publish(store, [row_of(1)])
    store._put_record(TENANT, "state", text)
    for use in (store.live, store.state, store.generations, store.rollback):
        with pytest.raises(GenerationDamaged):
            use(TENANT)


@NO_RECORDS
def test_a_damaged_manifest_is_said_to_be_damaged(store, text):
    generation = publish(store, [row_of(1)])
    store._put_record(TENANT, f"manifest:{generation}", text)
    for use in (store.live, lambda tenant: store.manifest(tenant, generation)):
        with pytest.raises(GenerationDamaged):
            use(TENANT)


def test_an_unreadable_manifest_is_named_and_stepped_over(store):
    unreadable, before, live = (publish(store, [row_of(n)]) for n in range(3))
    wreck = store.begin(TENANT)
    for generation in (unreadable, wreck):
        store._put_record(TENANT, f"manifest:{generation}", b"{")
    store._versions.clear()  # as of another process, which wrote none of them
    assert [m.generation for m in store.generations(TENANT)] == [before, live]
    assert store.unreadable(TENANT) == sorted([unreadable, wreck])
    assert store.rollback(TENANT) == before
    assert store.rollback(TENANT, live) == live
    # What was never published may be the work of a newer version, and only its owner removes it.
    assert store.prune(TENANT, keep=1) == [unreadable]
    assert store.unreadable(TENANT) == [wreck]


def lists_gone(store, generation):
    store._drop_rows(TENANT, generation)


def manifest_gone(store, generation):
    store._delete_record(TENANT, f"manifest:{generation}")


def manifest_damaged(store, generation):
    store._put_record(TENANT, f"manifest:{generation}", b"{")


@pytest.mark.parametrize("damage", [lists_gone, manifest_gone, manifest_damaged])
def test_nothing_leads_back_to_what_is_damaged_or_gone(store, damage):
    old, live = (publish(store, [row_of(n)]) for n in range(2))
    damage(store, old)
    for to in (None, old):
        with pytest.raises((GenerationDamaged, GenerationMissing)):
            store.rollback(TENANT, to)
    assert store.live_generation(TENANT) == live


@pytest.mark.parametrize(
    "text", [b"{", b"[]", b'{"entries": [1]}', b'{"entries": [1], "scores": "0.5"}']
)
def test_a_damaged_row_is_said_to_be_damaged(store, text):
    generation = store.begin(TENANT)
    store._put_rows(TENANT, generation, [(key_of(1), text)])
    manifest = store.manifest(TENANT, generation)
    manifest.row_counts = {section_of(): 1}
    store.publish(manifest)
    with pytest.raises(GenerationDamaged):
        store.get(TENANT, generation, key_of(1))
    with pytest.raises(GenerationDamaged):
        store.get_many(TENANT, generation, [key_of(1), key_of(2)])


def test_what_a_newer_version_has_added_does_not_stop_a_reader(store):
    generation = store.begin(TENANT)
    row = row_of(1)
    newer = b',"newer":{"a":[1]}}'
    store._put_rows(TENANT, generation, [(key_of(1), row.to_json()[:-1] + newer)])
    manifest = store.manifest(TENANT, generation)
    manifest.row_counts = {section_of(): 1}
    store.publish(manifest)
    for name in ("state", f"manifest:{generation}"):
        text, _ = store._read_record(TENANT, name)
        text = text.encode() if isinstance(text, str) else bytes(text)
        store._put_record(TENANT, name, text[:-1] + newer)
    assert store.live(TENANT).generation == generation
    assert store.get(TENANT, generation, key_of(1)) == row


def test_what_was_published_is_known_without_the_state(store):
    generations = [publish(store, [row_of(n)]) for n in range(2)]
    for generation in generations:
        store.save_progress(store.manifest(TENANT, generation))
    build(store, [row_of(3)])
    store._delete_record(TENANT, "state")
    assert [manifest.generation for manifest in store.published(TENANT)] == generations[::-1]
    assert store.published("other") == []
