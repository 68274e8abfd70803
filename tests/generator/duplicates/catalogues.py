"""Catalogues in which it is known which courses are the same."""

from collections.abc import Mapping, Sequence

from generator.duplicates.find import grouped
from generator.duplicates.groups import CourseGroups
from generator.duplicates.records import Records

PYTHON = (
    "Learn Python programming by building twelve projects: variables, loops, functions, classes, "
    "files and web scraping, with exercises after every chapter and a final exam."
)
CALCULUS = (
    "Limits, derivatives, integrals and series are introduced with applications in physics and "
    "economics; weekly problem sets are discussed in the forum by our teaching assistants."
)
BOILERPLATE = (
    "Study at your own pace with our award-winning instructors, earn a certificate to share with "
    "your network, and get lifetime access to all materials on desktop and mobile."
)


def groups_among(
    courses: Sequence[tuple[str, str]], attributes: Mapping[str, Sequence[str]] | None = None
) -> list[list[int]]:
    """courses: (title, description). The groups by row numbers, the first stands for each."""
    return grouping(courses, attributes)[0]


def grouping(
    courses: Sequence[tuple[str, str]], attributes: Mapping[str, Sequence[str]] | None = None
) -> tuple[list[list[int]], CourseGroups]:
    titles, descriptions = zip(*courses, strict=True)
    groups = grouped(Records(titles, descriptions, attributes or {}), range(len(courses)))
    return [members.tolist() for members in groups.members.values()], groups
