"""The requests that the server takes and the answers that it gives, as OpenAPI shows them."""

from typing import Annotated, Any, Literal

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

from shared.records import INT64_MAX, MAX_HANDLE_CHARACTERS, is_handle

MAX_LIMIT = 1000
MAX_BATCH_USERS = 100
MAX_MODEL_HANDLE_CHARACTERS = 128
MAX_EXCLUDED = 500
MAX_AGE_SECONDS = 10 * 366 * 86400
_EXACT_IN_A_FLOAT = 2**53


def _whole(value: object) -> object:
    """JSON has one kind of number, so 999.0 is 999; true and "999" are no numbers."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= _EXACT_IN_A_FLOAT:
        return int(value)
    return value


def _user_handle(value: object) -> object:
    handle = _whole(value)
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


def _number(value: object) -> object:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    raise PydanticCustomError("number", "must be a number")


_HANDLE_SCHEMA: dict[str, Any] = {
    "anyOf": [
        {"type": "integer", "minimum": -INT64_MAX - 1, "maximum": INT64_MAX, "format": "int64"},
        {"type": "string", "minLength": 1, "maxLength": MAX_HANDLE_CHARACTERS},
    ]
}

UserHandle = Annotated[
    int | str,
    PlainValidator(_user_handle),
    WithJsonSchema(
        _HANDLE_SCHEMA
        | {
            "description": "The user, by the handle and JSON type of your tables.",
            "examples": [999],
        }
    ),
]
Excluded = Annotated[int | str, PlainValidator(_user_handle), WithJsonSchema(_HANDLE_SCHEMA)]
Handle = Annotated[int | str, WithJsonSchema(_HANDLE_SCHEMA)]
# In this order; the other way round the bounds are missing from the JSON schema.
Limit = Annotated[int, Field(ge=1, le=MAX_LIMIT), BeforeValidator(_whole_number)]


Seconds = Annotated[float, Field(ge=0, le=MAX_AGE_SECONDS), BeforeValidator(_number)]


class _Request(BaseModel):
    model_config = ConfigDict(extra="forbid")

    model_handle: str | None = Field(
        None,
        min_length=1,
        max_length=MAX_MODEL_HANDLE_CHARACTERS,
        description="The model to ask, one of GET /models; without it the default model.",
    )
    limit: Limit | None = Field(
        None, description="Entries wanted; the answer has fewer where fewer are stored."
    )
    exclude: list[Excluded] = Field(
        default_factory=list,
        max_length=MAX_EXCLUDED,
        description="Handles that the list must not have. Deeper entries take their places, and "
        "where courses run out, what is popular.",
    )
    with_scores: StrictBool = Field(
        False, description="Add `scores`: for each entry how strong the model finds it."
    )
    with_reasons: StrictBool = Field(
        False, description="Add `reasons`: why each entry is in the list, where the model knows."
    )
    max_age_seconds: Seconds | None = Field(
        None,
        description="Mark lists of an older generation as `stale`, or, where the server is set to "
        "STALE_LISTS=refuse, answer 503.",
    )


class ListRequest(_Request):
    """Which user, and optionally from which model and how many."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"user_handle": 999}]})

    user_handle: UserHandle


class BatchRequest(_Request):
    """Up to 100 users at once; all answers are of one generation."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"user_handles": [999, 7]}]})

    user_handles: list[UserHandle] = Field(
        min_length=1, max_length=MAX_BATCH_USERS, description="The users, in the order of answers."
    )


class StrongReason(BaseModel):
    name: Handle = Field(description="A tag, a course or a user, by `kind` of the reason.")
    share: float = Field(description="Its part of all reasons of the entry, 0 to 1.")
    seconds: int | None = Field(None, description="How long the user viewed this course.")
    listed_user_seconds: int | None = Field(
        None, description="How long the listed user viewed this course."
    )


class EntryReason(BaseModel):
    """Why one entry is in the list."""

    kind: Literal["shared_tags", "shared_courses", "watched_courses", "neighbours"]
    sentence: str = Field(description="The reason in words.")
    count: int = Field(description="How many reasons there are in all.")
    strongest: list[StrongReason] = Field(description="At most three, strongest first.")


Reasons = Annotated[
    list[EntryReason | None] | None,
    Field(
        description="Only if asked for by `with_reasons`; null for an entry without a stored one."
    ),
]


class SimilarUsers(BaseModel):
    model_handle: str
    similar_users: list[Handle] = Field(description="Most similar first; never the user itself.")
    scores: list[float] | None = Field(None, description="Only if asked for by `with_scores`.")
    reasons: Reasons = None


class Courses(BaseModel):
    model_handle: str
    courses: list[Handle] = Field(description="Best first; never one that the user has seen.")
    scores: list[float] | None = Field(None, description="Only if asked for by `with_scores`.")
    reasons: Reasons = None


class _Answer(BaseModel):
    request_data: Handle = Field(description="The user handle as it was asked.")
    generation: str = Field(description="The published generation that the list is from.")
    created_at: str | None = Field(
        None, description="When that generation was begun; only where a maximal age is set."
    )
    stale: bool | None = Field(
        None, description="True if it is older than that; only where a maximal age is set."
    )


class SimilarUsersAnswer(_Answer):
    data: SimilarUsers
    source: Literal["model"]


class RecommendationsAnswer(_Answer):
    data: Courses
    source: Literal["model", "fallback:popular", "model+fallback:popular"] = Field(
        description="`fallback:popular` if the model has no course for this user; "
        "`model+fallback:popular` if popular courses take the places of excluded ones."
    )
    from_model: int | None = Field(
        None, description="With `model+fallback:popular`: so many first entries are the model's."
    )


class FieldError(BaseModel):
    pointer: str = Field(description="JSON pointer to the field, such as `#/limit`.")
    detail: str


class ProblemDetails(BaseModel):
    """What is wrong and what to do about it (RFC 9457)."""

    type: str = Field(description="The kind of problem; GET it for its meaning.")
    title: str
    status: int
    detail: str = Field(description="Cause and cure of this one.")
    instance: str | None = Field(None, description="The path that was asked.")
    request_id: str | None = Field(
        None, description="As in the header X-Request-ID; the server's log names it, too."
    )
    errors: list[FieldError] | None = Field(None, description="Each field that is wrong.")
    valid_model_handles: list[str] | None = None
    models_with_lists: list[str] | None = None


class FailedAnswer(BaseModel):
    """One user of a batch who cannot be answered; the others are."""

    request_data: Handle
    error: ProblemDetails


class SimilarUsersBatch(BaseModel):
    results: list[SimilarUsersAnswer | FailedAnswer] = Field(description="In the order asked.")


class RecommendationsBatch(BaseModel):
    results: list[RecommendationsAnswer | FailedAnswer] = Field(description="In the order asked.")


class ServedModel(BaseModel):
    model_handle: str
    title: str
    default: bool = Field(description="True for the model that answers when none is named.")
    serves: list[str]
    needs: list[str] = Field(description="What the model has to know about a user.")
    users: int = Field(description="Users with lists from this model.")
    measures: dict[str, float] = Field(description="What the model measured of itself.")
    fit_seconds: float


class SkippedModel(BaseModel):
    model_handle: str
    title: str
    needs: list[str]
    reason: str


class ModelsAnswer(BaseModel):
    """The models of the live generation."""

    generation: str
    created_at: str
    default_model_handle: str
    user_handle_type: Literal["int", "str"]
    example_user_handle: int | str | None = Field(description="A user to try the API with.")
    users: int
    courses: int
    models: list[ServedModel]
    skipped: list[SkippedModel]


class HealthAnswer(BaseModel):
    status: Literal["alive"]
    version: str


class ReadyAnswer(BaseModel):
    status: Literal["ready", "cache-only"]
    generation: str | None = Field(
        None, description="Left out where there are keys and the request shows none."
    )


class IndexAnswer(BaseModel):
    name: str
    version: str
    routes: dict[str, str] = Field(description="Method and path -> what it is for.")


class ProblemKind(BaseModel):
    type: str
    title: str
    status: int
    help: str


class ProblemKinds(BaseModel):
    problems: list[ProblemKind]
