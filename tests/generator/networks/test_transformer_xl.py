"""Segments with a memory beside the paper's loop over segments, one number after the other."""

from math import cos, sin, sqrt

import numpy as np
import pytest

SIZE, SEGMENT, HEADS, BLOCKS = 6, 3, 2, 2
LENGTH = 17


def made(memory, n_blocks=BLOCKS):
    """With numbers in it as if it had been trained for long."""
    from generator.networks.backend import keras
    from generator.networks.transformer_xl import TransformerXl

    keras.utils.set_random_seed(3)
    body = TransformerXl(
        SIZE,
        segment=SEGMENT,
        memory=memory,
        n_blocks=n_blocks,
        n_heads=HEADS,
        ffn_factor=2,
        dropout=0.3,
        seed=3,
    )
    body(np.zeros((1, 2, SIZE), np.float32), np.ones((1, 2), bool))
    random = np.random.default_rng(5)
    for weight in body.trainable_weights:
        weight.assign(random.normal(0, 0.7, weight.shape))
    return body


@pytest.fixture(scope="module")
def bodies():
    return {memory: made(memory) for memory in (0, 1, 2)}


@pytest.fixture(scope="module")
def embedded():
    return np.random.default_rng(4).normal(size=(3, LENGTH, SIZE)).astype(np.float32)


def states(body, embedded, lengths=None):
    lengths = [embedded.shape[1]] * len(embedded) if lengths is None else lengths
    present = np.arange(embedded.shape[1]) < np.array(lengths)[:, None]
    return np.asarray(body(embedded.astype(np.float32), present))


def normed(layer, steps):
    scale, shift = (np.asarray(w) for w in layer.weights)
    centred = steps - steps.mean(axis=1, keepdims=True)
    return centred / np.sqrt(centred.var(axis=1, keepdims=True) + layer.epsilon) * scale + shift


def dense(layer, steps):
    kernel, *bias = (np.asarray(w) for w in layer.weights)
    return steps @ kernel + sum(bias)


def wave(distance):
    """The paper's R of one distance."""
    rates = [10_000 ** (-2 * place / SIZE) for place in range(SIZE // 2)]
    return np.array([sin(distance * r) for r in rates] + [cos(distance * r) for r in rates])


def attended(layer, remembered, steps):
    """What each step of a segment takes of the memory and of those of its own before it."""
    every = np.concatenate([*remembered, steps])
    asked = dense(layer.asked, steps)
    offered, taken = dense(layer.offered, every), dense(layer.taken, every)
    u, v = np.asarray(layer.of_content), np.asarray(layer.of_place)
    width, seen = SIZE // HEADS, np.zeros_like(steps)
    for head in range(HEADS):
        part = slice(head * width, head * width + width)
        for step in range(len(steps)):
            at = len(every) - len(steps) + step
            worth = []
            for other in range(at + 1):
                far = dense(layer.of_distances, wave(at - other)[None])[0]
                by_content = (asked[step, part] + u[part]) @ offered[other, part]
                by_place = (asked[step, part] + v[part]) @ far[part]
                worth.append((by_content + by_place) / sqrt(width))
            shares = np.exp(worth)
            seen[step, part] = shares / shares.sum() @ taken[: at + 1, part]
    return dense(layer.joined, seen)


def by_hand(body, steps, memory):
    """Segment after segment, with what each block read of those before kept in mind."""
    kept, after = [[] for _ in body.blocks], []
    for start in range(0, len(steps), SEGMENT):
        hidden = steps[start : start + SEGMENT] * sqrt(SIZE)
        for block, before in zip(body.blocks, kept, strict=True):
            read = normed(block.norms[0], hidden)
            hidden = hidden + attended(block.attention, before[-memory:] if memory else [], read)
            wide = np.maximum(dense(block.widened, normed(block.norms[1], hidden)), 0)
            hidden = hidden + dense(block.narrowed, wide)
            before.append(read)
        after.append(normed(body.norm, hidden))
    return np.concatenate(after)


@pytest.mark.parametrize("memory", [0, 1, 2])
def test_states_are_those_of_the_loop_over_segments(bodies, embedded, memory):
    found = states(bodies[memory], embedded)
    for row in range(2):
        expected = by_hand(bodies[memory], embedded[row].astype(np.float64), memory)
        np.testing.assert_allclose(found[row], expected, atol=5e-5)


def test_no_state_depends_on_company_or_on_how_far_rows_are_filled_up(bodies, embedded):
    for body in bodies.values():
        whole = states(body, embedded, [5, 3, LENGTH])
        other = np.where(np.arange(LENGTH)[:, None] < 5, embedded, 9 - embedded)
        np.testing.assert_allclose(states(body, other)[0, :5], whole[0, :5], atol=1e-6)
        alone = states(body, embedded[:1, :5])
        np.testing.assert_allclose(alone[0], whole[0, :5], atol=1e-6)


def with_one_changed(steps, changed):
    """[rows, length, size]: of `steps` [length, size], with those that are `changed` another."""
    return np.where(changed[..., None], -2 * steps, steps)


def test_no_step_sees_a_later_one(bodies, embedded):
    step = np.arange(LENGTH)
    is_later = step >= step[1:, None]
    for body in bodies.values():
        before = states(body, embedded[:1])
        differs = np.abs(states(body, with_one_changed(embedded[0], is_later)) - before)
        assert differs[~is_later].max() < 1e-6
        assert differs[is_later].max(axis=-1).min() > 1e-4


def test_the_memory_reaches_so_many_segments_back_as_blocks_and_memory_say(bodies, embedded):
    """The last step is the third of its segment, the sixth: blocks * memory before are seen."""
    steps = np.concatenate([embedded[0], embedded[1, :1]])
    others = with_one_changed(steps, np.eye(len(steps), dtype=bool))
    for memory, body in bodies.items():
        differs = states(body, others)[:, -1] - states(body, steps[None])[:, -1]
        first_seen = len(steps) - SEGMENT * (1 + BLOCKS * memory)
        is_seen = np.abs(differs).max(axis=1) > 1e-5
        np.testing.assert_array_equal(is_seen, np.arange(len(steps)) >= first_seen)


def test_the_same_courses_in_another_order_are_another_state(embedded):
    """Of one block, in which attention without positions would see a set; in memory too."""
    body = made(1, n_blocks=1)
    before = states(body, embedded[:, : 2 * SEGMENT])[:, -1]
    for first, second in ((0, 1), (2, 3), (3, 4)):
        other = embedded[:, : 2 * SEGMENT].copy()
        other[:, [first, second]] = other[:, [second, first]]
        assert np.abs(states(body, other)[:, -1] - before).max() > 1e-3, first


def test_what_is_remembered_is_read_and_not_trained_through(bodies):
    from generator.networks.tensorflow_alone import tf

    steps = tf.constant(np.random.default_rng(2).normal(size=(1, 9, SIZE)).astype(np.float32))
    body = bodies[1]
    with tf.GradientTape() as tape:
        tape.watch(steps)
        last = tf.reduce_sum(body(steps, tf.ones((1, 9), bool))[:, -1] ** 2)
    pull = np.abs(np.asarray(tape.gradient(last, steps)))[0].max(axis=1)
    assert (pull[:6] == 0).all()
    assert (pull[6:] > 1e-5).all()
