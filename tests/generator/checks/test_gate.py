"""The gate lets an ordinary night pass and stops each thing that can go wrong with data."""

from dataclasses import replace

import pytest

from generator.evaluation.gate import overlap_with_live, reasons_to_hold
from shared.records import Evaluation, Figure, ListFacts, Manifest, ModelCard, UserLists
from shared.settings import Settings
from shared.stores import open_store
from tests.generations import publish

SETTINGS = Settings(_env_file=None)
GOOD = ListFacts(1000, 10, 20, 50, effective_courses=200.0)


def generation(facts: ListFacts = GOOD, users: int = 1000, model: str = "m", courses: int = 600):
    card = ModelCard(model, "M", ["similar_users", "recommendations"], [], users=users, lists=facts)
    return Manifest("default", "g", "building", "", models=[card], courses=courses)


def held(new, live=None, overlaps=None, settings=SETTINGS):
    return reasons_to_hold(new, live, overlaps or {}, settings)


def test_an_ordinary_night_passes():
    tonight = generation(replace(GOOD, users=980, effective_courses=190.0), users=980)
    assert held(tonight, generation(), {"m": 0.6}) == []


def test_a_first_run_passes_and_so_does_tiny_data():
    assert held(generation()) == []
    tiny = generation(ListFacts(4, 4, 4, 4, effective_courses=0.0), users=4)
    assert held(tiny) == []
    assert held(tiny, generation(ListFacts(5, 0, 0, 0, effective_courses=0.0), users=5)) == []


@pytest.mark.parametrize(
    ("new", "overlap", "words"),
    [
        (generation(users=790), 0.6, "GATE_MIN_USERS_KEPT"),
        (generation(), 0.009, "GATE_MIN_OVERLAP"),
        (generation(replace(GOOD, effective_courses=99.0)), 0.6, "GATE_MIN_EFFECTIVE_KEPT"),
        (generation(replace(GOOD, without_courses=160)), 0.6, "without courses after 5%"),
        (generation(replace(GOOD, without_similar_users=130)), 0.6, "without similar users after"),
        (generation(model="other"), 0.6, "m is live and would be gone"),
    ],
)
def test_a_generation_that_is_worse_than_the_live_one_is_held(new, overlap, words):
    reasons = held(new, generation(), {"m": overlap})
    assert len(reasons) == 1
    assert words in reasons[0]


def test_a_first_run_with_empty_lists_is_held():
    reasons = held(generation(replace(GOOD, empty=510)))
    assert "51% of its users have empty lists" in reasons[0]


def test_a_first_run_that_lists_the_same_for_everybody_is_held_unless_there_is_little_to_choose():
    same = replace(GOOD, effective_courses=20.0)
    assert "GATE_MIN_EFFECTIVE_COURSES" in held(generation(same))[0]
    assert held(generation(same, courses=30)) == []


def test_every_reason_is_given_at_once():
    bad = generation(ListFacts(300, 200, 250, 250, effective_courses=21.0), users=300)
    assert len(held(bad, generation(), {"m": 0.0})) == 7


def test_thresholds_are_settings():
    lenient = Settings(_env_file=None, gate_min_users_kept=0.1)
    assert held(generation(users=200), generation(), settings=lenient) == []


def evaluated(value: float, spread: float = 0.01, popular: float = 0.05, users: int = 1000):
    found = generation()
    found.models[0].evaluation = [Figure("ndcg", 10, value, value - spread, value + spread)]
    beside = {"popular": [Figure("ndcg", 10, popular, popular, popular)]}
    found.evaluation = Evaluation("by hand", users, beside)
    return found


def test_a_model_that_finds_much_less_than_the_live_one_is_held():
    (reason,) = held(evaluated(0.15), evaluated(0.20), {"m": 0.6})
    assert "ndcg_at_10 is 0.1500" in reason
    assert "GATE_MIN_METRIC_KEPT (80%)" in reason


@pytest.mark.parametrize(
    ("new", "live"),
    [
        (evaluated(0.165), evaluated(0.20)),  # more than 80 % of it
        (evaluated(0.15, spread=0.04), evaluated(0.20)),  # it may be chance
        (generation(), evaluated(0.20)),  # not measured this time
        (evaluated(0.15), generation()),  # not measured last time
    ],
)
def test_a_small_or_unsure_fall_passes(new, live):
    assert held(new, live, {"m": 0.6}) == []


def test_another_metric_can_be_looked_at():
    by_recall = Settings(_env_file=None, gate_metric="recall_at_20")
    assert held(evaluated(0.1), evaluated(0.2), {"m": 0.6}, by_recall) == []


def test_worse_than_popular_is_held_only_if_that_was_asked_for():
    strict = Settings(_env_file=None, gate_must_beat_popular=True)
    worse = evaluated(0.04)
    assert held(worse) == []
    assert "most viewed courses 0.0500" in held(worse, settings=strict)[0]
    assert held(evaluated(0.06), settings=strict) == []
    assert held(evaluated(0.04, users=9), settings=strict) == []
    assert held(generation(), settings=strict) == []


def test_overlap_is_the_mean_share_of_entries_in_common(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}/store")
    before = [UserLists(u, "m", [1, 2], [1, 1], ["a", "b"], [1, 1]) for u in range(60)]
    publish(store, [*before, *(UserLists(u, "rare", [1], [1]) for u in range(9))])
    live = store.live("default")
    live.models = [ModelCard("m", "", [], []), ModelCard("rare", "", [], [])]
    # Of the union 1, 2, 3, a, b, c two of six are in both for half of the users, all for the rest.
    sample = [UserLists(u, "m", [1, 3], [1, 1], ["a", "c"], [1, 1]) for u in range(30)]
    sample += before[30:]
    sample += [UserLists(u, "m", [9], [1]) for u in (777, 778)]  # new users say nothing
    sample += [UserLists(u, "rare", [1], [1]) for u in range(9)]  # too few to say anything
    assert overlap_with_live(sample, live, store) == {"m": pytest.approx((30 / 3 + 30) / 60)}
    assert overlap_with_live(sample, None, store) == {}
    store.close()
