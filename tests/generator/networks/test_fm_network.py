"""The identity for pairs against their plain double sum, in float64."""

from itertools import combinations

import numpy as np
import pytest
import scipy.sparse as sp

from generator.networks.factor_batches import PairBatches, Pairs

FEATURES, SIZE, COURSES = 11, 3, 5


@pytest.fixture(scope="module")
def case():
    from generator.networks.feature_lists import FeatureLists
    from generator.networks.fm_network import FmNetwork
    from generator.networks.losses import Loss

    random = np.random.default_rng(3)
    start = random.normal(size=(FEATURES, SIZE + 1)).astype(np.float32)
    shares = random.random(FEATURES).astype(np.float32)
    has = random.random((COURSES, FEATURES)) * (random.random((COURSES, FEATURES)) < 0.5)
    has[2] = 0
    courses = sp.csr_matrix(has.astype(np.float32))
    loss = Loss("softmax", np.ones(COURSES, np.int64), 1, 1)
    network = FmNetwork(start, shares, FeatureLists.of(courses), loss, reg=0.7)
    return network, start.astype(np.float64), shares, has


def all_pairs(x, table):
    """Equation 1 of the paper, term by term."""
    factors, w = table[:, :-1], table[:, -1]
    pairs = sum(factors[i] @ factors[j] * x[i] * x[j] for i, j in combinations(range(len(x)), 2))
    return w @ x + pairs


def test_a_score_is_the_sum_over_all_pairs_of_features_of_both_sides(case):
    network, table, _, has = case
    user = {3: 1.0, 8: 0.5}
    given = {
        "features": np.array([[1 + place for place in user] + [0]], np.int32),
        "values": np.array([[*user.values(), 0.0]], np.float32),
    }
    scores = np.asarray(network(given)) @ np.asarray(network.of_courses.every()).T
    x = np.zeros(FEATURES)
    x[list(user)] = list(user.values())
    for course in range(COURSES):
        # A feature of both sides would be two features.
        both = np.concatenate([x, has[course]])
        expected = all_pairs(both, np.vstack([table, table]))
        assert scores[0, course] == pytest.approx(expected, rel=1e-4, abs=1e-5)


def test_the_loss_has_each_examples_part_of_what_pulls_its_features(case):
    network, table, shares, has = case
    given = {
        "features": np.array([[2, 9], [4, 0]], np.int32),
        "values": np.array([[1, 1], [1, 0]], np.float32),
    }
    targets, amounts = np.array([1, 0], np.int32), np.ones(2, np.float32)
    with_pull = float(network.compute_loss(given, (targets, amounts), network(given)))
    logits = (np.asarray(network(given)) @ np.asarray(network.of_courses.every()).T)[0]
    plain = np.log(np.exp(logits.astype(np.float64)).sum()) - logits[0]
    squares = (table[:, :-1] ** 2).sum(axis=1) * shares
    pulled = squares[[1, 8, 3]].sum() + squares[has[0] > 0].sum()
    assert with_pull == pytest.approx(plain + 0.7 * pulled, rel=1e-4)


def test_batches_hold_the_course_that_was_taken_up_before(case):
    from generator.networks.feature_lists import FeatureLists
    from generator.networks.fm_batches import FmBatches

    users = FeatureLists.of(sp.identity(4).tocsr().astype(np.float32))
    pairs = Pairs(np.array([0, 0, 3], np.int32), np.array([2, 4, 1], np.int32), np.ones(3))
    before = sp.csr_matrix(([3], ([0], [4])), shape=(4, COURSES), dtype=np.int32)
    batches = FmBatches(PairBatches(pairs, COURSES, 1), users, before, first_before=6)
    ((inputs, (courses, _)),) = batches.of_epoch(0)
    rows = {
        (int(features[0]), int(course)): (features.tolist(), values.tolist())
        for features, values, course in zip(
            inputs["features"], inputs["values"], courses, strict=True
        )
        if course
    }
    assert rows[1, 3] == ([1, 0], [1, 0])
    assert rows[1, 5] == ([1, 9], [1, 1])
    assert rows[4, 2] == ([4, 0], [1, 0])
