"""Models for which users and courses are points of one space, and products say what suits whom."""

from functools import cache
from typing import ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.models.base import ALL_WAYS, Model
from generator.models.islands import NOWHERE, IslandCandidates, Islands
from generator.nearest.ties import TieOrder
from generator.nearest.top_n import TopN
from shared.kinds import KINDS, Entity, KindName

NO_LENGTH = 1e-6
"""A vector this short was pulled to zero by its regularisation, and its direction is noise."""


class TwoSides(Model):
    """Lists of who and what is near in direction, and of what has the largest products.

    `_prepare` of a model hands its vectors to `_place`. Nothing is listed across islands, which are
    those of views (`generator.models.islands`) where views are all that is known. A row of zeros is
    somebody, or something, of whom nothing was learned.
    """

    serves: ClassVar[tuple[KindName, ...]] = ALL_WAYS

    def _place(
        self,
        islands: dict[Entity, NDArray[np.int32]],
        vectors: dict[Entity, NDArray[np.float32]],
        factors: dict[Entity, NDArray[np.float32]] | None = None,
    ) -> None:
        """islands: int32 [rows], as `islands_of` has them. vectors: float32 [rows, size], by whose
        directions rows are alike. factors: whose products are scores, if others."""
        self._sides: dict[Entity, Side] = {
            entity: Side(
                vectors[entity],
                (factors or vectors)[entity],
                islands[entity],
                self._search.order(entity),
            )
            for entity in vectors
        }

    def _move_users(
        self,
        rows: NDArray[np.int32],
        views: sp.csr_matrix,
        vectors: NDArray[np.float32],
        factors: NDArray[np.float32] | None = None,
    ) -> None:
        """Where these few users are now; views: [rows, courses], as `islands_of` has them."""
        islands = np.full(len(rows), NOWHERE, np.int32)
        for row in range(len(rows)):
            courses = views.indices[views.indptr[row] : views.indptr[row + 1]]
            linked = np.setdiff1d(self._sides["course"].islands[courses], [NOWHERE])
            islands[row] = linked[0] if len(linked) else NOWHERE
            if len(linked) > 1:
                for side in self._sides.values():
                    side.connect(linked)
                islands[np.isin(islands, linked)] = linked[0]
        self._sides["user"].move(rows, vectors, vectors if factors is None else factors, islands)

    def _knows(self) -> NDArray[np.bool_]:
        return self._sides["user"].known

    def _knows_courses(self) -> NDArray[np.bool_]:
        return self._sides["course"].known

    def _similar_users(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._alike("similar_users", users, n)

    def _similar_courses(self, courses: NDArray[np.int32], n: int) -> TopN:
        return self._alike("similar_courses", courses, n)

    def _recommend(self, users: NDArray[np.int32], n: int) -> TopN:
        return self._likely("recommendations", users, n)

    def _course_users(self, courses: NDArray[np.int32], n: int) -> TopN:
        return self._likely("course_users", courses, n)

    def _alike(self, kind: KindName, subjects: NDArray[np.int32], n: int) -> TopN:
        side = self._sides[KINDS[kind].subject]
        queries, islands = side.directions[subjects], side.islands[subjects]
        return self._search.nearest_on_islands(
            kind, subjects, queries, islands, side.by_direction(), n
        )

    def _likely(self, kind: KindName, subjects: NDArray[np.int32], n: int) -> TopN:
        side, other = self._sides[KINDS[kind].subject], self._sides[KINDS[kind].entry]
        queries, islands = side.factors[subjects], side.islands[subjects]
        return self._search.nearest_on_islands(
            kind, subjects, queries, islands, other.by_factors(), n
        )

    def _score(self, users: NDArray[np.int32], courses: NDArray[np.int32]) -> NDArray[np.float32]:
        ours, theirs = self._sides["user"], self._sides["course"]
        scores = np.einsum("us,uns->un", ours.factors[users], theirs.factors[courses])
        known = theirs.islands[courses] == ours.islands[users][:, None]
        return np.where(known, scores, np.float32(np.nan))


def islands_of(views: sp.csr_matrix) -> dict[Entity, NDArray[np.int32]]:
    """views: [users, courses], an entry a view that counts."""
    islands = Islands(views)
    return {"user": islands.of_user, "course": islands.of_course}


class Side:
    """The vectors of all users or of all courses, and who of them something was learned of."""

    def __init__(
        self,
        vectors: NDArray[np.float32],
        factors: NDArray[np.float32],
        islands: NDArray[np.int32],
        order: TieOrder,
    ) -> None:
        self.factors, self.islands, self._order = factors, islands, order
        self.directions, self.known = _directions(vectors, islands)
        self._find_anew()

    def _find_anew(self) -> None:
        self.by_direction = cache(lambda: self._candidates(self.directions))
        self.by_factors = cache(lambda: self._candidates(self.factors))

    def move(
        self,
        rows: NDArray[np.int32],
        vectors: NDArray[np.float32],
        factors: NDArray[np.float32],
        islands: NDArray[np.int32],
    ) -> None:
        """Where some are now; who searches for them finds them where they were."""
        self.factors[rows], self.islands[rows] = factors, islands
        self.directions[rows], self.known[rows] = _directions(vectors, islands)

    def connect(self, islands: NDArray[np.int32]) -> None:
        """These are one island now, under the number of the first: somebody links them."""
        self.islands[np.isin(self.islands, islands)] = islands[0]
        self._find_anew()

    def _candidates(self, vectors: NDArray[np.float32]) -> IslandCandidates:
        rows = np.flatnonzero(self.known).astype(np.int32)
        return IslandCandidates(vectors[rows], rows, self.islands[rows], self._order)


def _directions(
    vectors: NDArray[np.float32], islands: NDArray[np.int32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
    """Vectors of length 1, and of which rows anything was learned."""
    lengths = np.linalg.norm(vectors, axis=1)
    known: NDArray[np.bool_] = (lengths > NO_LENGTH) & (islands != NOWHERE)
    return vectors / np.maximum(lengths, NO_LENGTH)[:, None], known
