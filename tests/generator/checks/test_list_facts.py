import numpy as np
import pytest

from generator.checks import sample as sampling
from generator.checks.list_facts import ListWatch, could_list
from generator.checks.sample import ListSample
from shared.kinds import KINDS
from shared.records import ListFacts, ListRow, ListSpread
from tests.datasets import make_dataset

DATA = make_dataset(users=range(100), courses=[f"c{i}" for i in range(100)])


def watched(lists, kind="recommendations", dataset=DATA, scores=None):
    """The watch that saw these entries of subjects 0, 1, ... pass, and what the sample kept."""
    entity = KINDS[kind].subject
    handles = (dataset.users if entity == "user" else dataset.courses).handles()
    rows = [
        ListRow(kind, handle, "m", list(entries), (scores or [1.0] * 99)[: len(entries)])
        for handle, entries in zip(handles, lists, strict=False)
    ]
    sample = ListSample(dataset, seed=1)
    watch = ListWatch(kind, sample, could_list(kind, dataset))
    for place, row in enumerate(rows):
        watch.look_at(np.array([place], np.int32), [row])
    return watch, sample


def facts_of(lists, kind="recommendations", dataset=DATA) -> ListFacts:
    return watched(lists, kind, dataset)[0].facts


def test_lists_and_empty_ones_are_counted():
    facts = facts_of([["a"], [], ["a", "b"], []], "similar_users")
    assert (facts.subjects, facts.empty, facts.exhausted) == (4, 2, 0)
    assert facts.distinct_entries == 2


@pytest.mark.parametrize(
    ("listed", "effective"),
    [
        ([["a", "b", "c", "d"]], 4),  # four courses, equally often
        ([["a"]] * 9, 1),
        ([["a", "b"], ["a"], ["a"]], 1.6),  # (3 + 1)^2 / (3^2 + 1^2)
        ([[]], 0),
    ],
)
def test_effective_entries_are_the_inverse_simpson_index(listed, effective):
    assert facts_of(listed).effective_entries == effective


FINISHED = make_dataset(
    # User 1 has viewed all there is to view, user 2 half of it; z is in the catalogue alone.
    views=[(1, "a", 9.0, ""), (1, "b", 9.0, ""), (2, "a", 9.0, "")],
    courses=["z"],
    users=[3],
)


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("similar_users", [True, True, True]),
        ("recommendations", [False, True, True]),
        ("similar_courses", [True, True, True]),
        ("course_users", [False, True, True]),  # everybody who views anything has viewed a
        ("resume", [True, True, False]),
    ],
)
def test_who_has_nothing_left_is_told_from_who_gets_nothing(kind, expected):
    assert could_list(kind, FINISHED).tolist() == expected
    facts = facts_of([[], [], []], kind, FINISHED)
    assert (facts.empty, facts.exhausted) == (3, expected.count(False))


def test_nobody_is_like_anybody_where_there_is_only_one():
    alone = make_dataset(views=[(1, "a", 9.0, "")])
    assert not any(could_list(kind, alone).any() for kind in KINDS if kind != "resume")


def test_scores_are_spread_over_all_entries_and_lengths_over_all_lists():
    watch, _ = watched([["a", "b", "c"], []], scores=[1.0, 0.5, 0.25])
    assert watch.spread.mean_length == 1.5
    expected = np.quantile([1.0, 0.5, 0.25], np.linspace(0, 1, 21))
    np.testing.assert_allclose(watch.spread.quantiles, expected)
    assert watched([[], []])[0].spread == ListSpread()


def test_the_sample_keeps_the_first_ten_entries_of_its_own_subjects(monkeypatch):
    monkeypatch.setattr(sampling, "SUBJECTS_SAMPLED", 7)
    long = [[f"c{i}" for i in range(30)]] * 100
    _, sample = watched(long)
    kept = sample.sections["recommendations/m"]
    assert len(kept) == 7
    assert all(entries == [f"c{i}" for i in range(10)] for entries in kept.values())
    assert watched(long)[1].sections == sample.sections


def test_what_is_not_on_offer_is_nothing_that_could_be_listed():
    data = make_dataset(views=[(1, "a", 60.0, ""), (2, "b", 60.0, "")], courses=["a", "b", "c"])
    gone = np.array([True, False, True])
    assert could_list("recommendations", data, gone).tolist() == [True, False]
    assert could_list("similar_courses", data, gone).tolist() == [True, False, True]
