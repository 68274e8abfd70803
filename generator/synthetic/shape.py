"""How much of what a synthetic data set holds."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from generator.synthetic.topics import MAX_TAGS
from shared.errors import SettingsError

DEFAULT_USERS = 2_000
DEFAULT_COURSES = 600
VIEWS_A_USER = 10
FOLLOWS_A_USER = 9


@dataclass(frozen=True)
class Shape:
    """Row counts hold exactly, as long as the tags and the users suffice for them."""

    users: int
    courses: int
    tags: int
    """Distinct spellings in course_tags."""
    interest_tags: int
    """Distinct spellings in user_interests."""
    case_variants: int
    """Tags that are also written with capitals; their second spellings are among `tags`."""
    untagged_courses: int
    authors: int
    levels: tuple[tuple[str, float], ...]
    """Level -> its share of courses and of users who favour it."""
    courses_without_level: int

    follows: int
    """Rows of user_interests, with `repeated_follows` and `duplicate_follows` among them."""
    repeated_follows: int
    """The same user and tag at another time."""
    duplicate_follows: int
    """Exact copies."""
    undated_follows: int
    users_without_interests: int

    views: int
    duplicate_views: int
    views_a_pair: float
    """Mean rows of one choice of a course; a user may choose the same course again."""
    users_without_views: int

    assessments: int
    assessed_users: int
    assessment_tags: int
    shared_assessment_tags: int
    """How many of them are interest tags too."""

    first_day: date
    days: int

    hit_share: float = 0.0
    """Share of the choices of a course that fall on one of `HITS` courses."""
    interest_profiles: int = 0
    """If above 0, every user follows the tags of one of so many profiles, all of the same size."""
    views_of_one: int = 0
    """Rows of user_course_views that a single user gets on top."""


PLURALSIGHT = Shape(
    users=10_000,
    courses=5_942,
    tags=998,
    interest_tags=748,
    case_variants=2,
    untagged_courses=112,
    authors=1_412,
    levels=(("Beginner", 0.455), ("Intermediate", 0.477), ("Advanced", 0.068)),
    courses_without_level=0,
    follows=297_526,
    repeated_follows=14_000,
    duplicate_follows=18_209,
    undated_follows=0,
    users_without_interests=0,
    views=249_238,
    duplicate_views=0,
    views_a_pair=1.85,
    users_without_views=1_240,
    assessments=6_571,
    assessed_users=3_114,
    assessment_tags=54,
    shared_assessment_tags=17,
    first_day=date(2017, 5, 1),
    days=212,
)
LIKE = {"pluralsight": PLURALSIGHT}

HITS = 10
EXTREMES: dict[str, Callable[[Shape], Shape]] = {
    "popular-courses": lambda shape: replace(shape, hit_share=0.5),
    "same-interests": lambda shape: replace(
        shape,
        interest_profiles=100,
        follows=FOLLOWS_A_USER * (shape.users - shape.users_without_interests)
        + shape.repeated_follows
        + shape.duplicate_follows,
    ),
    "heavy-user": lambda shape: replace(shape, views_of_one=min(20_000, shape.views // 2)),
}
"""What strains a generator: a few courses that everybody views, users who cannot be told apart, and
one who has viewed very much."""


def shape_of(
    users: int | None,
    courses: int | None,
    views: int | None,
    like: str | None,
    extreme: str | None = None,
) -> Shape:
    """Raises SettingsError if a number is out of range, or `like` is unknown or not alone."""
    if extreme is not None and extreme not in EXTREMES:
        raise SettingsError(f"extreme must be one of {', '.join(EXTREMES)}. Received: {extreme!r}")
    if like is None:
        shape = _usual(
            _at_least(1, "users", users, DEFAULT_USERS),
            _at_least(1, "courses", courses, DEFAULT_COURSES),
            None if views is None else _at_least(0, "views", views, 0),
        )
        return EXTREMES[extreme](shape) if extreme else shape
    if like not in LIKE:
        raise SettingsError(f"like must be one of {', '.join(LIKE)}. Received: {like!r}")
    if (users, courses, views, extreme) != (None, None, None, None):
        raise SettingsError(
            f"like {like} says how many users, courses and views, and how they are spread: "
            "leave them out."
        )
    return LIKE[like]


def _at_least(minimum: int, name: str, number: int | None, default: int) -> int:
    if number is not None and number < minimum:
        raise SettingsError(f"{name} must be at least {minimum}. Received: {number}")
    return default if number is None else number


def _usual(users: int, courses: int, views: int | None) -> Shape:
    tags = min(MAX_TAGS, max(20, round(6 * courses**0.5)))
    follows = FOLLOWS_A_USER * users
    rows = VIEWS_A_USER * users if views is None else views
    return Shape(
        users=users,
        courses=courses,
        tags=tags,
        interest_tags=tags - tags // 8,
        case_variants=tags // 40,
        untagged_courses=courses // 50,
        authors=max(1, courses // 4),
        levels=(("Beginner", 0.42), ("Intermediate", 0.38), ("Advanced", 0.2)),
        courses_without_level=courses // 100,
        follows=follows,
        repeated_follows=follows // 25,
        duplicate_follows=follows // 50,
        undated_follows=follows // 200,
        users_without_interests=users // 20,
        views=rows,
        duplicate_views=rows // 200,
        views_a_pair=1.25,
        users_without_views=users // 8,
        assessments=users * 2 // 3,
        assessed_users=users * 3 // 10,
        assessment_tags=max(4, tags // 8),
        shared_assessment_tags=max(2, tags // 12),
        first_day=date(2024, 1, 1),
        days=730,
    )
