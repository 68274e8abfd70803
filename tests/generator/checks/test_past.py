import numpy as np
import pytest

from generator.checks.past import read_past
from generator.checks.sample import ListSample
from shared.records import Figure, ListRow, Manifest, ModelCard, Ranking
from shared.stores import open_store
from tests.datasets import make_dataset
from tests.generations import TENANT, build

USERS = 120
DATA = make_dataset(users=range(USERS), courses=[f"c{i:03}" for i in range(200)])
SECTION = "recommendations/m"


@pytest.fixture
def store(tmp_path):
    opened = open_store(f"sqlite:///{tmp_path}/store")
    yield opened
    opened.close()


def lists(seed: int) -> list[ListRow]:
    random = np.random.default_rng(seed)
    return [
        ListRow(
            "recommendations",
            user,
            "m",
            DATA.courses.handles(random.permutation(200)[:10].astype(np.int32)),
            [1.0] * 10,
        )
        for user in range(USERS)
    ]


def published(store, rows, **fields) -> Manifest:
    manifest = build(store, rows)
    manifest.models = [ModelCard("m", "M", ["recommendations"], [])]
    for name, value in fields.items():
        setattr(manifest, name, value)
    store.publish(manifest)
    return manifest


def past_of(store, rows, **fields):
    sample = ListSample(DATA, seed=1)
    sample.keep(SECTION, rows)
    new = Manifest(TENANT, "new", "building", "", courses=200, **fields)
    return read_past(new, sample, store)


def test_before_the_first_publish_there_is_no_past(store):
    past = past_of(store, lists(1))
    assert (past.live, past.before, past.likenesses, past.measured) == (None, None, {}, {})


def test_new_live_and_before_are_compared_with_each_other(store):
    published(store, lists(1))
    published(store, lists(2))
    past = past_of(store, lists(1))
    found = past.likenesses[SECTION]
    assert found.with_before.share == 1
    assert found.with_live.share == pytest.approx(found.live_with_before.share)
    assert found.with_live.share < 0.1
    assert found.is_repair(0.01)
    assert not past_of(store, lists(2)).likenesses[SECTION].is_repair(0.01)


def test_a_section_that_was_not_there_is_like_nothing(store):
    published(store, [ListRow("similar_users", 1, "m")])
    assert past_of(store, lists(1)).likenesses[SECTION].with_live is None


def test_rankings_are_compared_too(store):
    def ranking(start: int) -> dict[str, Ranking]:
        return {"popular": Ranking(DATA.courses.handles()[start : start + 60], [1.0] * 60)}

    published(store, lists(1), rankings=ranking(0))
    found = past_of(store, lists(1), rankings=ranking(10)).likenesses["recommendations/popular"]
    assert found.with_live.share == pytest.approx(50 / 70)


def test_figures_are_those_of_the_last_generation_that_has_any(store):
    def measured(value: float) -> list[ModelCard]:
        figures = [Figure("ndcg", 10, value, value, value)] if value else []
        return [ModelCard("m", "M", ["recommendations"], [], evaluation=figures)]

    for value in (0.1, 0.2, 0.0):
        published(store, lists(1), models=measured(value))
    assert past_of(store, lists(1)).measured["m"].evaluation[0].value == 0.2
    store.rollback(TENANT)
    store.rollback(TENANT)
    assert past_of(store, lists(1)).measured["m"].evaluation[0].value == 0.1


def test_a_damaged_live_generation_stops_nobody_from_replacing_it(store, tmp_path):
    live = published(store, lists(1))
    store.close()
    path = tmp_path / "store" / TENANT / f"{live.generation}.sqlite"
    path.unlink()
    past = past_of(store, lists(1))
    assert past.likenesses == {}
    assert live.generation in past.unread
    assert past.live.generation == live.generation


def test_rows_of_another_format_are_not_compared_and_that_is_said(store):
    published(store, lists(1), format=1)
    past = past_of(store, lists(1))
    assert past.likenesses == {}
    assert "another version" in past.unread


def test_what_was_not_kept_is_read_back_from_the_sealed_generation(store):
    manifest = build(store, lists(1))
    manifest.models = [
        ModelCard("m", "M", ["recommendations"], [], list_facts={"recommendations": None}),
        ModelCard("other", "M", ["recommendations"], [], list_facts={"recommendations": None}),
    ]
    store.complete(manifest)
    sample = ListSample(DATA, seed=1)
    sample.keep("recommendations/other", [])
    sample.read_back(store, manifest)
    assert sample.sections[SECTION] == {row.subject: row.entries for row in lists(1)}
    assert sample.sections["recommendations/other"] == {}
