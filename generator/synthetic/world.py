"""What all tables of one synthetic data set share; small beside the tables themselves."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.synthetic.catalogue import Catalogue, invent_courses
from generator.synthetic.chance import Purpose, stream
from generator.synthetic.learners import Learners, Presence, draw_learners, draw_presence
from generator.synthetic.shape import Shape
from generator.synthetic.topics import Tags, choose_tags

USERS_A_BLOCK = 1024


@dataclass(frozen=True)
class Block:
    """Users `first` to `end` - 1; the handle of user 0 is 1."""

    number: int
    first: int
    end: int

    def of(self, total: int, rows: NDArray[np.int64]) -> int:
        """What this block gets of `total` when users have so many `rows`; adds up exactly."""
        every = int(rows.sum())
        before, after = int(rows[: self.first].sum()), int(rows[: self.end].sum())
        return total * after // every - total * before // every if every else 0


@dataclass(frozen=True)
class World:
    shape: Shape
    seed: int
    tags: Tags
    followable: NDArray[np.int64]
    """The tags that users follow; courses carry more."""
    catalogue: Catalogue
    presence: Presence

    @classmethod
    def create(cls, shape: Shape, seed: int) -> "World":
        tags = choose_tags(stream(seed, Purpose.TAGS), shape.tags, shape.case_variants)
        followable = tags.most_common(shape.interest_tags - shape.case_variants)
        return cls(
            shape=shape,
            seed=seed,
            tags=tags,
            followable=followable,
            catalogue=invent_courses(stream(seed, Purpose.COURSES), shape, tags),
            presence=draw_presence(stream(seed, Purpose.PRESENCE), shape, len(followable)),
        )

    def blocks(self) -> Iterator[Block]:
        for number, first in enumerate(range(0, self.shape.users, USERS_A_BLOCK)):
            yield Block(number, first, min(first + USERS_A_BLOCK, self.shape.users))

    def learners(self, block: Block) -> Learners:
        """The same users, whichever table asks."""
        rng = stream(self.seed, Purpose.LEARNERS, block.number)
        return draw_learners(rng, block.end - block.first, self.shape, self.tags)
