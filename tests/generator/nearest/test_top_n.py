import numpy as np

from generator.nearest.ties import TieOrder, Ties
from generator.nearest.top_n import TopN, empty_top_n, ordered, rounded
from tests.generator.nearest.brute_force import some_salts


def ties_of(rows, entries=10):
    """Entries of one score come by index: each is of a class of its own."""
    return Ties(TieOrder(np.arange(entries), np.arange(entries)), some_salts(rows))


def test_noise_below_the_sixth_decimal_does_not_order_a_list():
    scores = np.array([[0.30000001, 0.3, 0.2, 0]], np.float32)
    top = ordered(TopN(np.array([[7, 3, 5, -1]], np.int32), scores), ties_of(1))
    assert top.indices.tolist() == [[3, 7, 5, -1]]
    np.testing.assert_allclose(top.scores, [[0.3, 0.3, 0.2, 0]])


def test_padding_stays_behind_negative_scores():
    indices, scores = np.array([[4, -1, 2]], np.int32), np.array([[-0.5, 0, -0.25]], np.float32)
    assert ordered(TopN(indices, scores), ties_of(1)).indices.tolist() == [[2, 4, -1]]


def test_nothing_is_ordered_into_nothing():
    assert ordered(empty_top_n(0, 3), ties_of(0)).indices.shape == (0, 3)
    assert ordered(empty_top_n(2, 3), ties_of(2)).indices.tolist() == [[-1] * 3] * 2


def test_rounding_is_to_six_decimals_keeps_the_order_and_changes_nothing_the_second_time():
    random = np.random.default_rng(0)
    scores = np.sort(random.lognormal(-2, 4, 100_000) * random.choice([-1, 1], 100_000))
    scores = scores.astype(np.float32)
    once = rounded(scores)
    small = np.abs(scores) < 4
    assert (np.abs(once[small] - scores[small].astype(np.float64)) < 7.5e-7).all()
    np.testing.assert_allclose(once[~small], scores[~small], rtol=2.5e-7)
    assert (np.diff(once) >= 0).all()
    np.testing.assert_array_equal(rounded(once), once)
    assert not np.signbit(rounded(np.array([-0.0, -1e-9], np.float32))).any()


def test_lists_that_are_in_order_stay_beside_lists_that_are_not():
    random = np.random.default_rng(3)
    scores = random.integers(1, 40, (200, 6)).astype(np.float32) / 8
    scores[:100] = -np.sort(-scores[:100], axis=1)
    indices = np.argsort(random.random((200, 10)), axis=1)[:, :6].astype(np.int32)
    indices[::9, 4:] = -1
    expected = [
        sorted(((-s, i) for s, i in zip(*row, strict=True) if i >= 0))
        for row in zip(scores.tolist(), indices.tolist(), strict=True)
    ]
    top = ordered(TopN(indices, scores), ties_of(200))
    for row, row_scores, of_row in zip(top.indices, top.scores, expected, strict=True):
        assert row[row >= 0].tolist() == [i for _, i in of_row]
        np.testing.assert_allclose(row_scores[row >= 0], [-s for s, _ in of_row], atol=1e-6)
        assert (row_scores[row < 0] == 0).all()


def test_each_list_has_its_own_order_whatever_lists_stand_beside_it():
    """The first has no tie, the others nothing but ties."""
    scores = np.ones((5, 6), np.float32)
    scores[0] = np.arange(6, 0, -1)
    indices = np.tile(np.arange(6, dtype=np.int32), (5, 1))
    ties = Ties(TieOrder(np.arange(6)), some_salts(5))
    together = ordered(TopN(indices.copy(), scores.copy()), ties).indices
    alone = [
        ordered(TopN(indices[[row]], scores[[row]]), ties.of(slice(row, row + 1))).indices[0]
        for row in range(5)
    ]
    np.testing.assert_array_equal(together, alone)
    assert len({tuple(row) for row in alone[1:]}) > 1
