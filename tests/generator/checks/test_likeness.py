import numpy as np
import pytest

from generator.checks.likeness import group_likeness, likeness, ranking_likeness
from shared.records import Ranking

LEAST = 0.01


def drawn(seed: int, subjects: int = 400, entries: int = 300, n: int = 10) -> dict:
    random = np.random.default_rng(seed)
    return {s: random.choice(entries, n, replace=False).tolist() for s in range(subjects)}


def with_changes(lists: dict, changed: int, seed: int = 9) -> dict:
    """The same lists, but for the last `changed` entries of each."""
    other = drawn(seed, len(lists))
    return {s: entries[: 10 - changed] + other[s][:changed] for s, entries in lists.items()}


def shuffled(lists: dict) -> dict:
    subjects = list(lists)
    return dict(zip(subjects, np.random.default_rng(5).permutation(subjects), strict=True))


def test_the_share_is_the_mean_jaccard_overlap_of_the_same_subjects():
    old = {s: [1, 2] for s in range(60)}
    new = {s: [1, 3] if s < 30 else [1, 2] for s in range(60)} | {777: [9]}
    assert likeness(new, old).share == pytest.approx((30 / 3 + 30) / 60)


def test_too_few_subjects_say_nothing_and_nor_do_lists_that_were_and_are_empty():
    assert likeness(drawn(1, 49), drawn(1, 49)) is None
    empty = {s: [] for s in range(400)}
    assert likeness(empty, empty) is None
    found = likeness({**empty, **drawn(1, 60)}, {**empty, **drawn(1, 60)})
    assert found.subjects == 60


@pytest.mark.parametrize("changed", [0, 3, 6])
def test_lists_that_changed_overnight_are_alike(changed):
    old = drawn(1)
    assert likeness(with_changes(old, changed), old).is_at_least(LEAST)


@pytest.mark.parametrize("entries", [40, 300, 6000])
def test_lists_by_lot_are_alike_by_chance_alone_however_many_entries_there_are(entries):
    found = likeness(drawn(1, entries=entries), drawn(2, entries=entries))
    assert not found.is_at_least(LEAST)
    # Two times 10 of N have 10 * 10 / N in common on average.
    expected = 100 / entries / (20 - 100 / entries)
    assert found.by_chance == pytest.approx(expected, abs=0.02)


def test_mixed_up_subjects_are_noticed_though_their_lists_are_good():
    old = drawn(1, entries=100)
    mixed = {s: old[int(other)] for s, other in shuffled(old).items()}
    assert not likeness(mixed, old).is_at_least(LEAST)


def test_where_everybody_has_the_same_list_there_is_nothing_to_mix_up():
    same = {s: list(range(10)) for s in range(100)}
    assert likeness(same, same).is_at_least(LEAST)


def test_a_least_of_nothing_lets_all_pass():
    assert likeness(drawn(1), drawn(2)).is_at_least(0)


def ranking(courses) -> Ranking:
    return Ranking(list(courses), [1.0] * len(courses))


def test_a_ranking_is_held_against_two_by_lot():
    yesterday = ranking(range(100))
    assert ranking_likeness(ranking(range(20, 120)), yesterday, 5000).is_at_least(LEAST)
    by_lot = np.random.default_rng(1).choice(5000, 100, replace=False).tolist()
    assert not ranking_likeness(ranking(by_lot), yesterday, 5000).is_at_least(LEAST)
    assert ranking_likeness(ranking(range(9)), yesterday, 5000) is None
    assert ranking_likeness(None, yesterday, 5000) is None


def test_of_few_groups_entries_are_counted_and_mixing_groups_up_is_noticed():
    old = drawn(1, 8)
    found = group_likeness(with_changes(old, 3), old, 300)
    assert found.subjects == 8
    assert found.is_at_least(LEAST)
    # Lists of 10 that share 7 have a Jaccard overlap of 7 / 13.
    assert found.share == pytest.approx(7 / 13, abs=0.05)
    assert not group_likeness(drawn(2, 8), old, 300).is_at_least(LEAST)
    mixed = {group: old[(group + 1) % 8] for group in old}
    assert not group_likeness(mixed, old, 300).is_at_least(LEAST)


def test_many_groups_are_compared_like_any_lists_and_next_to_none_not_at_all():
    assert group_likeness(drawn(1), drawn(2), 300) == likeness(drawn(1), drawn(2))
    assert group_likeness(drawn(1, 4), drawn(1, 4), 300) is None
    assert group_likeness({}, drawn(1), 300) is None
    alike = {group: list(range(10)) for group in range(8)}
    assert group_likeness(alike, alike, 300).is_at_least(LEAST)
