"""user_assessment_scores: a few tests of a user, once each."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.synthetic.chance import Purpose, first_arrivals, stream
from generator.synthetic.rows import DAY_SECONDS, times
from generator.synthetic.world import Block, World

SCORE_MEAN = 142
SCORE_DEVIATION = 56
MAX_SCORE = 298
BOLDNESS = 0.1


def assessment_rows(world: World, block: Block) -> pa.RecordBatch:
    rng = stream(world.seed, Purpose.ASSESSMENTS, block.number)
    tests, topics = _tests(world)
    liking = world.learners(block).affinity(world.tags.topics)[:, topics] + BOLDNESS
    users, chosen = first_arrivals(rng, liking, world.presence.assessments[block.first : block.end])
    seconds = rng.integers(world.shape.days * DAY_SECONDS, size=len(users))
    scores = np.clip(rng.normal(SCORE_MEAN, SCORE_DEVIATION, len(users)), 0, MAX_SCORE)
    return pa.record_batch(
        {
            "user_handle": pa.array(users + block.first + 1),
            "assessment_tag": tests.take(pa.array(chosen)),
            "user_assessment_date": times(world.shape.first_day, seconds),
            "user_assessment_score": pa.array(np.rint(scores).astype(np.int64)),
        }
    )


def _tests(world: World) -> tuple[pa.Array, NDArray[np.int64]]:
    """Names of the tests and the topic of each: some are named as a tag, some in their own way."""
    shape, tags = world.shape, world.tags
    shared = tags.most_common(shape.shared_assessment_tags)
    own = tags.most_common(tags.topics)[: shape.assessment_tags - len(shared)]
    names = [tags.names[tag] for tag in shared] + [f"{tags.names[tag]}-skill" for tag in own]
    return pa.array(names), tags.topic[np.append(shared, own)]
