import numpy as np
import pytest
import scipy.sparse as sp

from generator.nearest import sparse_candidates
from generator.nearest.sparse_candidates import SparseCandidates
from tests.generator.nearest.brute_force import some_order, some_salts


def candidates_of(rows: list[list[float]]) -> SparseCandidates:
    return SparseCandidates(sp.csr_matrix(np.array(rows, np.float32)), some_order(len(rows)))


def groups_of(candidates: SparseCandidates) -> set[tuple[int, ...]]:
    return {
        tuple(sorted(candidates.members[first : first + size].tolist()))
        for first, size in zip(candidates.first, candidates.sizes, strict=True)
    }


def test_equal_vectors_are_stored_once_and_name_all_who_have_them():
    candidates = candidates_of([[1, 2], [0, 3], [1, 2], [0, 0], [1, 2], [0, 0]])
    assert groups_of(candidates) == {(0, 2, 4), (1,), (3, 5)}
    assert candidates.by_feature.shape == (2, 3)


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


@pytest.mark.parametrize("classes", [1, 3])
def test_the_first_of_a_large_group_are_among_few_that_are_looked_at(monkeypatch, classes):
    monkeypatch.setattr(sparse_candidates, "MANY", 500)
    order, salts = some_order(30_000, classes), some_salts(200)
    candidates = SparseCandidates(sp.csr_matrix(np.ones((30_000, 1), np.float32)), order)
    members = candidates.best_members(np.zeros(200, np.int64), np.full(200, 20))
    number, position = members.positions(slice(0, 200), salts)
    looked_at = candidates.members[position]
    assert len(looked_at) < 200 * 100
    everybody = np.arange(30_000)
    for row, salt in enumerate(salts):
        best = everybody[np.argsort(order.places(salt[None], everybody))[:20]]
        assert set(best) <= set(looked_at[number == row])
