"""Steps against gradients that are taken number by number, in float64."""

import numpy as np
import pytest

from generator.networks.task_batches import FEATURES, KNOWN, STAGES, VALUES

COURSES, SIZE, STAGES_IN_ALL, FEATURES_IN_ALL, STEPS = 7, 3, 4, 2, 2


@pytest.fixture(scope="module")
def start():
    from generator.networks.maml_network import MamlStart

    random = np.random.default_rng(5)

    def numbers(*shape):
        return random.normal(size=shape).astype(np.float32)

    return MamlStart(
        numbers(COURSES, SIZE),
        numbers(COURSES, SIZE),
        numbers(COURSES, STAGES_IN_ALL),
        np.abs(numbers(STAGES_IN_ALL, STAGES_IN_ALL - 2)),
        np.array([4, 0, 2, 6], np.int32),
        numbers(4),
        FEATURES_IN_ALL,
        0.3 + np.abs(numbers(STEPS, SIZE)),
    )


def network_of(start, first_order=False):
    from generator.networks.losses import Loss
    from generator.networks.maml_network import MamlNetwork

    loss = Loss("softmax", np.ones(COURSES, np.int64), 1, 1)
    network = MamlNetwork(start, loss, 0.0, first_order, 1)
    random = np.random.default_rng(6)
    for table in (network.features_table, network.stages_table):
        table._rows.assign(random.normal(size=table._rows.shape))
    return network


INPUTS = {
    KNOWN: np.array([[3, 5], [2, 0], [0, 0]], np.int32),
    STAGES: np.array([2, 1, 0], np.int32),
    FEATURES: np.array([[1, 2], [2, 0], [0, 0]], np.int32),
    VALUES: np.array([[1, 0.5], [1, 0], [0, 0]], np.float32),
}
NEXT = {
    "courses": np.array([1, 4, 6, 0, 7, 2], np.int32),
    "rows": np.array([0, 0, 1, 1, 2, 2], np.int32),
}


def support_loss(state, known, weights, inputs, start):
    """As the docstring has it."""
    rivals = inputs[start.rivals]
    whole = np.log(np.exp(rivals @ state + start.rival_biases).sum())
    return sum(
        w * (whole - inputs[c - 1] @ state) for c, w in zip(known, weights, strict=True) if c
    )


def gradient(loss, at, apart=1e-5):
    steps = apart * np.eye(len(at))
    return np.array([(loss(at + step) - loss(at - step)) / (2 * apart) for step in steps])


def state_by_hand(network, start, row):
    rows = [t.rows.astype(np.float64) for t in (network.features_table, network.stages_table)]
    inputs = network.inputs_table.rows.astype(np.float64)
    stage, known = INPUTS[STAGES][row], INPUTS[KNOWN][row]
    state = rows[1][stage].copy()
    for feature, value in zip(INPUTS[FEATURES][row], INPUTS[VALUES][row], strict=True):
        state += value * rows[0][feature - 1] if feature else 0
    weights = network.ages_table.rows[stage].astype(np.float64)
    for rate in np.asarray(network.rates.value, np.float64):
        down = gradient(lambda z: support_loss(z, known, weights, inputs, start), state)
        state = state - rate * down
    return state


def test_a_state_goes_down_the_gradient_of_what_is_known_from_where_its_attributes_begin(start):
    network = network_of(start)
    hidden = np.asarray(network(INPUTS))
    for row in range(3):
        expected = state_by_hand(network, start, row)
        np.testing.assert_allclose(hidden[row, :SIZE], expected, rtol=1e-3, atol=1e-4)
    np.testing.assert_array_equal(hidden[:, SIZE:], np.eye(STAGES_IN_ALL)[INPUTS[STAGES]])


def test_scores_are_products_and_the_biases_of_the_stage_which_rest(start):
    network = network_of(start)
    products = np.asarray(network(INPUTS)) @ np.asarray(network.outputs.every()).T
    for row, stage in enumerate(INPUTS[STAGES]):
        state = state_by_hand(network, start, row)
        expected = start.outputs @ state + start.biases[:, stage]
        np.testing.assert_allclose(products[row], expected, rtol=1e-3, atol=1e-3)
    assert not any("biases" in weight.path for weight in network.trainable_weights)


def loss_of(network):
    given = INPUTS | NEXT
    y = (NEXT["courses"] > 0).astype(np.float32)
    return network.compute_loss(given, y, network(given))


def differences(network, table, place, apart=1e-2):
    """How the loss changes with one number of a table."""
    now, sides = np.asarray(table.value), []
    for sign in (1, -1):
        moved = now.copy()
        moved[place] += sign * apart
        table.assign(moved)
        sides.append(float(loss_of(network)))
    table.assign(now)
    return (sides[0] - sides[1]) / (2 * apart)


def derivatives(network):
    """Of the loss, by the name of each number that is trained."""
    tf = pytest.importorskip("tensorflow")
    weights = network.trainable_weights
    with tf.GradientTape() as tape:
        loss = loss_of(network)
    found = tape.gradient(loss, [weight.value for weight in weights])
    assert all(of is not None for of in found)
    return {
        id(weight): np.asarray(tf.convert_to_tensor(of))
        for weight, of in zip(weights, found, strict=True)
    }


def test_training_goes_through_the_steps(start):
    network = network_of(start)
    by_tape = derivatives(network)
    for table in (network.inputs_table._rows, network.ages_table._rows, network.rates):
        for place in ((1, 0), (-1, 1), (-1, 0)):
            expected = differences(network, table, place)
            assert by_tape[id(table)][place] == pytest.approx(expected, rel=0.02, abs=2e-4)
    assert np.abs(by_tape[id(network.inputs_table._rows)]).max() > 0.01


def test_to_the_first_order_the_steps_are_constants_and_known_courses_speak_as_listed(start):
    network = network_of(start, first_order=True)
    by_tape = derivatives(network)
    assert id(network.ages_table._rows) not in by_tape
    hidden = np.asarray(network(INPUTS))
    vectors = network.outputs.vectors._rows
    now, place = np.asarray(vectors.value).copy(), (4, 1)

    def loss_with(moved):
        vectors.assign(now + moved)
        given = INPUTS | NEXT
        loss = network.compute_loss(given, (NEXT["courses"] > 0).astype(np.float32), hidden)
        vectors.assign(now)
        return float(loss)

    apart = np.zeros_like(now)
    apart[place] = 1e-2
    expected = (loss_with(apart) - loss_with(-apart)) / 2e-2
    assert by_tape[id(vectors)][place] == pytest.approx(expected, rel=0.02, abs=2e-4)
    np.testing.assert_allclose(hidden[0, :SIZE], state_by_hand(network, start, 0), rtol=1e-3)


def test_what_is_asked_later_answers_as_the_network_does(start):
    network = network_of(start)
    begun, sums, amounts = network.given(INPUTS)
    asked = network.asked()({"begun": begun, "sums": sums, "amounts": amounts})
    np.testing.assert_allclose(asked, np.asarray(network(INPUTS))[:, :SIZE], rtol=1e-5)
