import pytest

from generator.checks.model_comparison import (
    activity_groups,
    known_by_activity,
    mean_viewers_share,
    model_overlaps,
)
from generator.checks.sample import ListSample
from shared.records import ListRow, Manifest, ModelCard, ModelOverlap
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
CARDS = [ModelCard(handle, "", [], []) for handle in "mn"]


def sample_of(*rows: tuple) -> ListSample:
    sample = ListSample(DATA, seed=1)
    for kind, subject, handle, entries in rows:
        row = ListRow(kind, subject, handle, list(entries), [1.0] * len(entries))
        sample.keep(row.section, [row])
    return sample


def test_users_are_grouped_by_the_courses_they_viewed():
    groups = {(g.low, g.high): g.users for g in activity_groups(DATA)}
    assert groups == {(0, 0): 1, (1, 1): 1, (2, 3): 1, (4, 7): 0, (8, 15): 0, (16, 31): 0,
                      (32, None): 1}  # fmt: skip
    known = DATA.users.index_of([1, 3])
    assert known_by_activity(known, DATA) == [0, 1, 0, 0, 0, 0, 1]


def test_overlap_is_the_share_of_the_first_ten_that_both_have_kind_by_kind():
    ten = [f"c{i}" for i in range(10)]
    sample = sample_of(
        ("similar_users", 1, "m", [2, 3]),
        ("similar_users", 1, "n", [3, 4]),
        ("similar_users", 2, "m", [1]),
        ("recommendations", 1, "m", ["a", *ten]),
        ("recommendations", 1, "n", ten),
        ("similar_courses", "a", "m", ["b"]),
        ("similar_courses", "a", "n", ["b", "c"]),
        ("similar_courses", "b", "n", []),
    )
    assert model_overlaps(CARDS, sample) == [
        ModelOverlap("similar_users", "m", "n", 0.5, 1),
        ModelOverlap("recommendations", "m", "n", 0.9, 1),
        ModelOverlap("similar_courses", "m", "n", 1.0, 1),
    ]


def test_popularity_is_the_share_of_users_who_viewed_what_is_listed():
    assert mean_viewers_share({4: ["a", "b"]}, DATA) == pytest.approx((2 / 4 + 1 / 4) / 2)
    assert mean_viewers_share({4: []}, DATA) is None


def test_what_was_compared_survives_the_manifest():
    sample = sample_of(("similar_users", 1, "m", [2]), ("similar_users", 1, "n", [2]))
    manifest = Manifest("default", "g", "ready", "now", models=CARDS)
    manifest.activity = activity_groups(DATA)
    manifest.model_overlaps = model_overlaps(CARDS, sample)
    assert Manifest.from_json(manifest.to_json()) == manifest
