import numpy as np
import pytest

from generator.evaluation import comparison as module
from generator.evaluation.comparison import Comparison
from shared.records import ListOverlap, Manifest, ModelCard, UserLists
from tests.datasets import make_dataset

DATA = make_dataset(
    interests=[(4, "aws")],
    views=[
        (1, "a", 60.0, ""),
        (2, "a", 60.0, ""),
        (2, "b", 60.0, ""),
        *[(3, f"c{i}", 60.0, "") for i in range(40)],
    ],
)


def compared(*lists_of_models: list[UserLists]) -> tuple[Comparison, list[ModelCard]]:
    """As a run does it: everybody's lists pass model by model, in blocks of one user."""
    comparison, cards = Comparison(DATA, seed=1), []
    for lists in lists_of_models:
        handle = lists[0].model_handle
        users = DATA.users.index_of([one.user_handle for one in lists])
        blocks = [(users[[i]], [one]) for i, one in enumerate(lists)]
        passed = list(comparison.passing(handle, blocks))
        assert [one for _, block in passed for one in block] == lists
        cards.append(ModelCard(handle, "", [], []))
        comparison.describe(cards[-1])
    return comparison, cards


def test_users_are_grouped_by_the_courses_they_viewed():
    comparison, (card,) = compared([UserLists(1, "m"), UserLists(3, "m")])
    groups = {(g.low, g.high): g.users for g in comparison.activity}
    assert groups == {(0, 0): 1, (1, 1): 1, (2, 3): 1, (4, 7): 0, (8, 15): 0, (16, 31): 0,
                      (32, None): 1}  # fmt: skip
    assert card.known_by_activity == [0, 1, 0, 0, 0, 0, 1]


def test_overlap_is_the_share_of_the_first_ten_that_both_have():
    ten = [f"c{i}" for i in range(10)]
    comparison, _ = compared(
        [UserLists(1, "m", [2, 3], courses=["a", *ten]), UserLists(2, "m", [1])],
        [UserLists(1, "n", [3, 4], courses=ten), UserLists(3, "n", [1])],
    )
    assert comparison.overlaps == [
        ListOverlap("similar_users", "m", "n", 0.5, 1),
        ListOverlap("recommendations", "m", "n", 0.9, 1),
    ]


def test_scores_are_spread_over_all_entries_and_lengths_over_all_users():
    scores = [1.0, 0.5, 0.25]
    _, (card,) = compared([UserLists(1, "m", [2, 3, 4], scores), UserLists(2, "m")])
    spread = card.spreads["similar_users"]
    assert spread.mean_length == 1.5
    np.testing.assert_allclose(spread.quantiles, np.quantile(scores, np.linspace(0, 1, 21)))
    assert card.spreads["recommendations"].quantiles == []


def test_popularity_is_the_share_of_users_who_viewed_what_is_listed():
    _, (card,) = compared([UserLists(4, "m", courses=["a", "b"])])
    assert card.mean_viewers_share == pytest.approx((2 / 4 + 1 / 4) / 2)


def test_a_sample_is_compared_where_there_are_many_users(monkeypatch):
    monkeypatch.setattr(module, "USERS_COMPARED", 2)
    everybody = [[UserLists(u, m, [9], courses=["a"]) for u in (1, 2, 3, 4)] for m in "mn"]
    comparison, _ = compared(*everybody)
    assert [overlap.users for overlap in comparison.overlaps] == [2, 2]


def test_what_was_compared_survives_the_manifest():
    comparison, cards = compared([UserLists(1, "m", [2], [0.5])], [UserLists(1, "n", [2], [0.5])])
    manifest = Manifest("default", "g", "ready", "now", models=cards)
    manifest.activity, manifest.overlaps = comparison.activity, comparison.overlaps
    assert Manifest.from_json(manifest.to_json()) == manifest
