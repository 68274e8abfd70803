import numpy as np
import scipy.sparse as sp

from generator.nearest.sparse_candidates import SparseCandidates


def candidates_of(rows: list[list[float]]) -> SparseCandidates:
    return SparseCandidates(sp.csr_matrix(np.array(rows, np.float32)))


def groups_of(candidates: SparseCandidates) -> set[tuple[int, ...]]:
    return {
        tuple(candidates.members[first : first + size].tolist())
        for first, size in zip(candidates.first, candidates.sizes, strict=True)
    }


def test_equal_vectors_are_stored_once_and_name_all_who_have_them_in_order():
    candidates = candidates_of([[1, 2], [0, 3], [1, 2], [0, 0], [1, 2], [0, 0]])
    assert groups_of(candidates) == {(0, 2, 4), (1,), (3, 5)}
    assert candidates.by_feature.shape == (2, 3)
    assert sorted(candidates.lowest) == [0, 1, 3]


def test_vectors_of_the_same_numbers_in_other_places_are_not_equal():
    assert len(groups_of(candidates_of([[1, 2, 0], [2, 1, 0], [1, 0, 2], [3, 0, 0]]))) == 4


def test_as_many_groups_are_found_as_there_are_different_rows():
    random = np.random.default_rng(0)
    rows = random.integers(0, 3, (3000, 8)) * random.integers(0, 2, (3000, 8))
    candidates = candidates_of(rows.tolist())
    assert len(groups_of(candidates)) == len(np.unique(rows, axis=0))


def test_each_group_has_its_own_vector():
    rows = np.random.default_rng(1).integers(0, 3, (40, 5))
    candidates = candidates_of(rows.tolist())
    stored = candidates.by_feature.T.toarray()
    for vector, first, size in zip(stored, candidates.first, candidates.sizes, strict=True):
        members = candidates.members[first : first + size]
        assert (rows[members] == vector).all()


def test_vectors_that_share_their_most_common_features_are_neighbours():
    # Feature 0 is the most common, then 1; 2 and 3 are rare.
    rows = [[1, 0, 0, 0], [0, 1, 0, 1], [1, 1, 0, 0], [0, 1, 1, 0], [1, 0, 1, 0], [2, 1, 0, 0]]
    candidates = candidates_of([*rows, [3, 0, 0, 0]])
    common = [tuple(np.flatnonzero(row)[:2].tolist()) for row in candidates.by_feature.T.toarray()]
    assert common == [(0, 1), (0, 1), (0, 2), (0,), (0,), (1, 2), (1, 3)]
