"""user_interests and course_tags: who follows which tags, and which courses carry them."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.synthetic.chance import Purpose, first_arrivals, stream, within_group
from generator.synthetic.rows import DAY_SECONDS, times, with_copies
from generator.synthetic.world import Block, World

CURIOSITY = 0.03
FOLLOWS_A_SITTING = 5
# A repeated follow comes days later: so many are left for that.
SPARE_DAYS = 30
COURSE_ROWS_A_BLOCK = 2**16


def course_tag_rows(world: World) -> Iterator[pa.RecordBatch]:
    courses = world.catalogue
    for number, first in enumerate(range(0, len(courses.tags), COURSE_ROWS_A_BLOCK)):
        rows = slice(first, first + COURSE_ROWS_A_BLOCK)
        rng = stream(world.seed, Purpose.COURSE_TAGS, number)
        yield pa.record_batch(
            {
                "course_id": courses.ids.take(pa.array(courses.tagged[rows])),
                "course_tags": world.tags.spell(rng, courses.tags[rows]),
            }
        )


def interest_rows(world: World, block: Block) -> pa.RecordBatch:
    rng = stream(world.seed, Purpose.FOLLOWS, block.number)
    rows = world.presence.follows
    users, tags = _follows(rng, world, block)
    seconds = _sittings(rng, users, world.shape.days)
    undated = np.zeros(len(users), dtype=bool)
    undated[rng.permutation(len(users))[: block.of(world.shape.undated_follows, rows)]] = True
    again = np.sort(
        rng.integers(max(len(users), 1), size=block.of(world.shape.repeated_follows, rows))
    )
    users, tags = np.append(users, users[again]), np.append(tags, tags[again])
    later = seconds[again] + (within_group(again) + 1) * DAY_SECONDS
    seconds = np.append(seconds, later)
    undated = np.append(undated, np.zeros(len(again), dtype=bool))
    order = np.lexsort((seconds, users))
    batch = pa.record_batch(
        {
            "user_handle": pa.array(users[order] + block.first + 1),
            "interest_tag": world.tags.spell(rng, tags[order]),
            "date_followed": times(world.shape.first_day, seconds[order], undated[order]),
        }
    )
    return with_copies(rng, batch, block.of(world.shape.duplicate_follows, rows))


def _follows(
    rng: np.random.Generator, world: World, block: Block
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """User (within the block) and tag of each follow; each pair once."""
    tags, some = world.tags, world.followable
    if world.shape.interest_profiles:
        return _follows_of_profiles(world, block)
    liking = world.learners(block).affinity(tags.topics)[:, tags.topic[some]]
    liking = (liking + CURIOSITY / tags.topics) * tags.weight[some]
    # Users 0, 1, ... follow tags 0, 1, ... for sure: with users enough, every tag is followed.
    sure = np.arange(block.first, max(block.first, min(block.end, len(some))))
    liking[sure - block.first, sure] = np.inf
    users, chosen = first_arrivals(rng, liking, world.presence.follows[block.first : block.end])
    return users, some[chosen]


def _follows_of_profiles(world: World, block: Block) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """As `_follows`, where user u follows what profile u % profiles does."""
    follows = world.presence.follows[block.first : block.end]
    rng, profiles = stream(world.seed, Purpose.FOLLOWS), world.shape.interest_profiles
    sizes = np.full(profiles, follows.max(initial=0))
    rates = np.tile(world.tags.weight[world.followable], (profiles, 1))
    _, chosen = first_arrivals(rng, rates, sizes)
    users = np.repeat(np.arange(len(follows)), follows)
    of_profile = chosen.reshape(profiles, -1)
    return users, world.followable[
        of_profile[(users + block.first) % profiles, within_group(users)]
    ]


def _sittings(rng: np.random.Generator, users: NDArray[np.int64], days: int) -> NDArray[np.int64]:
    """Seconds since the first day: a user follows several tags in one sitting."""
    starts = within_group(users) % FOLLOWS_A_SITTING == 0
    moments = rng.integers((days - SPARE_DAYS) * DAY_SECONDS, size=int(starts.sum()))
    seconds: NDArray[np.int64] = moments[np.cumsum(starts) - 1]
    return seconds
