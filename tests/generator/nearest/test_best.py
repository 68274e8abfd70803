import numpy as np

from generator.nearest.best import NOTHING, keys_of, merge, places_of, scores_of


def test_keys_sort_by_score_then_by_place_and_give_both_back():
    scores = np.array([0.5, -0.0, 0.0, -2, 0.5, np.float32(1e-30), 7e9], np.float32)
    places = np.array([9, 4, 3, 0, 2, 2**32 - 2, 5], np.uint32)
    keys = keys_of(scores, places)
    assert places_of(np.sort(keys)).tolist() == [5, 2, 9, 2**32 - 2, 3, 4, 0]
    np.testing.assert_array_equal(scores_of(keys), scores)
    np.testing.assert_array_equal(places_of(keys), places)
    assert scores_of(np.array([NOTHING])).tolist() == [-np.inf]


def test_merging_keeps_each_rows_best():
    random = np.random.default_rng(0)
    best, everything = np.full((5, 4), NOTHING), [[] for _ in range(5)]
    for _ in range(6):
        row = random.integers(0, 4, 30)  # row 4 never gets any
        keys = random.integers(0, 2**63, 30).astype(np.uint64)
        merge(best, row, keys)
        for of_row, key in zip(row, keys, strict=True):
            everything[of_row].append(int(key))
        expected = [sorted(keys)[:4] for keys in everything[:4]]
        assert best[:4].tolist() == expected
    assert (best[4] == NOTHING).all()


def test_merging_works_for_more_rows_than_sixteen_bits_count():
    rows = 70_000
    best = np.full((rows, 2), NOTHING)
    row = np.random.default_rng(1).permutation(np.repeat(np.arange(rows), 3))
    keys = np.random.default_rng(2).permutation(len(row)).astype(np.uint64)
    merge(best, row, keys)
    by_row = keys[np.argsort(row, kind="stable")].reshape(rows, 3)
    np.testing.assert_array_equal(best, np.sort(by_row, axis=1)[:, :2])
