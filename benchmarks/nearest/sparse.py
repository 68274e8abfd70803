"""Similar users by sparse vectors: ours, the bare library call, and scikit-learn's brute force."""

import argparse
from functools import partial

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from sklearn.neighbors import NearestNeighbors
from sparse_dot_topn import sp_matmul_topn

from benchmarks.nearest import shapes
from benchmarks.nearest.agreement import share_right
from benchmarks.nearest.in_turns import median_seconds
from benchmarks.targets import Target
from generator.nearest.sparse import top_n_sparse
from generator.nearest.sparse_candidates import SparseCandidates
from generator.nearest.ties import TieOrder, salts_of
from generator.nearest.top_n import TopN
from generator.nearest.votes import themselves

USERS_PER_BLOCK = 8192
SAMPLE = 500


def measure(options: argparse.Namespace) -> list[Target]:
    """The matrices of a synthesized platform, then shapes that make trouble."""
    n, threads = options.n, options.threads
    print(
        f"\nSparse, {options.users:,} users, top {n}, {threads} threads; scikit-learn is timed on"
    )
    print(f"{SAMPLE} of them and extrapolated:")
    print("| shape | ours, s | bare call, s | scikit-learn, s | of the bare call | right |")
    print(f"|{'---|' * 6}", flush=True)
    targets = []
    for name, vectors in shapes.platform(options.users, options.seed).items():
        seconds, reached = _row(name, vectors, options)
        speedup = seconds["scikit-learn"] / seconds["ours"]
        targets += [*reached, Target(f"sparse, {name}: times scikit-learn", speedup, 30, "x")]
    for name, draw in shapes.TROUBLESOME.items():
        rng = np.random.default_rng(options.seed)
        targets += _row(name, draw(options.users, rng), options)[1]
    return targets


def _row(
    name: str, vectors: sp.csr_matrix, options: argparse.Namespace
) -> tuple[dict[str, float], list[Target]]:
    """Measure one shape and print its line: seconds by way, and the targets for any shape."""
    n, threads = options.n, options.threads
    rng = np.random.default_rng(options.seed)
    sample = rng.choice(vectors.shape[0], min(SAMPLE, vectors.shape[0]), replace=False)
    taken = median_seconds(
        {
            "ours": partial(ours, vectors, n, threads),
            "bare": partial(bare, vectors, vectors.T.tocsr(), n, threads),
            "scikit-learn": partial(brute_force, vectors, sample, n, threads),
        },
        options.repeats,
    )
    taken["scikit-learn"] *= vectors.shape[0] / len(sample)
    scores = partial(exact_scores, vectors.astype(np.float64))
    right = share_right(ours(vectors, n, threads), sample, scores)
    ratio = taken["ours"] / taken["bare"]
    seconds = " | ".join(f"{taken[way]:.3g}" for way in taken)
    print(f"| {name} | {seconds} | {ratio:.3f} | {right:.1%} |", flush=True)
    return taken, [
        Target(f"sparse, {name}: time of the bare call's", ratio, 1.1, "x", at_most=True),
        Target(f"sparse, {name}: right lists", right, 1),
    ]


def ours(vectors: sp.csr_matrix, n: int, threads: int) -> TopN:
    """As a model does it: candidates once, then block by block, nobody in their own list."""
    users = vectors.shape[0]
    names = np.arange(users, dtype=np.uint64)
    candidates, salts, tops = SparseCandidates(vectors, TieOrder(names)), salts_of(names), []
    for start in range(0, users, USERS_PER_BLOCK):
        block = np.arange(start, min(start + USERS_PER_BLOCK, users), dtype=np.int32)
        hidden = themselves(block, users)
        of_block = {"salts": salts[block], "exclude": hidden}
        tops.append(top_n_sparse(vectors[block], candidates, n, **of_block, threads=threads))
    return TopN(*(np.concatenate(part) for part in zip(*tops, strict=True)))


def bare(vectors: sp.csr_matrix, by_feature: sp.csr_matrix, n: int, threads: int) -> object:
    """One call; a place more, since everybody comes first in their own list."""
    return sp_matmul_topn(vectors, by_feature, n + 1, sort=True, n_threads=threads)


def brute_force(vectors: sp.csr_matrix, sample: NDArray[np.int64], n: int, threads: int) -> object:
    search = NearestNeighbors(n_neighbors=n + 1, algorithm="brute", metric="cosine", n_jobs=threads)
    return search.fit(vectors).kneighbors(vectors[sample])


def exact_scores(vectors: sp.csr_matrix, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    scores: NDArray[np.float64] = (vectors[rows] @ vectors.T).toarray()
    scores[scores <= 0] = -np.inf
    scores[np.arange(len(rows)), rows] = -np.inf
    return scores
