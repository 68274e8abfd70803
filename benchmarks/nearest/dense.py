"""Top-n of dense products: ours, implicit's and faiss's, beside this machine's bare product."""

import argparse
from functools import partial

import faiss
import numpy as np
from implicit.cpu.topk import topk
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from benchmarks.nearest import shapes
from benchmarks.nearest.agreement import share_right
from benchmarks.nearest.in_turns import median_seconds
from benchmarks.nearest.shapes import Dense
from benchmarks.targets import Target
from generator.nearest.dense import top_n_dense
from generator.nearest.dense_candidates import DenseCandidates
from generator.nearest.ties import TieOrder, salts_of
from generator.nearest.top_n import TopN

SHAPES = {
    "like nobody": (shapes.directions, shapes.directions),
    "in crowds": (shapes.crowded_directions, None),
    "few very popular courses": (shapes.directions, shapes.popular_courses),
}
"""How queries and candidates are drawn; None: they are the same."""
USERS_PER_BLOCK = 8192
SAMPLE = 500
SQUARE = 4096


def measure(options: argparse.Namespace) -> list[Target]:
    rows, size, n, threads = options.rows, options.size, options.n, options.threads
    queries = min(options.queries, rows)
    print(f"\nDense, {queries:,} queries in {rows:,} x {size} float32, top {n}, {threads} threads;")
    print("GFLOP/s as if every product were made:")
    print("| shape | ours | implicit | faiss | bare product | ours of it | right |")
    print(f"|{'---|' * 7}", flush=True)
    targets = []
    for name, (draw, draw_candidates) in SHAPES.items():
        rng = np.random.default_rng(options.seed)
        vectors = draw(rows, size, rng)
        candidates = draw_candidates(rows, size, rng) if draw_candidates else vectors
        asked, square = vectors[:queries], shapes.directions(SQUARE, SQUARE, rng)
        taken = median_seconds(
            {
                "ours": partial(ours, asked, candidates, n, threads),
                "implicit": partial(implicits, asked, candidates, n, threads),
                "faiss": partial(faiss_knn, asked, candidates, n, threads),
                "product": partial(product, square, threads),
            },
            options.repeats,
        )
        work = 2 * queries * rows * size
        rates = {way: work / seconds / 1e9 for way, seconds in taken.items()}
        rates["product"] = 2 * SQUARE**3 / taken["product"] / 1e9
        sample = rng.choice(queries, min(SAMPLE, queries), replace=False)
        right = share_right(
            ours(asked, candidates, n, threads), sample, partial(exact_scores, asked, candidates)
        )
        columns = " | ".join(f"{rates[way]:.0f}" for way in taken)
        share = rates["ours"] / rates["product"]
        print(f"| {name} | {columns} | {share:.2f} | {right:.1%} |", flush=True)
        targets += [
            Target(f"dense, {name}: times implicit", rates["ours"] / rates["implicit"], 1.5, "x"),
            Target(f"dense, {name}: times faiss", rates["ours"] / rates["faiss"], 1, "x"),
            Target(f"dense, {name}: right lists", right, 1),
        ]
    return targets


def ours(queries: Dense, candidates: Dense, n: int, threads: int) -> TopN:
    """As a model does it: candidates once, then block by block."""
    names = np.arange(len(candidates), dtype=np.uint64)
    searched, salts = DenseCandidates(candidates, TieOrder(names)), salts_of(names)
    tops = [
        top_n_dense(queries[block], searched, n, salts=salts[block], threads=threads)
        for block in (
            slice(start, start + USERS_PER_BLOCK)
            for start in range(0, len(queries), USERS_PER_BLOCK)
        )
    ]
    return TopN(*(np.concatenate(part) for part in zip(*tops, strict=True)))


def implicits(queries: Dense, candidates: Dense, n: int, threads: int) -> object:
    # The library asks for BLAS on one thread: it has its own.
    with threadpool_limits(1, user_api="blas"):
        return topk(candidates, queries, n, num_threads=threads)


def faiss_knn(queries: Dense, candidates: Dense, n: int, threads: int) -> object:
    faiss.omp_set_num_threads(threads)
    return faiss.knn(queries, candidates, n, metric=faiss.METRIC_INNER_PRODUCT)


def product(square: Dense, threads: int) -> object:
    with threadpool_limits(threads, user_api="blas"):
        return square @ square


def exact_scores(queries: Dense, candidates: Dense, rows: NDArray[np.int64]) -> NDArray[np.float64]:
    scores: NDArray[np.float64] = queries[rows].astype(np.float64) @ candidates.T.astype(np.float64)
    return scores
