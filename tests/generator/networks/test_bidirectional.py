"""Attention both ways, and the masked step after the last one that it is asked about."""

import numpy as np
import pytest

SIZE, LENGTH = 6, 9


@pytest.fixture(scope="module")
def body():
    """With numbers in it as if it had been trained for long."""
    from generator.networks.attention import SelfAttention
    from generator.networks.backend import keras
    from generator.networks.bidirectional import Bidirectional

    keras.utils.set_random_seed(3)
    attention = SelfAttention(
        SIZE,
        LENGTH + 1,
        causal=False,
        n_blocks=2,
        n_heads=2,
        ffn_factor=2,
        dropout=0.3,
        gated=False,
        positions="relative",
        seed=3,
    )
    body = Bidirectional(SIZE, 3, attention)
    body(np.zeros((1, 2, SIZE), np.float32), np.ones((1, 2), bool))
    random = np.random.default_rng(5)
    for weight in body.trainable_weights:
        weight.assign(random.normal(0, 0.7, weight.shape))
    return body


@pytest.fixture(scope="module")
def embedded():
    return np.random.default_rng(4).normal(size=(3, LENGTH, SIZE)).astype(np.float32)


def there(lengths, length=LENGTH):
    return np.arange(length) < np.array(lengths)[:, None]


def states(body, embedded, lengths):
    return np.asarray(body.state(embedded, there(lengths, embedded.shape[1])))


def test_the_state_is_what_stands_at_a_mask_after_the_last_step(body, embedded):
    lengths = [LENGTH, 4, 1]
    found = states(body, embedded, lengths)
    for row, length in enumerate(lengths):
        masked = np.concatenate([embedded[row, :length], np.asarray(body.mask)[None]])
        hidden = np.asarray(body(masked[None], np.ones((1, length + 1), bool)))
        np.testing.assert_allclose(found[row], hidden[0, length], atol=1e-5)


def test_no_state_depends_on_company_or_on_how_far_rows_are_filled_up(body, embedded):
    before = states(body, embedded, [5, 3, LENGTH])
    other = np.where(there([5, 3, LENGTH])[..., None], embedded, 9 - embedded)
    np.testing.assert_allclose(states(body, other, [5, 3, LENGTH]), before, atol=1e-6)
    alone = states(body, embedded[:1, :5], [5])
    np.testing.assert_allclose(alone[0], before[0], atol=1e-6)


def test_each_step_that_is_there_is_seen_from_both_sides(body, embedded):
    """So a masked step is guessed from what came after it too."""
    present = there([7])
    before = np.asarray(body(embedded[:1], present))
    for step in range(LENGTH):
        other = embedded[:1].copy()
        other[:, step] *= -2
        differs = np.abs(np.asarray(body(other, present)) - before)[0].max(axis=1)
        if step < 7:
            assert differs[:7].min() > 1e-4
        else:
            assert differs[:7].max() == 0


def test_the_same_courses_in_another_order_are_another_state(body, embedded):
    before = states(body, embedded, [LENGTH] * 3)
    for step in range(LENGTH - 1):
        order = np.arange(LENGTH)
        order[[step, step + 1]] = step + 1, step
        assert np.abs(states(body, embedded[:, order], [LENGTH] * 3) - before).max() > 1e-3
