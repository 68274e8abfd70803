"""The kinds of lists, once: whose list it is, what its entries are, and how it is asked for.

Everything that handles each kind (rows, stores, gate, evaluation, routes, explorer, Postman) loops
over `KINDS`; no other place spells a kind's name, field or path.
"""

from dataclasses import dataclass
from typing import Literal

KindName = Literal["similar_users", "recommendations", "similar_courses", "course_users"]
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


KINDS: dict[KindName, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            "similar_users", "user", "user", "/similar-users", "similar_users", "similar users"
        ),
        Kind(
            "recommendations", "user", "course", "/recommendations", "courses", "recommendations"
        ),
        Kind(
            "similar_courses", "course", "course", "/similar-courses", "similar_courses",
            "similar courses",
        ),
        Kind("course_users", "course", "user", "/course-users", "users", "users for a course"),
    )
}  # fmt: skip
"""In the order in which they are listed and shown."""
