import numpy as np

from generator.nearest.top_n import TopN, empty_top_n, ordered


def test_noise_below_the_sixth_decimal_does_not_order_a_list():
    scores = np.array([[0.30000001, 0.3, 0.2, 0]], np.float32)
    top = ordered(TopN(np.array([[7, 3, 5, -1]], np.int32), scores))
    assert top.indices.tolist() == [[3, 7, 5, -1]]
    np.testing.assert_allclose(top.scores, [[0.3, 0.3, 0.2, 0]])


def test_padding_stays_behind_negative_scores():
    top = ordered(TopN(np.array([[4, -1, 2]], np.int32), np.array([[-0.5, 0, -0.25]], np.float32)))
    assert top.indices.tolist() == [[2, 4, -1]]


def test_nothing_is_ordered_into_nothing():
    assert ordered(empty_top_n(0, 3)).indices.shape == (0, 3)
    assert ordered(empty_top_n(2, 3)).indices.tolist() == [[-1] * 3] * 2
