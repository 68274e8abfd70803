"""The kinds of lists, once: whose list it is, what its entries are, and how it is asked for.

Everything that handles each kind (rows, stores, gate, evaluation, routes, explorer, Postman) loops
over `KINDS`; no other place spells a kind's name, field or path.
"""

from dataclasses import dataclass
from typing import Literal

KindName = Literal["similar_users", "recommendations", "similar_courses", "course_users", "resume"]
Entity = Literal["user", "course"]


@dataclass(frozen=True, slots=True)
class Kind:
    name: KindName
    subject: Entity
    """Whose list it is."""
    entry: Entity
    """What its entries are."""
    path: str
    """Where it is asked for, without a trailing slash."""
    field: str
    """What the list is called in an answer's `data`."""
    title: str
    """What people call such lists, in lower case."""
    summary: str
    """What its route is for, in a few words."""
    help: str
    """What there is to know about the list, for the API's description."""
    falls_back: bool = False
    """Whether another model's list is answered where the asked one has none."""
    of_own: bool = False
    """Whether its entries are what the subject has already: there is nothing to choose from."""


SIMILAR_USERS = Kind(
    "similar_users",
    "user",
    "user",
    "/similar-users",
    "similar_users",
    "similar users",
    "Users like this one",
    "Most similar first, and never the user itself. A user whom the model has no list for is a 404 "
    "that says which models have one.",
)
RECOMMENDATIONS = Kind(
    "recommendations",
    "user",
    "course",
    "/recommendations",
    "courses",
    "recommendations",
    "Courses for this user",
    "Best first, and never one that the user has seen. If the model has none for this user, those "
    "of a fallback such as the most viewed courses, and `source` says so.",
    falls_back=True,
)
SIMILAR_COURSES = Kind(
    "similar_courses",
    "course",
    "course",
    "/similar-courses",
    "similar_courses",
    "similar courses",
    "Courses like this one",
    "Most similar first, and never the course itself; with `user_handle` without what this user "
    "has seen.",
)
COURSE_USERS = Kind(
    "course_users",
    "course",
    "user",
    "/course-users",
    "users",
    "users for a course",
    "Users for this course",
    "Whom to tell of it: best fitting first, and never one who has seen it.",
)
RESUME = Kind(
    "resume",
    "user",
    "course",
    "/resume",
    "unfinished_courses",
    "courses to resume",
    "Courses that this user began",
    "Begun and not completed, by the time spent on each and how long ago that was; empty if all "
    "that the user began is completed.",
    of_own=True,
)

KINDS: dict[KindName, Kind] = {
    kind.name: kind
    for kind in (SIMILAR_USERS, RECOMMENDATIONS, SIMILAR_COURSES, COURSE_USERS, RESUME)
}
"""In the order in which they are listed and shown."""
