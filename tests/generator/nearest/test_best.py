import numpy as np

from generator.nearest.best import NOTHING, indices_of, keys_of, merge, scores_of


def test_keys_sort_by_score_then_by_index_and_give_both_back():
    scores = np.array([0.5, -0.0, 0.0, -2, 0.5, np.float32(1e-30), 7e9], np.float32)
    indices = np.array([9, 4, 3, 0, 2, 2**32 - 2, 5])
    keys = keys_of(scores, indices)
    assert indices_of(np.sort(keys)).tolist() == [5, 2, 9, 2**32 - 2, 3, 4, 0]
    np.testing.assert_array_equal(scores_of(keys), scores)
    np.testing.assert_array_equal(indices_of(keys), indices)
    assert scores_of(np.array([NOTHING])).tolist() == [-np.inf]


def test_merging_keeps_each_rows_best():
    random = np.random.default_rng(0)
    best, everything = np.full((5, 4), NOTHING), [[] for _ in range(5)]
    for _ in range(6):
        row = random.integers(0, 4, 30)  # row 4 never gets any
        keys = random.integers(0, 2**63, 30).astype(np.uint64)
        merge(best, row, keys)
        for one, key in zip(row, keys, strict=True):
            everything[one].append(int(key))
        expected = [sorted(keys)[:4] for keys in everything[:4]]
        assert best[:4].tolist() == expected
    assert (best[4] == NOTHING).all()
