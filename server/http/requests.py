"""The requests for lists, as the server checks them and OpenAPI shows them."""

from collections.abc import Sequence, Set
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainValidator,
    StrictBool,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from shared.kinds import KINDS, Entity, Kind, KindName
from shared.records import INT64_MAX, MAX_HANDLE_CHARACTERS, is_handle, trimmed

MAX_LIMIT = 1000
MAX_BATCH_SUBJECTS = 100
MAX_MODEL_HANDLE_CHARACTERS = 128
MAX_EXCLUDED = 500
MAX_FACETS = 10
MAX_FACET_VALUES = 50
MAX_FACET_CHARACTERS = 128
MAX_AGE_SECONDS = 10 * 366 * 86400
_EXACT_IN_A_FLOAT = 2**53


def _whole(value: object) -> object:
    """JSON has one kind of number, so 999.0 is 999; true and "999" are no numbers."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT_IN_A_FLOAT:
        return int(value)
    return value


def _handle(value: object) -> object:
    if type(value) is int and -INT64_MAX - 1 <= value <= INT64_MAX:
        return value
    handle = _whole(value)
    if isinstance(handle, str):
        handle = trimmed(handle)
    if is_handle(handle):
        return handle
    raise PydanticCustomError(
        "handle",
        "must be an integer of 64 bits, or a text of 1 to {longest} characters",
        {"longest": MAX_HANDLE_CHARACTERS},
    )


def _whole_number(value: object) -> object:
    number = _whole(value)
    if isinstance(number, int) and not isinstance(number, bool):
        return number
    raise PydanticCustomError("whole_number", "must be a whole number")


def number(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("number", "must be a number")


def _facets(value: object) -> object:
    """One value may stand without its brackets."""
    if isinstance(value, dict):
        return {name: [one] if isinstance(one, str) else one for name, one in value.items()}
    return value


# What Unicode calls white space and Python cuts off; engines differ in what they take \s for.
NOT_BLANK = r"[^\t-\r\u001c-\u0020\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
HANDLE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": -INT64_MAX - 1, "maximum": INT64_MAX, "format": "int64"},
        {"type": "string", "maxLength": MAX_HANDLE_CHARACTERS, "pattern": NOT_BLANK},
    ]
}


def _handle_schema(description: str, example: int | str) -> WithJsonSchema:
    return WithJsonSchema(HANDLE_SCHEMA | {"description": description, "examples": [example]})


UserHandle = Annotated[
    int | str,
    PlainValidator(_handle),
    _handle_schema("The user, by the handle and JSON type of your tables.", 999),
]
CourseHandle = Annotated[
    int | str,
    PlainValidator(_handle),
    _handle_schema("The course, by the handle and JSON type of your tables.", "python-basics"),
]
EntryHandle = Annotated[int | str, PlainValidator(_handle), WithJsonSchema(HANDLE_SCHEMA)]
# In this order; the other way round the bounds are missing from the JSON schema.
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT), BeforeValidator(_whole_number)]
Offset = Annotated[int, Field(ge=0, le=MAX_LIMIT), BeforeValidator(_whole_number)]
Seconds = Annotated[float, Field(ge=0, le=MAX_AGE_SECONDS), BeforeValidator(number)]
Facet = Annotated[str, Field(min_length=1, max_length=MAX_FACET_CHARACTERS)]
Facets = Annotated[
    dict[str, Annotated[list[Facet], Field(min_length=1, max_length=MAX_FACET_VALUES)]],
    BeforeValidator(_facets),
]


class ListsRequest(BaseModel):
    """What all requests for lists have."""

    model_config = ConfigDict(extra="forbid")

    model_handle: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_MODEL_HANDLE_CHARACTERS,
        description="The model to ask, one of GET /models; without it the default for such lists, "
        "which `default_models` there names.",
    )
    limit: Limit | None = Field(
        None, description="Entries wanted; the answer has fewer where fewer are stored."
    )
    offset: Offset | None = Field(
        None, description="So many first entries are passed over, for pages."
    )
    exclude: list[EntryHandle] | None = Field(
        None,
        max_length=MAX_EXCLUDED,
        description="Handles that the list must not have. Deeper entries take their places, and "
        "where recommended courses run out, those of the fallback.",
    )
    only: list[EntryHandle] | None = Field(
        None, max_length=MAX_EXCLUDED, description="The list has no other handles than these."
    )
    with_scores: StrictBool | None = Field(
        None, description="Add `scores`: for each entry how strong the model finds it."
    )
    with_reasons: StrictBool | None = Field(
        None, description="Add `reasons`: why each entry is in the list, where the model knows."
    )
    max_age_seconds: Seconds | None = Field(
        None,
        description="Mark lists of an older generation as `stale`, or, where the server is set to "
        "STALE_LISTS=refuse, answer 503.",
    )

    @property
    def subjects(self) -> Sequence[int | str]:
        """Whose lists are asked for, in the order of the answers."""
        raise AttributeError(type(self).__name__)

    @property
    def is_batch(self) -> bool:
        return False

    # A question that a body cannot hold is answered by what holds none: asking pydantic for a field
    # that is not there takes as long as parsing the body.
    @property
    def facets(self) -> dict[str, Set[str]]:
        """Name -> the values of which a course must have one, in lower case."""
        return {}

    @property
    def unseen_by(self) -> int | str | None:
        """A user whose seen courses the list is not to have."""
        return None


class OfUser(ListsRequest):
    user_handle: UserHandle

    @property
    def subjects(self) -> Sequence[int | str]:
        return [self.user_handle]


class OfUsers(ListsRequest):
    user_handles: list[UserHandle] = Field(
        min_length=1,
        max_length=MAX_BATCH_SUBJECTS,
        description="The users, in the order of answers.",
    )

    @property
    def subjects(self) -> Sequence[int | str]:
        return self.user_handles

    @property
    def is_batch(self) -> bool:
        return True


class OfCourse(ListsRequest):
    course_handle: CourseHandle

    @property
    def subjects(self) -> Sequence[int | str]:
        return [self.course_handle]


class OfCourses(ListsRequest):
    course_handles: list[CourseHandle] = Field(
        min_length=1,
        max_length=MAX_BATCH_SUBJECTS,
        description="The courses, in the order of answers.",
    )

    @property
    def subjects(self) -> Sequence[int | str]:
        return self.course_handles

    @property
    def is_batch(self) -> bool:
        return True


class ListsCourses(BaseModel):
    """What may be asked of a list whose entries are courses."""

    filter: Facets | None = Field(
        None,
        max_length=MAX_FACETS,
        description="Only courses that have, for each name, one of its values: `level`, `tag`, or "
        "an attribute of your table `courses`. Deeper entries take the places of others.",
        examples=[{"level": ["beginner"], "tag": ["python", "sql"]}],
    )

    @property
    def facets(self) -> dict[str, Set[str]]:
        chosen = self.filter or {}
        return {name: {value.casefold() for value in values} for name, values in chosen.items()}


class LeavesOutSeen(BaseModel):
    """What may be asked of a list of courses that belongs to a course."""

    user_handle: UserHandle | None = Field(
        None, description="A user who shall not be shown what they have seen."
    )

    @property
    def unseen_by(self) -> int | str | None:
        return self.user_handle


def _example(**body: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [body]})


class UserToUsers(OfUser):
    """Which user, and optionally from which model and how many."""

    model_config = _example(user_handle=999)


class UserToUsersBatch(OfUsers):
    """Up to 100 users at once; all answers are of one generation."""

    model_config = _example(user_handles=[999, 7])


class UserToCourses(ListsCourses, OfUser):
    """Which user, and optionally from which model, how many, and which courses."""

    model_config = _example(user_handle=999)


class UserToCoursesBatch(ListsCourses, OfUsers):
    """Up to 100 users at once; all answers are of one generation."""

    model_config = _example(user_handles=[999, 7])


class CourseToCourses(ListsCourses, LeavesOutSeen, OfCourse):
    """Which course, and optionally for which user, from which model and how many."""

    model_config = _example(course_handle="python-basics")


class CourseToCoursesBatch(ListsCourses, LeavesOutSeen, OfCourses):
    """Up to 100 courses at once; all answers are of one generation."""

    model_config = _example(course_handles=["python-basics", "sql-basics"])


class CourseToUsers(OfCourse):
    """Which course, and optionally from which model and how many."""

    model_config = _example(course_handle="python-basics")


class CourseToUsersBatch(OfCourses):
    """Up to 100 courses at once; all answers are of one generation."""

    model_config = _example(course_handles=["python-basics", "sql-basics"])


_OF_ENTITIES: dict[tuple[Entity, Entity], tuple[type[ListsRequest], type[ListsRequest]]] = {
    ("user", "user"): (UserToUsers, UserToUsersBatch),
    ("user", "course"): (UserToCourses, UserToCoursesBatch),
    ("course", "course"): (CourseToCourses, CourseToCoursesBatch),
    ("course", "user"): (CourseToUsers, CourseToUsersBatch),
}


def _of(kind: Kind) -> tuple[type[ListsRequest], type[ListsRequest]]:
    return _OF_ENTITIES[kind.subject, kind.entry]


REQUESTS: dict[KindName, type[ListsRequest]] = {name: _of(kind)[0] for name, kind in KINDS.items()}
BATCHES: dict[KindName, type[ListsRequest]] = {name: _of(kind)[1] for name, kind in KINDS.items()}
EVERY_REQUEST = tuple({*REQUESTS.values(), *BATCHES.values()})
