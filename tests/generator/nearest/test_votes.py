import numpy as np
import scipy.sparse as sp

from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.ties import TieOrder
from generator.nearest.top_n import TopN
from generator.nearest.votes import LastNeighbours, themselves, top_n_of_neighbours
from tests.generator.nearest.brute_force import some_salts


def top_n(neighbours, weights, n, seen, viewers=None):
    courses = SparseCandidates(weights.T.tocsr(), TieOrder(np.arange(weights.shape[1]), viewers))
    salts = some_salts(seen.shape[0])
    return top_n_of_neighbours(neighbours, courses, n, salts=salts, seen=seen)


def test_courses_score_the_sum_of_similarity_times_weight():
    # User 0 has neighbours 1 (0.5) and 2 (0.25); 3 is padding, and user 4 is not a neighbour.
    neighbours = TopN(np.array([[1, 2, -1]], np.int32), np.array([[0.5, 0.25, 0]], np.float32))
    weights = sp.csr_matrix(
        np.array([[9, 9, 9], [2, 0, 4], [4, 1, 0], [7, 7, 7], [5, 5, 5]], np.float32)
    )
    nothing_seen = sp.csr_matrix((1, 3), dtype=bool)
    top = top_n(neighbours, weights, 3, nothing_seen, [0, 1, 2])
    # 0: .5*2 + .25*4 = 2;  2: .5*4 = 2 (a tie, and of a later class);  1: .25*1
    assert top.indices.tolist() == [[0, 2, 1]]
    assert top.scores.tolist() == [[2, 2, 0.25]]


def test_seen_courses_and_neighbours_below_zero_do_not_count():
    neighbours = TopN(np.array([[1, 2]], np.int32), np.array([[1, -1]], np.float32))
    weights = sp.csr_matrix(np.array([[0, 0], [1, 1], [50, 50]], np.float32))
    seen = sp.csr_matrix(np.array([[True, False]]))
    top = top_n(neighbours, weights, 2, seen)
    assert top.indices.tolist() == [[1, -1]]
    assert top.scores.tolist() == [[1, 0]]


def test_themselves_marks_one_user_a_row():
    assert themselves(np.array([2, 0], np.int32), 3).toarray().tolist() == [
        [False, False, True],
        [True, False, False],
    ]


def test_neighbours_are_ranked_once_for_all_that_a_block_of_users_needs():
    random, calls = np.random.default_rng(0), []
    table = TopN(
        random.integers(0, 99, (9, 8)).astype(np.int32), random.random((9, 8)).astype(np.float32)
    )

    def rank(users, n):
        calls.append((users.tolist(), n))
        return TopN(table.indices[users, :n], table.scores[users, :n])

    last, block, other = LastNeighbours(k=4), np.array([2, 5]), np.array([5, 2])
    for users, n, how in [
        (block, 3, 1),
        (block, 4, 1),
        (block, 6, 1),
        (block, 2, 1),
        (other, 2, 1),
        (other, 2, 2),
    ]:
        top = last.of(users, n, rank, how)
        np.testing.assert_array_equal(top.indices, table.indices[users, :n])
        np.testing.assert_array_equal(top.scores, table.scores[users, :n])
    assert calls == [([2, 5], 4), ([2, 5], 6), ([5, 2], 4), ([5, 2], 4)]
