import numpy as np
import pytest

from generator.networks.backend import ops
from generator.networks.contrastive_batches import USER, VIEWS, ContrastiveBatches
from generator.networks.contrastive_network import ContrastiveNetwork, info_nce
from generator.networks.course_vectors import CourseVectors
from generator.networks.losses import Loss
from generator.networks.recurrent import Recurrent
from generator.networks.sequences import COURSES, EMBEDDED, Sequences, windows_to_learn_from

SIZE, N_COURSES = 6, 9


def one_by_one(states, users, temperature):
    """The loss of every row that counts, in plain Python."""
    rows, losses = len(users), []
    for place in range(2 * rows):
        user, other = users[place % rows], (place + rows) % (2 * rows)
        if not user:
            continue
        candidates = [other] + [
            c for c in range(2 * rows) if users[c % rows] and users[c % rows] != user
        ]
        exponents = {c: np.exp(states[place] @ states[c] / temperature) for c in candidates}
        losses.append(-np.log(exponents[other] / sum(exponents.values())))
    return np.mean(losses)


@pytest.mark.parametrize("users", [[1, 2, 3, 4], [1, 1, 2, 3], [1, 2, 0, 0], [7, 0, 0, 0]])
def test_the_loss_is_that_of_the_formula_without_empty_rows_and_parts_of_the_same_user(users):
    states = np.random.default_rng(1).normal(size=(8, SIZE))
    states /= np.linalg.norm(states, axis=1, keepdims=True)
    found = info_nce(ops.convert_to_tensor(states.astype(np.float32)), np.array(users), 0.3)
    assert float(found) == pytest.approx(one_by_one(states, users, 0.3), abs=1e-5)


def test_a_batch_of_nobody_costs_nothing():
    states = np.ones((4, SIZE), np.float32)
    assert float(info_nce(ops.convert_to_tensor(states), np.zeros(2, np.int32), 0.3)) == 0


@pytest.fixture(scope="module")
def batch():
    random = np.random.default_rng(0)
    courses = 1 + random.integers(N_COURSES, size=30).astype(np.int32)
    sequences = Sequences(np.array([0, 5, 12, 20, 30]), {COURSES: courses})
    windows = windows_to_learn_from(sequences, 8)
    batches = ContrastiveBatches(
        sequences, windows, 8, 1, cropped_to=0.6, masked=0.3, reordered=0.6
    )
    (only,) = batches.of_epoch(0)
    return only


def network(**weights):
    start = np.random.default_rng(1).normal(size=(N_COURSES, SIZE)).astype(np.float32)
    viewers = np.ones(N_COURSES, np.int64)
    parts = Recurrent("gru", SIZE, 1, 0.0, 0), Loss("softmax", viewers, 3, 0), {"gaps": 4}, 0.0, 0
    return ContrastiveNetwork(CourseVectors(start), *parts, temperature=0.5, **weights)


def loss_of(made, inputs, targets):
    given = {**inputs, "gaps": np.ones_like(inputs[COURSES])}
    return float(made.compute_loss(given, targets, made(given)))


def test_the_two_losses_are_added_by_their_weights(batch):
    contrast, foretold, both = (
        network(contrast_weight=c, next_weight=n) for c, n in ((1.0, 0.0), (0.0, 1.0), (0.4, 2.0))
    )
    for other in (foretold, both):
        other.set_weights(contrast.get_weights())
    alone = [loss_of(made, *batch) for made in (contrast, foretold)]
    assert loss_of(both, *batch) == pytest.approx(0.4 * alone[0] + 2 * alone[1], rel=1e-5)


def test_the_states_that_are_compared_are_those_it_would_be_asked_for(batch):
    inputs, targets = batch
    made = network(contrast_weight=1.0, next_weight=0.0)
    table = np.vstack([np.zeros((1, SIZE), np.float32), made.table()])
    courses = inputs[COURSES]
    given = {EMBEDDED: table[courses], COURSES: courses, "gaps": np.zeros_like(courses)}
    states = np.array(made.asked()(given))
    states /= np.maximum(np.linalg.norm(states, axis=1, keepdims=True), 1e-6)
    expected = one_by_one(np.vstack([states, states]), inputs[USER], 0.5)
    # Two views in which nothing is gone: whatever was read of a step beside its course is unknown.
    whole = {**inputs, **dict.fromkeys(VIEWS, courses)}
    assert loss_of(made, whole, targets) == pytest.approx(expected, rel=1e-4)
