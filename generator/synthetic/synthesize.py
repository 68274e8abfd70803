"""A believable data set without anybody in it, written block by block."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow as pa

from generator.synthetic.assessments import assessment_rows
from generator.synthetic.follows import course_tag_rows, interest_rows
from generator.synthetic.shape import shape_of
from generator.synthetic.views import view_rows
from generator.synthetic.world import Block, World
from generator.synthetic.writing import FileFormat, write_tables
from shared.errors import SettingsError

Progress = Callable[[int, int], None]


def synthesize(
    folder: str | Path,
    users: int | None = None,
    courses: int | None = None,
    seed: int = 42,
    views: int | None = None,
    like: str | None = None,
    file_format: FileFormat = "csv",
    extreme: str | None = None,
    progress: Progress = lambda done, total: None,
) -> dict[str, int]:
    """Write the four tables into `folder`, replacing files of the same names; rows per table.

    `views` is the number of rows of user_course_views (default: 10 a user). `like="pluralsight"`
    takes all numbers from the reference data instead. `extreme` is one of `EXTREMES` (shape.py):
    popular-courses, same-interests, heavy-user. Same arguments, same bytes. `progress` is
    called with blocks done and blocks in all. Memory: the courses and a block of 1,024 users.

    Raises SettingsError if an argument makes no sense, DataError if the folder cannot be written,
    or holds a form of a table that would be read in place of the one written here.
    """
    if seed < 0:
        raise SettingsError(f"seed must be at least 0. Received: {seed}")
    world = World.create(shape_of(users, courses, views, like, extreme), seed)
    blocks = list(world.blocks())
    steps = iter(range(1, 3 * len(blocks) + 1))

    def of_users(rows: Callable[[World, Block], pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        for block in blocks:
            yield rows(world, block)
            progress(next(steps), 3 * len(blocks))

    return write_tables(
        Path(folder),
        {
            "course_tags": course_tag_rows(world),
            "user_interests": of_users(interest_rows),
            "user_course_views": of_users(view_rows),
            "user_assessment_scores": of_users(assessment_rows),
        },
        file_format,
    )
