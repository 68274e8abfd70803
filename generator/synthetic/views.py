"""user_course_views: a user comes back to courses of their topics and their level."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.synthetic.chance import Purpose, stream, within_group
from generator.synthetic.rows import days, with_copies
from generator.synthetic.shape import HITS
from generator.synthetic.world import Block, World

WANDERING = 0.1
TRUE_TO_LEVEL = 0.7
# None has a common factor with the days of any Shape, so the days of a pair differ.
DAYS_BETWEEN_VIEWS = np.array([1, 1, 3, 7, 11])
MEDIAN_SECONDS = 480
LIKED_LEVEL_FACTOR = 1.6
MAX_SECONDS = 6 * 3600


def view_rows(world: World, block: Block) -> pa.RecordBatch:
    rng = stream(world.seed, Purpose.VIEWS, block.number)
    courses, shape = world.catalogue, world.shape
    users, chosen = _views(rng, world, block)
    nth = within_group(users * shape.courses + chosen)
    start = np.arange(len(nth)) - nth
    first = rng.integers(shape.days, size=len(nth))[start]
    pause = DAYS_BETWEEN_VIEWS[rng.integers(len(DAYS_BETWEEN_VIEWS), size=len(nth))][start]
    day = (first + nth * pause) % shape.days
    liked = courses.level[chosen] == world.learners(block).level[users]
    median = np.where(liked, MEDIAN_SECONDS * LIKED_LEVEL_FACTOR, MEDIAN_SECONDS)
    seconds = np.minimum(rng.lognormal(np.log(median), 1.2), MAX_SECONDS).astype(np.int64)
    order = np.lexsort((day, users))
    taken = pa.array(chosen[order])
    batch = pa.record_batch(
        {
            "user_handle": pa.array(users[order] + block.first + 1),
            "view_date": days(shape.first_day, day[order]),
            "course_id": courses.ids.take(taken),
            "author_handle": pa.array(courses.author[chosen[order]]),
            "level": courses.levels.take(taken),
            "view_time_seconds": pa.array(seconds[order]),
        }
    )
    return with_copies(rng, batch, block.of(shape.duplicate_views, world.presence.views))


def _views(
    rng: np.random.Generator, world: World, block: Block
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """User (within the block) and course of each view, sorted by both."""
    counts = world.presence.views[block.first : block.end]
    users = np.repeat(np.arange(len(counts)), counts)
    turns = rng.random(len(users)) < 1 / world.shape.views_a_pair
    turns |= within_group(users) == 0
    courses = _choices(rng, world, block, users[turns])[np.cumsum(turns) - 1]
    order = np.lexsort((courses, users))
    return users[order], courses[order]


def _choices(
    rng: np.random.Generator, world: World, block: Block, users: NDArray[np.int64]
) -> NDArray[np.int64]:
    """A course for each: mostly of the user's topics and favourite level."""
    learners, shares = world.learners(block), [part for _, part in world.shape.levels]
    stray = rng.random(len(users)) < WANDERING
    topic = np.where(
        stray, rng.integers(world.tags.topics, size=len(users)), learners.draw_topic(rng, users)
    )
    level = np.where(
        rng.random(len(users)) < TRUE_TO_LEVEL,
        learners.level[users],
        rng.choice(len(shares), len(users), p=shares),
    )
    courses = world.catalogue.popularity.draw(rng, topic, level)
    if world.shape.hit_share:
        hit = rng.random(len(users)) < world.shape.hit_share
        hits = min(HITS, world.shape.courses)
        courses = np.where(hit, rng.integers(hits, size=len(users)), courses)
    return courses
