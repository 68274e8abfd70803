"""The gate lets an ordinary night pass and stops each thing that can go wrong with data."""

from dataclasses import replace

import pytest

from generator.checks.gate import reasons_to_hold
from generator.checks.likeness import Likeness
from generator.checks.past import Likenesses, Past
from shared.kinds import KINDS
from shared.records import (
    RANKINGS,
    Evaluation,
    Figure,
    ListFacts,
    Manifest,
    ModelCard,
    list_section,
)
from shared.settings import GeneratorSettings

SETTINGS = GeneratorSettings(_env_file=None)
GOOD = ListFacts(1000, 10, 0, 300, effective_entries=200.0)
ALIKE = Likeness(0.6, 0.05, 0.01, 500)
BY_LOT = Likeness(0.05, 0.05, 0.01, 500)


def generation(facts: ListFacts = GOOD, model: str = "m", courses: int = 600, **of_kind: ListFacts):
    """Of one model that serves all kinds with these facts, but for those of `of_kind`."""
    every = {kind: replace(of_kind.get(kind, facts)) for kind in KINDS}
    card = ModelCard(model, "M", list(KINDS), [], list_facts=every)
    return Manifest("default", "g", "building", "", models=[card], courses=courses)


def like(found: Likeness, before: Likeness | None = None, then: Likeness | None = None, kind=None):
    kinds = [kind] if kind else KINDS
    return {list_section(k, "m"): Likenesses(found, before, then) for k in kinds}


def held(new, live=None, likenesses=None, settings=SETTINGS, **past):
    return reasons_to_hold(new, Past(live, likenesses=likenesses or {}, **past), settings)


def set_to(**settings):
    return GeneratorSettings(_env_file=None, **settings)


def test_an_ordinary_night_passes():
    tonight = generation(replace(GOOD, subjects=980, effective_entries=190.0))
    assert held(tonight, generation(), like(ALIKE)) == []


def test_a_first_run_passes_and_so_does_tiny_data():
    assert held(generation()) == []
    tiny = generation(ListFacts(4, 4))
    assert held(tiny) == []
    assert held(tiny, generation(ListFacts(5))) == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (replace(GOOD, subjects=790), "GATE_MIN_USERS_KEPT"),
        (replace(GOOD, effective_entries=99.0), "GATE_MIN_EFFECTIVE_KEPT"),
        (replace(GOOD, empty=160), "16% of the lists are empty after 1%"),
    ],
)
def test_one_kind_that_is_worse_than_the_live_one_holds_the_generation(kind, facts, words):
    (reason,) = held(generation(**{kind: facts}), generation(), like(ALIKE))
    assert words in reason
    assert reason.startswith(f"m, {KINDS[kind].title}: ")


@pytest.mark.parametrize("kind", KINDS)
def test_lists_by_lot_of_one_kind_are_not_hidden_by_the_other_kinds(kind):
    (reason,) = held(generation(), generation(), like(ALIKE) | like(BY_LOT, kind=kind))
    assert f"m, {KINDS[kind].title}: " in reason
    assert "GATE_MIN_OVERLAP" in reason


def test_a_repair_is_recognised_by_what_was_live_before():
    """Live are lists by lot; the new ones are like those before them."""
    repaired = like(BY_LOT, before=ALIKE, then=BY_LOT)
    live = generation(replace(GOOD, effective_entries=590.0))
    assert held(generation(), live, repaired, before=generation()) == []
    # A repair has to be as good as what was there before it broke.
    (reason,) = held(
        generation(recommendations=replace(GOOD, subjects=300)),
        generation(),
        repaired,
        before=generation(),
    )
    assert "300 lists after 1,000" in reason


def test_old_data_that_comes_back_is_no_repair():
    """Tonight half of the users are gone, as before the live generation; its lists are sound."""
    grown = generation(replace(GOOD, subjects=2000))
    back = like(ALIKE, before=Likeness(1.0, 0.05, 0.01, 500), then=ALIKE)
    assert len(held(generation(), grown, back, before=generation())) == len(KINDS)


def test_a_change_that_was_live_for_long_is_no_repair():
    assert len(held(generation(), generation(), like(BY_LOT, BY_LOT, ALIKE))) == len(KINDS)
    assert len(held(generation(), generation(), like(BY_LOT))) == len(KINDS)


def test_a_model_or_a_kind_that_would_be_gone_holds_it_until_it_may_go():
    (reason,) = held(generation(model="other"), generation())
    assert reason == "m is live and would be gone. If it may go: GATE_MAY_GO=m."
    assert held(generation(model="other"), generation(), settings=set_to(gate_may_go="m")) == []
    fewer = generation()
    del fewer.models[0].list_facts["course_users"]
    (reason,) = held(fewer, generation())
    assert "m, users for a course: " in reason
    assert held(fewer, generation(), settings=set_to(gate_may_go="n,m")) == []


def test_why_a_live_model_is_gone_is_said():
    new = generation(model="other")
    new.models.append(ModelCard("m", "M", [], [], skipped="failed: no rows.", failed=True))
    (reason,) = held(new, generation())
    assert "m is live and would be gone: it failed: no rows." in reason


@pytest.mark.parametrize("kind", KINDS)
def test_a_first_run_with_empty_lists_of_one_kind_is_held(kind):
    (reason,) = held(generation(**{kind: replace(GOOD, empty=510)}))
    assert f"{KINDS[kind].title}: 51% of the lists are empty" in reason


def test_who_has_seen_everything_is_no_reason_to_hold():
    mostly_finished = generation(recommendations=ListFacts(100, 92, 90, 8, 7.0), courses=8)
    assert held(mostly_finished) == []
    assert held(mostly_finished, generation(recommendations=ListFacts(100, 50, 48, 8, 7.0))) == []
    # Of 100 who could get a list 60 got none.
    (reason,) = held(generation(recommendations=ListFacts(190, 150, 90, 8, 7.0), courses=8))
    assert "60% of the lists are empty" in reason


def test_a_first_run_that_lists_the_same_for_everybody_is_held_unless_there_is_little_to_choose():
    same = replace(GOOD, effective_entries=20.0)
    (reason,) = held(generation(recommendations=same))
    assert "GATE_MIN_EFFECTIVE_COURSES" in reason
    assert held(generation(recommendations=same, courses=30)) == []
    assert held(generation(resume=same)) == [], "of what somebody began there is no choice"
    by_segment = generation(recommendations=same)
    by_segment.models[0].grouped_by = ["segment"]
    assert held(by_segment) == []


def test_every_reason_is_given_at_once():
    bad = ListFacts(300, 200, effective_entries=21.0)
    assert len(held(generation(recommendations=bad), generation(), like(BY_LOT))) == 5 + len(KINDS)


def test_thresholds_are_settings():
    fewer = generation(replace(GOOD, subjects=200, empty=0))
    assert len(held(fewer, generation())) == len(KINDS)
    assert held(fewer, generation(), settings=set_to(gate_min_users_kept=0.1)) == []


def evaluated(value: float, spread: float = 0.01, loses: bool = False, users: int = 1000):
    found = generation()
    (card,) = found.models
    card.evaluation = [Figure("ndcg", 10, value, value - spread, value + spread)]
    card.measures["beats_popular"] = float(not loses)
    popular = {"popular": [Figure("ndcg", 10, 0.05, 0.05, 0.05)]}
    found.evaluation = Evaluation("by hand", users, popular)
    return found


def measured(last):
    return {card.model_handle: card for card in last.models}


def test_a_model_that_finds_much_less_than_it_did_when_last_measured_is_held():
    """Also if the live generation has no figures."""
    for live in (evaluated(0.20), generation()):
        (reason,) = held(evaluated(0.15), live, like(ALIKE), measured=measured(evaluated(0.20)))
        assert "ndcg_at_10 is 0.1500" in reason
        assert "GATE_MIN_METRIC_KEPT (80%)" in reason


@pytest.mark.parametrize(
    ("new", "last"),
    [
        (evaluated(0.165), evaluated(0.20)),  # more than 80 % of it
        (evaluated(0.15, spread=0.04), evaluated(0.20)),  # it may be chance
        (generation(), evaluated(0.20)),  # not measured this time
        (evaluated(0.15), generation()),  # never measured
    ],
)
def test_a_small_or_unsure_fall_passes(new, last):
    assert held(new, last, like(ALIKE), measured=measured(last)) == []


def test_another_metric_can_be_looked_at():
    by_recall = set_to(gate_metric="recall_at_20")
    last = measured(evaluated(0.2))
    assert held(evaluated(0.1), generation(), like(ALIKE), by_recall, measured=last) == []


def test_worse_than_popular_is_held_only_if_that_was_asked_for_and_is_no_chance():
    strict = set_to(gate_must_beat_popular=True)
    worse = evaluated(0.04, loses=True)
    assert held(worse) == []
    (reason,) = held(worse, settings=strict)
    assert "most viewed courses 0.0500" in reason
    assert held(evaluated(0.04), settings=strict) == []
    assert held(evaluated(0.04, loses=True, users=9), settings=strict) == []
    assert held(generation(), settings=strict) == []


def test_a_losing_model_that_is_skipped_holds_nothing_and_its_courses_may_go():
    skipping = set_to(gate_must_beat_popular=True, gate_losing_model="skip")
    new = evaluated(0.04, loses=True)
    del new.models[0].list_facts["recommendations"]
    assert held(new, generation(), like(ALIKE), skipping) == []
    del new.models[0].list_facts["similar_users"]
    assert len(held(new, generation(), like(ALIKE), skipping)) == 1


# Rankings of groups

FEW_GROUPS = ListFacts(12, 0, 0, 60, effective_entries=40.0)


def with_groups(facts: ListFacts | None) -> Manifest:
    manifest = generation()
    manifest.models[0].group_facts = facts
    return manifest


@pytest.mark.parametrize(
    ("now", "words"),
    [
        (replace(FEW_GROUPS, subjects=7), "7 lists after 12"),
        (replace(FEW_GROUPS, effective_entries=15.0), "GATE_MIN_EFFECTIVE_KEPT"),
        (None, "are live and would be gone"),
    ],
)
def test_rankings_of_groups_are_held_against_the_live_ones_however_few_groups_there_are(now, words):
    live = with_groups(FEW_GROUPS)
    assert held(with_groups(FEW_GROUPS), live, like(ALIKE)) == []
    (reason,) = held(with_groups(now), live, like(ALIKE))
    assert reason.startswith("m, rankings of groups: ")
    assert words in reason


def test_rankings_of_groups_by_lot_are_not_hidden_by_the_lists_and_may_be_a_repair():
    rankings = {list_section(RANKINGS, "m"): Likenesses(BY_LOT)}
    new, live = with_groups(FEW_GROUPS), with_groups(FEW_GROUPS)
    (reason,) = held(new, live, like(ALIKE) | rankings)
    assert reason.startswith("m, rankings of groups: ")
    repaired = {list_section(RANKINGS, "m"): Likenesses(BY_LOT, ALIKE, BY_LOT)}
    assert held(new, live, like(ALIKE) | repaired, before=with_groups(FEW_GROUPS)) == []


def test_rankings_of_groups_may_go_where_they_are_switched_off():
    live, without = with_groups(FEW_GROUPS), with_groups(None)
    assert held(without, live, like(ALIKE), set_to(group_rankings=False)) == []
