"""The answers that the server gives, as OpenAPI shows them."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, WithJsonSchema, create_model

from server.http.requests import HANDLE_SCHEMA
from shared.kinds import KINDS, Kind, KindName
from shared.records import ReasonKind

Handle = Annotated[int | str, WithJsonSchema(HANDLE_SCHEMA)]


class StrongReason(BaseModel):
    name: Handle = Field(description="A tag, a course or a user, by `kind` of the reason.")
    share: float = Field(description="Its part of all reasons of the entry, 0 to 1.")
    seconds: int | None = Field(None, description="How long the user viewed this course.")
    listed_user_seconds: int | None = Field(
        None, description="How long the listed user viewed this course."
    )


class EntryReason(BaseModel):
    """Why one entry is in the list."""

    kind: ReasonKind
    sentence: str = Field(description="The reason in words.")
    count: int = Field(description="How many reasons there are in all.")
    strongest: list[StrongReason] = Field(description="At most three, strongest first.")


Reasons = Annotated[
    list[EntryReason | None] | None,
    Field(
        description="Only if asked for by `with_reasons`; null for an entry without a stored one."
    ),
]


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


class ListAnswer(BaseModel):
    """One list."""

    request_data: Handle = Field(description="The handle whose list it is, as it was asked.")
    generation: str = Field(description="The published generation that the list is from.")
    source: str = Field(
        description="`model`; `fresh` if the model's list was made since the generation, of what "
        "the user did; `fallback:popular` if the model has no course for this user; "
        "`cold-start:interest/python` if nobody knows the user, and the list is that of what they "
        "said of themselves by POST /users or /interactions; "
        "`model+fallback:popular` if a fallback's courses take the places of excluded ones."
    )
    refreshed_at: str | None = Field(
        None, description="With `fresh`: when the list was made, as 2026-11-30T08:15:02.250+00:00."
    )
    from_model: int | None = Field(
        None, description="With `model+fallback:...`: so many first entries are the model's."
    )
    created_at: str | None = Field(
        None, description="When that generation was begun; only where a maximal age is set."
    )
    stale: bool | None = Field(
        None, description="True if it is older than that; only where a maximal age is set."
    )


class FailedAnswer(BaseModel):
    """One of a batch that cannot be answered; the others are."""

    request_data: Handle
    error: ProblemDetails


ORDER = {"user": "Most similar or fitting first.", "course": "Best first."}


def _answer(kind: Kind) -> type[BaseModel]:
    list_of_kind: Any = {kind.field: (list[Handle], Field(description=ORDER[kind.entry]))}
    data = create_model(
        _class_name(kind),
        model_handle=(str, ...),
        **list_of_kind,
        scores=(
            list[float] | None,
            Field(None, description="Only if asked for by `with_scores`."),
        ),
        reasons=(Reasons, None),
    )
    return create_model(f"{_class_name(kind)}Answer", __base__=ListAnswer, data=(data, ...))


def _batch(kind: Kind, answer: Any) -> type[BaseModel]:
    results: Any = list[answer | FailedAnswer]
    return create_model(
        f"{_class_name(kind)}Batch", results=(results, Field(description="In the order asked."))
    )


def _class_name(kind: Kind) -> str:
    return kind.name.title().replace("_", "")


ANSWERS: dict[KindName, type[BaseModel]] = {name: _answer(kind) for name, kind in KINDS.items()}
BATCH_ANSWERS: dict[KindName, type[BaseModel]] = {
    name: _batch(kind, ANSWERS[name]) for name, kind in KINDS.items()
}


class CourseRating(BaseModel):
    mean: float = Field(
        description="Bayesian mean: of few ratings it is drawn to the mean of all courses."
    )
    count: int = Field(description="Users who have rated it.")
    best: float = Field(description="The highest rating that can be given.")


class CourseSentiment(BaseModel):
    mean: float = Field(description="Of its English reviews: -1 is against it, 1 for it.")
    count: int = Field(description="English reviews that were read: the latest, 100 at most.")


class CoursePathway(BaseModel):
    courses: list[Handle] = Field(
        description="The one taken up next and, where enough went on alike, the one after that."
    )
    users: int = Field(description="Who took up all of them in this order; ten or more.")
    share: float = Field(
        description="Of the users who went on after the course, those who took up the next one "
        "within three courses."
    )
    lift: float = Field(description="How many times that is the share after any course.")


class CourseAnswer(BaseModel):
    """What is known of one course. What there is nothing of is left out."""

    course_handle: Handle
    generation: str
    title: str | None = None
    description: str | None = Field(None, description="Its first 600 characters.")
    picture: str | None = Field(
        None, description="An http(s) address, or a path as the table `courses` has it."
    )
    tags: list[str] = Field(default_factory=list)
    levels: list[str | int] = Field(default_factory=list)
    viewers: int | None = Field(None, description="Users who have viewed it.")
    attributes: dict[str, Any] = Field(
        default_factory=dict, description="Further columns of the table `courses`."
    )
    completions: int | None = Field(None, description="Users who have completed it.")
    rating: CourseRating | None = None
    sentiment: CourseSentiment | None = None
    duplicates: list[Handle] = Field(
        default_factory=list,
        description="Courses that are the same, the one that stands for them in lists first; "
        "at most 20.",
    )
    duplicate_count: int | None = Field(None, description="How many of these there are.")
    pathways: list[CoursePathway] = Field(
        default_factory=list, description="What users often take up after it; at most five."
    )


class RankingAnswer(BaseModel):
    model_handle: str
    group: str | None = Field(description="None where it is for everybody.")
    generation: str
    courses: list[Handle] = Field(description="Best first.")
    scores: list[float] = Field(description="In the same order.")


class AskedQuestion(BaseModel):
    """What to ask: whether somebody follows a tag, or knows a course."""

    about: Literal["tag", "course"]
    name: Handle = Field(description="The tag, or the handle of the course.")
    title: str | None = Field(None, description="Of a course that has one.")
    share: float = Field(description="Of the users who would say yes to anything, who would here.")
    bits: float = Field(description="What the answer tells, given those to the questions before.")


class QuestionnaireAnswer(BaseModel):
    generation: str
    questions: list[AskedQuestion] = Field(description="The one that tells most first.")


class ServedModel(BaseModel):
    model_handle: str
    title: str
    default: bool = Field(description="True if it answers /similar-users when none is named.")
    default_for: list[str] = Field(description="The kinds of lists for which it does so.")
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
    default_models: dict[str, str] = Field(
        description="Kind of list -> the model that answers when none is named."
    )
    user_handle_type: Literal["int", "str"]
    example_user_handle: int | str | None = Field(description="A user to try the API with.")
    example_course_handle: int | str | None = Field(description="A course to try the API with.")
    users: int
    courses: int
    models: list[ServedModel]
    skipped: list[SkippedModel]


class HealthAnswer(BaseModel):
    status: Literal["alive"]
    version: str


class ReadyAnswer(BaseModel):
    status: Literal["ready", "degraded", "cache-only"]
    generation: str | None = Field(
        None,
        description="What is served. Left out where there are keys and the request shows none.",
    )
    trouble: str | None = Field(
        None, description="Why it is not the generation that is live; likewise left out."
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
