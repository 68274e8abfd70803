"""Sparse vectors to be searched again and again."""

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.nearest.parts import positions_of
from generator.nearest.ties import Salts, TieOrder, mixed

MANY = 2048
"""Equal vectors: so many are not all looked at for the few that come first."""


class SparseCandidates:
    """Vectors to be searched again and again, equal ones stored once, similar ones together.

    Users with the same interests, or courses with the same tags, score the same for everybody:
    ranking one of them and naming all keeps a product small and its ties complete. Neighbours in
    memory are added to by the same query, which takes a third off a product's time.

        members    4 7 2 9 | 1 | 5 0 3 ...      candidates, group by group
        classes    0 0 1 1 | 0 | 1 1 1          (of `TieOrder`) ascend within a group
        first      0         4   5              where each group begins
        stops      2 2 4 4   5   8 8 8          where the run of one class in one group ends

    Whoever needs 3 of the first group takes its run of class 0, and looks at all of the next.
    """

    def __init__(self, vectors: sp.csr_matrix, order: TieOrder) -> None:
        """vectors: float32 [candidates, features] with sorted indices; `order` is of them."""
        self.count = vectors.shape[0]
        self.order = order
        if order.hidden is not None:
            vectors = _without(order.hidden, vectors)
        _, representatives, group = np.unique(
            _fingerprints(vectors), return_index=True, return_inverse=True
        )
        together = _similar_together(vectors[representatives])
        self.by_feature = vectors[representatives[together]].T.tocsr()
        place = np.empty_like(together)
        place[together] = np.arange(len(together))
        group = place[group]
        self.members = np.argsort((group << 32) | order.codes).astype(np.int32)
        self.sizes = np.bincount(group, minlength=len(together))
        self.first = np.cumsum(self.sizes) - self.sizes
        self.is_shared: NDArray[np.bool_] = self.sizes > 1
        self.lead = self.members[self.first]
        """int32 [groups]: one of each group; all there is of most."""
        self._set_runs(group)

    def _set_runs(self, group: NDArray[np.int64]) -> None:
        codes, group = self.order.codes[self.members], group[self.members]
        classes = self.order.classes_of(codes)
        changes = 1 + np.flatnonzero((np.diff(group) != 0) | (np.diff(classes) != 0))
        edges = np.concatenate([[0], changes, [self.count]])
        lengths = np.diff(edges)
        self.starts = np.repeat(edges[:-1].astype(np.int32), lengths)
        self.stops = np.repeat(edges[1:].astype(np.int32), lengths)
        """int32 [members]: where the run begins and ends that a member is in."""
        large = np.flatnonzero(lengths > MANY)
        self._large = edges[large]
        buckets = np.arange(self.order.n_buckets + 1)
        self._bucket_starts = np.array(
            [
                start + np.searchsorted(self.order.buckets_of(codes[start:stop]), buckets)
                for start, stop in zip(edges[large], edges[large + 1], strict=True)
            ],
            np.int64,
        ).reshape(-1, len(buckets))

    def best_members(self, group: NDArray[np.int64], wanted: NDArray[np.int64]) -> "BestMembers":
        """Where in `members` the `wanted` first of each group are, at most all, for any subject."""
        last = self.first[group] + wanted - 1
        return BestMembers(self, self.first[group], self.starts[last], self.stops[last], last + 1)

    def bucket_ranges(
        self, runs: NDArray[np.int64], buckets: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Start and length in `members` of `buckets` [runs, any] of runs that begin at `runs`."""
        starts = self._bucket_starts[np.searchsorted(self._large, runs)[:, None], buckets]
        stops = self._bucket_starts[np.searchsorted(self._large, runs)[:, None], buckets + 1]
        return starts, stops - starts


class BestMembers:
    """Members to look at for the first few of a group: all of it but for its last run's tail.

        first           run                stop
          | all of these | the cut is here  |

    All of the last run are looked at, or of a large one the subject's best buckets.
    """

    def __init__(
        self,
        candidates: SparseCandidates,
        first: NDArray[np.int64],
        run: NDArray[np.int64],
        stop: NDArray[np.int64],
        cut: NDArray[np.int64],
    ) -> None:
        self._candidates, self._first, self._run, self._stop = candidates, first, run, stop
        self._wanted = cut - run
        self.costs = stop - first
        """How many members and buckets are looked at, or about so many."""
        self._buckets = np.zeros(len(run), np.int64)
        """Of each run; 0 where all of it is looked at."""
        n_buckets = candidates.order.n_buckets
        large = np.flatnonzero(stop - run > MANY)
        wanted, per_bucket = self._wanted[large], (stop - run)[large] / n_buckets
        # Buckets hold about as many each; four standard deviations more are enough nearly always.
        buckets = np.ceil((wanted + 4 * np.sqrt(wanted) + 4) / per_bucket)
        few = 2 * buckets < n_buckets
        large, buckets = large[few], buckets[few]
        self._buckets[large] = buckets
        self.costs[large] = (run - first)[large] + buckets * (1 + per_bucket[few])

    def positions(self, part: slice, salts: Salts) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Number within this part, and position in `members`, of all to look at, by number."""
        number, starts, lengths = self._ranges(part, salts)
        if (lengths == 1).all():
            return number, starts
        return np.repeat(number, lengths), positions_of(starts, lengths)

    def _ranges(
        self, part: slice, salts: Salts
    ) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """Number within this part, start and length in `members` of each range, by number."""
        first, stop = self._first[part], self._stop[part]
        number = np.arange(len(first))
        sampled = np.flatnonzero(self._buckets[part])
        if not len(sampled):
            return number, first, stop - first
        run, wanted, buckets = (
            values[part][sampled] for values in (self._run, self._wanted, self._buckets)
        )
        best = self._candidates.order.first_buckets(salts[sampled], int(buckets.max()))
        starts, lengths = self._candidates.bucket_ranges(run, best)
        lengths *= np.arange(best.shape[1]) < buckets[:, None]
        enough = lengths.sum(axis=1) >= wanted
        lengths[~enough] = 0
        stop = stop.copy()
        stop[sampled[enough]] = run[enough]
        number = np.concatenate([number, np.repeat(sampled, best.shape[1])])
        starts = np.concatenate([first, starts.ravel()])
        lengths = np.concatenate([stop - first, lengths.ravel()])
        by_number = np.argsort(number, kind="stable")
        return number[by_number], starts[by_number], lengths[by_number]


def _without(hidden: NDArray[np.bool_], vectors: sp.csr_matrix) -> sp.csr_matrix:
    """The vectors, without an entry where they are hidden: what has none is never listed."""
    shown = vectors.copy()
    shown.data[np.repeat(hidden, np.diff(vectors.indptr))] = 0
    shown.eliminate_zeros()
    return shown


def _fingerprints(vectors: sp.csr_matrix) -> NDArray[np.uint64]:
    """uint64 [rows]: the same for equal rows, and for other rows by accident only."""
    random = np.random.default_rng(0).integers(2**64, size=vectors.shape[1], dtype=np.uint64)
    hashed = mixed(random[vectors.indices] ^ vectors.data.view(np.uint32))
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(hashed)])
    fingerprints: NDArray[np.uint64] = np.diff(sums[vectors.indptr])
    return fingerprints


def _similar_together(vectors: sp.csr_matrix) -> NDArray[np.int64]:
    """The rows by their most common feature, then by the one next to it."""
    features, counts = vectors.shape[1], np.diff(vectors.indptr)
    rank = np.empty(features, np.int64)
    rank[np.argsort(-np.bincount(vectors.indices, minlength=features))] = np.arange(features)
    ranks, filled = rank[vectors.indices], np.flatnonzero(counts)
    first, second = np.full((2, len(counts)), features)
    first[filled] = np.minimum.reduceat(ranks, vectors.indptr[filled])
    ranks[ranks == np.repeat(first, counts)] = features
    second[filled] = np.minimum.reduceat(ranks, vectors.indptr[filled])
    return np.argsort(first * (features + 1) + second)
