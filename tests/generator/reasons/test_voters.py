import numpy as np
import pytest
import scipy.sparse as sp

from generator.nearest.top_n import TopN
from generator.reasons import voters
from generator.reasons.voters import carrying_features, strongest_voters

USERS, COURSES, K, N = 30, 12, 6, 4


@pytest.fixture(scope="module")
def platform():
    """Watched courses, neighbours by dot product of the same vectors, and some listed courses."""
    random = np.random.default_rng(5)
    watched = sp.random(USERS, COURSES, 0.4, "csr", np.float32, random)
    similarity = (watched @ watched.T).toarray()
    np.fill_diagonal(similarity, 0)
    nearest = np.argsort(-similarity, axis=1, kind="stable")[:, :K].astype(np.int32)
    scores = np.take_along_axis(similarity, nearest, axis=1)
    listed = np.array([random.permutation(COURSES)[:N] for _ in range(USERS)], np.int32)
    listed[::5, -1] = -1
    return watched, TopN(nearest, scores), listed


@pytest.fixture(params=[1, 500, 2**20])
def blocks(request, monkeypatch):
    monkeypatch.setattr(voters, "ENTRIES_PER_BLOCK", request.param)


def expected_of(votes: dict[int, float]) -> list[tuple[int, float]]:
    total = sum(votes.values())
    ranked = sorted((-vote, index) for index, vote in votes.items() if vote > 0)
    return [(index, -vote / total) for vote, index in ranked]


def assert_reasons(reasons, row, column, votes):
    expected = expected_of(votes)
    assert reasons.counts[row, column] == len(expected)
    shares = reasons.shares[row, column]
    np.testing.assert_allclose(
        shares[: len(expected)], [share for _, share in expected[:3]], atol=1e-5
    )
    named = reasons.indices[row, column]
    assert named[named >= 0].tolist() == [index for index, _ in expected[:3]]


@pytest.mark.usefixtures("blocks")
def test_voters_are_neighbours_by_what_they_add(platform):
    watched, neighbours, listed = platform
    reasons, weights = strongest_voters(neighbours, watched, listed), watched.toarray()
    for row, column in np.ndindex(listed.shape):
        course = listed[row, column]
        pairs = zip(neighbours.indices[row], neighbours.scores[row], strict=True)
        votes = {int(u): float(s * weights[u, course]) for u, s in pairs} if course >= 0 else {}
        assert_reasons(reasons, row, column, votes)


@pytest.mark.usefixtures("blocks")
def test_carrying_features_are_the_users_own_by_what_they_add_to_the_score(platform):
    watched, neighbours, listed = platform
    users = np.arange(USERS, dtype=np.int32)
    reasons = carrying_features(neighbours, watched, watched, users, listed)
    weights = watched.toarray()
    for row, column in np.ndindex(listed.shape):
        course = listed[row, column]
        voting = neighbours.indices[row][neighbours.scores[row] > 0]
        carried = {
            own: float(
                sum(weights[row, own] * weights[v, own] * weights[v, course] for v in voting)
            )
            for own in range(COURSES)
            if course >= 0
        }
        assert_reasons(reasons, row, column, carried)
