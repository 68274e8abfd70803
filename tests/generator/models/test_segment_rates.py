"""Shares of segments, shrunk: against arithmetic by hand, and what they are to estimate."""

import numpy as np
import pytest
import scipy.sparse as sp

from generator.dataset.segments import SegmentFamily
from generator.models.segment_rates import lifts_of

N_USERS, N_COURSES = 600, 12


def family(members):
    labels = [str(label) for label in range(members.shape[1])]
    return SegmentFamily("segment/x", labels, sp.csr_matrix(members, dtype=np.float32))


def drawn(strength, seed=5, segments=40, per_segment=15):
    """Views of segments whose rates of each course are from a Beta of this strength."""
    random = np.random.default_rng(seed)
    means = np.linspace(0.1, 0.6, N_COURSES)
    rates = random.beta(means * strength, (1 - means) * strength, (segments, N_COURSES))
    segment = np.arange(segments * per_segment) % segments
    viewed = random.random((len(segment), N_COURSES)) < rates[segment]
    viewed[:, 0] = True  # so that nobody is idle
    return np.eye(segments)[segment], sp.csr_matrix(viewed.astype(float))


def test_logarithms_of_shrunk_shares_are_kept_but_for_a_constant_of_each_segment():
    random = np.random.default_rng(2)
    members = (random.random((N_USERS, 3)) < 0.3) & (np.arange(N_USERS) % 5 != 0)[:, None]
    viewed = (random.random((N_USERS, N_COURSES)) < 0.2).astype(float)
    viewed[:, 0] = 1
    m = 7.0
    lifts = lifts_of(family(members), sp.csr_matrix(viewed), m)
    whole, inside = viewed.mean(axis=0), members.any(axis=1)
    of_family = (viewed[inside].sum(axis=0) + m * whole) / (inside.sum() + m)
    constant = m / (inside.sum() + m)
    np.testing.assert_allclose(lifts.whole, np.log(of_family / whole / constant))
    for label in range(3):
        theirs = viewed[members[:, label]]
        rates = (theirs.sum(axis=0) + m * of_family) / (len(theirs) + m)
        constant = m / (len(theirs) + m)
        expected = np.log(rates / of_family / constant)
        np.testing.assert_allclose(lifts.labels[label].toarray()[0], expected, atol=1e-12)


@pytest.mark.parametrize("strength", [3.0, 12.0, 60.0])
def test_the_prior_is_estimated_from_how_much_segments_differ(strength):
    priors = [lifts_of(family(m), v, 0).prior for m, v in (drawn(strength, s) for s in range(4))]
    assert np.mean(priors) == pytest.approx(strength, rel=0.25)


def test_an_attribute_that_tells_nothing_says_next_to_nothing_however_large_its_segments():
    random = np.random.default_rng(1)
    viewed = sp.csr_matrix((random.random((N_USERS, N_COURSES)) < 0.3).astype(float))
    halves = np.eye(2)[random.integers(0, 2, N_USERS)]
    lifts = lifts_of(family(halves), viewed, 0)
    rates = np.exp(lifts.labels.toarray())
    assert np.ptp(rates / rates.mean(axis=1, keepdims=True)) < 0.05


def test_users_who_viewed_nothing_change_no_share():
    members, viewed = drawn(5.0)
    idle = sp.csr_matrix((50, N_COURSES))
    more = np.vstack([members, np.eye(40)[np.zeros(50, int)]])
    alone = lifts_of(family(members), viewed, 0)
    beside = lifts_of(family(more), sp.vstack([viewed, idle]).tocsr(), 0)
    np.testing.assert_allclose(beside.labels.toarray(), alone.labels.toarray())
    assert lifts_of(family(np.ones((50, 1))), idle, 0) is None
