"""Attention beside the formula, one number after the other, and what no state may depend on."""

from math import exp, sqrt

import numpy as np
import pytest

SIZE, LENGTH, HEADS = 6, 9, 2
KINDS = [
    {"causal": True, "positions": "relative", "gated": False},
    {"causal": True, "positions": "absolute", "gated": True},
    {"causal": False, "positions": "relative", "gated": True},
    {"causal": False, "positions": "absolute", "gated": False},
]


def made(*, causal, positions, gated, n_blocks=2):
    """With numbers in it as if it had been trained for long."""
    from generator.networks.attention import SelfAttention
    from generator.networks.backend import keras

    keras.utils.set_random_seed(3)
    body = SelfAttention(
        SIZE,
        LENGTH,
        causal=causal,
        n_blocks=n_blocks,
        n_heads=HEADS,
        ffn_factor=2,
        dropout=0.3,
        gated=gated,
        positions=positions,
        seed=3,
    )
    body(np.zeros((1, 2, SIZE), np.float32), np.ones((1, 2), bool))
    random = np.random.default_rng(5)
    for weight in body.trainable_weights:
        weight.assign(random.normal(0, 0.7, weight.shape))
    return body


@pytest.fixture(scope="module", params=KINDS, ids=str)
def body(request):
    return made(**request.param)


def states(body, embedded, lengths):
    present = np.arange(embedded.shape[1]) < np.array(lengths)[:, None]
    return np.asarray(body(embedded.astype(np.float32), present))


@pytest.fixture(scope="module")
def embedded():
    return np.random.default_rng(4).normal(size=(3, LENGTH, SIZE))


def normed(layer, steps):
    scale, shift = (np.asarray(w) for w in layer.weights)
    centred = steps - steps.mean(axis=1, keepdims=True)
    return centred / np.sqrt(centred.var(axis=1, keepdims=True) + layer.epsilon) * scale + shift


def dense(layer, steps):
    kernel, bias = (np.asarray(w) for w in layer.weights)
    return steps @ kernel + bias


def attended(layer, steps, causal):
    """Of each step, in plain numbers, the sum of what it takes of the others."""
    asked, offered, taken = (dense(of, steps) for of in (layer.asked, layer.offered, layer.taken))
    width, seen = SIZE // HEADS, np.zeros_like(steps)
    for head in range(HEADS):
        part = slice(head * width, head * width + width)
        for at in range(len(steps)):
            visible = range(at + 1 if causal else len(steps))
            worth = [asked[at, part] @ offered[other, part] / sqrt(width) for other in visible]
            if layer.distances:
                numbers = np.asarray(layer.of_distances)[head]
                worth = [
                    w + numbers[LENGTH - 1 + at - o] for w, o in zip(worth, visible, strict=True)
                ]
            shares = np.array([exp(w) for w in worth])
            seen[at, part] = shares / shares.sum() @ taken[list(visible), part]
    return dense(layer.joined, seen)


def by_hand(body, steps):
    hidden = steps * sqrt(SIZE)
    if body.places is not None:
        hidden = hidden + np.asarray(body.places)[: len(steps)]
    for block in body.blocks:

        def gate(part, hidden=hidden, block=block):
            return 1 / (1 + np.exp(-dense(block.gates[part], hidden))) if block.gates else 1

        seen = attended(block.attention, normed(block.norms[0], hidden), body.causal)
        hidden = hidden + gate(0) * seen
        wide = np.maximum(dense(block.widened, normed(block.norms[1], hidden)), 0)
        hidden = hidden + gate(1, hidden) * dense(block.narrowed, wide)
    return normed(body.norm, hidden)


def test_states_are_those_of_the_formula(body, embedded):
    lengths = [LENGTH, 4, 1]
    found = states(body, embedded, lengths)
    for row, length in enumerate(lengths):
        expected = by_hand(body, embedded[row, :length])
        np.testing.assert_allclose(found[row, :length], expected, atol=2e-5)


def test_no_state_depends_on_company_or_on_how_far_rows_are_filled_up(body, embedded):
    whole = states(body, embedded, [5, 3, 5])
    other = np.where(np.arange(LENGTH)[:, None] < 5, embedded, 9 - embedded)
    np.testing.assert_allclose(states(body, other, [5, 3, 5])[0, :5], whole[0, :5], atol=1e-6)
    alone = states(body, embedded[:1, :5], [5])
    np.testing.assert_allclose(alone[0], whole[0, :5], atol=1e-6)


def test_a_causal_network_sees_no_later_step_and_another_does(body, embedded):
    """Neither which they are nor how many."""
    before = states(body, embedded, [LENGTH] * 3)
    for length in range(1, LENGTH):
        later = embedded.copy()
        later[:, length:] *= -2
        for after in (states(body, later, [LENGTH] * 3), states(body, later, [length] * 3)):
            differs = np.abs(after - before)[:, :length].max()
            assert differs < 1e-6 if body.causal else differs > 1e-3


def test_the_same_courses_in_another_order_are_another_state():
    """Of one block, in which attention without positions would see a set."""
    for kind in KINDS[1:3]:
        body = made(**kind, n_blocks=1)
        steps = np.random.default_rng(1).normal(size=(1, LENGTH, SIZE))
        other = steps[:, [1, 0, *range(2, LENGTH)]]
        differs = np.abs(states(body, steps, [LENGTH]) - states(body, other, [LENGTH]))
        assert differs[0, -1].max() > 1e-3, kind
