"""Invented users: what they like, and who is in which table how often."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.synthetic.chance import deal, power_law
from generator.synthetic.shape import FOLLOWS_A_USER, Shape
from generator.synthetic.topics import Tags

# A user of every table, for the requests that the documentation shows.
SHOWN_USER = 999
TASTES = (0.6, 0.3, 0.1)


@dataclass(frozen=True)
class Presence:
    """int64 [users] each: how many rows a user gets in a table, before exact copies."""

    follows: NDArray[np.int64]
    views: NDArray[np.int64]
    assessments: NDArray[np.int64]


def draw_presence(rng: np.random.Generator, shape: Shape, followable: int) -> Presence:
    """Nobody lacks both interests and views; user 999 lacks nothing."""
    users = np.arange(shape.users)
    movable = rng.permutation(users[users != SHOWN_USER - 1])
    quiet = shape.users_without_interests
    assessed = np.append(users[users == SHOWN_USER - 1], movable[::-1])[: shape.assessed_users]
    viewers = np.setdiff1d(users, movable[quiet : quiet + shape.users_without_views])
    unique_follows = shape.follows - shape.repeated_follows - shape.duplicate_follows
    unique_views = shape.views - shape.duplicate_views - shape.views_of_one
    most = min(followable, FOLLOWS_A_USER) if shape.interest_profiles else followable
    follows = deal(rng, unique_follows, np.setdiff1d(users, movable[:quiet]), len(users), most)
    views = deal(rng, unique_views, viewers[: shape.views], len(users), shape.views)
    views[viewers[:1]] += shape.views_of_one
    tests = min(15, shape.assessment_tags)
    return Presence(follows, views, deal(rng, shape.assessments, assessed, len(users), tests))


@dataclass(frozen=True)
class Learners:
    """One block of users."""

    tastes: NDArray[np.int64]
    """[users, 3]: topics, the dearest first; they may repeat."""
    level: NDArray[np.int64]
    """[users]: the level a user favours."""

    def draw_topic(self, rng: np.random.Generator, users: NDArray[np.int64]) -> NDArray[np.int64]:
        """For each entry a topic that this user likes."""
        return self.tastes[users, rng.choice(len(TASTES), len(users), p=TASTES)]

    def affinity(self, topics: int) -> NDArray[np.float64]:
        """[users, topics]: how much a user likes each topic; a row sums to 1."""
        affinity = np.zeros((len(self.tastes), topics))
        rows = np.arange(len(self.tastes))
        for rank, weight in enumerate(TASTES):
            affinity[rows, self.tastes[:, rank]] += weight
        return affinity


def draw_learners(rng: np.random.Generator, users: int, shape: Shape, tags: Tags) -> Learners:
    popular = power_law(tags.topics, 0.5)
    return Learners(
        tastes=rng.choice(tags.topics, (users, len(TASTES)), p=popular),
        level=rng.choice(len(shape.levels), users, p=[part for _, part in shape.levels]),
    )
