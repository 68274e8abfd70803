"""What a course's page shows beside its title: each only where there is something to show.

Most courses of a large catalogue have no review and no twin, so their rows do not name these.
"""

from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.lists.pathways import pathways_of
from generator.reviews.opinions import Opinions
from generator.text.cleaning import cleaned
from shared.records import Handle

MOST_CHARACTERS = 600
"""Of a description: a paragraph, and little enough for 395,000 rows."""
MOST_DUPLICATES = 20
"""That a row names: of 50,000 equal courses each would name all others."""
MOST_ADDRESS_CHARACTERS = 2000


def course_details(
    dataset: Dataset,
    opinions: Opinions | None = None,
    stands_for: NDArray[np.int32] | None = None,
) -> Iterator[dict[str, object]]:
    """For every course what there is of: description, picture, completions, rating, sentiment,
    duplicates, duplicate_count, pathways.

    stands_for: int32 [courses], the course that stands for each, itself where it is unique.
    """
    courses, pathways = range(len(dataset.courses)), pathways_of(dataset)
    completions = np.bincount(dataset.completions.indices, minlength=len(courses)).tolist()
    handles = dataset.courses.handles()
    groups = _groups(stands_for) if stands_for is not None else {}
    for course in courses:
        same = groups.get(course, [])
        details: dict[str, object] = {
            "description": excerpt(cleaned(dataset.texts.descriptions[course])),
            "picture": shown_picture(dataset.image_paths[course]),
            "completions": completions[course],
            "rating": opinions and opinions.rating_of(course),
            "sentiment": opinions and opinions.sentiment_of(course),
            "duplicates": _others(course, same, handles),
            "duplicate_count": max(len(same) - 1, 0),
            "pathways": next(pathways),
        }
        yield {name: value for name, value in details.items() if value}


def excerpt(text: str) -> str:
    """The text itself if it is short, else what fits of it, to the end of a word."""
    if len(text) <= MOST_CHARACTERS:
        return text
    cut = text[: MOST_CHARACTERS - 1]
    whole_words = cut if text[len(cut)].isspace() else cut.rpartition(" ")[0]
    return f"{(whole_words or cut).rstrip()}\N{HORIZONTAL ELLIPSIS}"


def shown_picture(path: str) -> str | None:
    """An http(s) address, or a path that leads down from a folder; None for anything else.

    It comes from a table, and ends in pages: addresses that run or read something are left out.
    """
    path = path.strip()
    if not path or len(path) > MOST_ADDRESS_CHARACTERS or not path.isprintable() or "\\" in path:
        return None
    try:
        address = urlsplit(path)
        if address.scheme.lower() in ("http", "https"):
            named = address.hostname and address.port != 0 and "@" not in address.netloc
            return path if named and " " not in path else None
    except ValueError:
        return None
    is_inside = not path.startswith("/") and ".." not in path.split("/")
    return path if is_inside and not address.scheme and not address.netloc else None


def _groups(stands_for: NDArray[np.int32]) -> dict[int, list[int]]:
    """Row number of each course that has duplicates -> its whole group, who stands for it first."""
    members = np.flatnonzero(np.bincount(stands_for, minlength=len(stands_for))[stands_for] > 1)
    by_group = members[np.lexsort((members, stands_for[members] != members, stands_for[members]))]
    starts = np.flatnonzero(np.diff(stands_for[by_group], prepend=-1))
    groups = [group.tolist() for group in np.split(by_group, starts[1:])] if len(members) else []
    return {course: group for group in groups for course in group}


def _others(course: int, group: Sequence[int], handles: Sequence[Handle]) -> list[Handle]:
    named = group[: MOST_DUPLICATES + 1]
    return [handles[other] for other in named if other != course][:MOST_DUPLICATES]
