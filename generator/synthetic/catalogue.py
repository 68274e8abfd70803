"""Invented courses, and the choice of one by topic, level and popularity."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from generator.synthetic.chance import power_law, within_group
from generator.synthetic.shape import Shape
from generator.synthetic.topics import Tags

MOST_TAGS = 15
OFF_TOPIC = 0.15
SLUG = str.maketrans({"+": "p", "#": "sharp", ".": None})


class Popularity:
    """Draws courses of a topic and level, each as often as its weight says."""

    def __init__(
        self,
        weight: NDArray[np.float64],
        topic: NDArray[np.int64],
        level: NDArray[np.int64],
        shape: tuple[int, int],
    ) -> None:
        """`shape`: how many topics and levels there are."""
        self._levels = shape[1]
        group = topic * self._levels + level
        sizes = np.bincount(group, minlength=shape[0] * shape[1])
        self._starts = np.append(0, np.cumsum(sizes))
        self._courses = np.argsort(group, kind="stable")
        self._up_to = np.append(0.0, np.cumsum(weight[self._courses]))

    def draw(
        self, rng: np.random.Generator, topic: NDArray[np.int64], level: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """A course for each pair; where it has none, one of the topic, or else any."""
        group, topic_group = topic * self._levels + level, topic * self._levels
        low, high = self._starts[group], self._starts[group + 1]
        low, high = np.where(
            low < high, (low, high), self._starts[[topic_group, topic_group + self._levels]]
        )
        low, high = np.where(low < high, low, 0), np.where(low < high, high, len(self._courses))
        start, end = self._up_to[low], self._up_to[high]
        point = start + rng.random(len(topic)) * (end - start)
        place = np.searchsorted(self._up_to, point, side="right") - 1
        drawn: NDArray[np.int64] = self._courses[np.clip(place, low, high - 1)]
        return drawn


@dataclass(frozen=True)
class Catalogue:
    """One entry a course, unless said otherwise."""

    ids: pa.Array
    level: NDArray[np.int64]
    levels: pa.Array
    """The level as written; null for a few."""
    author: NDArray[np.int64]
    tagged: NDArray[np.int64]
    """One entry a row of course_tags: its course, ascending."""
    tags: NDArray[np.int64]
    """One entry a row of course_tags: its tag, -1 where the course has none."""
    popularity: Popularity


def invent_courses(rng: np.random.Generator, shape: Shape, tags: Tags) -> Catalogue:
    courses = shape.courses
    likely = power_law(tags.topics, 0.5)[tags.topic] * tags.weight
    main = rng.choice(len(tags.names), courses, p=likely / likely.sum())
    tagged = rng.permutation(courses)[: courses - shape.untagged_courses]
    # Every tag is some course's main tag, if there are courses enough.
    sure = tagged[: len(tags.names)]
    main[sure] = np.arange(len(sure))
    topic = tags.topic[main]
    level = rng.choice(len(shape.levels), courses, p=[part for _, part in shape.levels])
    written = np.array([name for name, _ in shape.levels], dtype=object)[level]
    written[rng.permutation(courses)[: shape.courses_without_level]] = None
    weight = power_law(courses, 0.9)[rng.permutation(courses)]
    author = rng.choice(shape.authors, courses, p=power_law(shape.authors, 0.6)) + 1
    course_of_row, tag_of_row = _tag_rows(rng, main, tagged, tags)
    return Catalogue(
        ids=pa.array(_slugs(main, tags.names)),
        level=level,
        levels=pa.array(written.tolist(), pa.string()),
        author=author,
        tagged=course_of_row,
        tags=tag_of_row,
        popularity=Popularity(weight, topic, level, (tags.topics, len(shape.levels))),
    )


def _tag_rows(
    rng: np.random.Generator, main: NDArray[np.int64], tagged: NDArray[np.int64], tags: Tags
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Course and tag of each row: the main tag, a few more mostly of its topic, each once."""
    more = np.minimum(rng.geometric(0.47, len(tagged)) - 1, MOST_TAGS - 1)
    courses = np.repeat(tagged, more)
    starts = np.append(0, np.cumsum(np.bincount(tags.topic)))
    topic = tags.topic[main[courses]]
    astray = rng.random(len(courses)) < OFF_TOPIC
    topic[astray] = rng.integers(tags.topics, size=int(astray.sum()))
    up_to = np.cumsum(tags.weight)
    extra = np.searchsorted(up_to, topic + rng.random(len(topic)), side="right")
    extra = np.clip(extra, starts[topic], starts[topic + 1] - 1)
    bare = np.setdiff1d(np.arange(len(main)), tagged)
    rows = np.concatenate([tagged, courses, bare])
    tags_of_rows = np.concatenate([main[tagged], extra, np.full(len(bare), -1)])
    # One number a pair, with 0 for no tag: np.unique over rows of two is ten times slower.
    base = len(tags.names) + 1
    distinct_rows, distinct_tags = np.divmod(np.unique(rows * base + tags_of_rows + 1), base)
    return distinct_rows, distinct_tags - 1


def _slugs(main: NDArray[np.int64], names: list[str]) -> list[str]:
    """`python-testing`, `python-testing-2`, ...: distinct, in the order of the courses."""
    slugs = [name.translate(SLUG) for name in names]
    order = np.argsort(main, kind="stable")
    nth = np.empty(len(main), dtype=np.int64)
    nth[order] = within_group(main[order]) + 1
    return [slugs[m] if n == 1 else f"{slugs[m]}-{n}" for m, n in zip(main, nth, strict=True)]
