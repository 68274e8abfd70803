"""Events as requests bring them, as the server checks them and OpenAPI shows them."""

from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import uuid4

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from server.http.requests import CourseHandle, UserHandle, number
from shared.events import Event
from shared.events.event import ABOUT_COURSES, InteractionKind
from shared.records import MAX_HANDLE_CHARACTERS

INTERACTIONS, USERS = "/interactions", "/users"
"""Where events are sent."""
MAX_EVENTS = 500
MAX_ID_CHARACTERS = 128
ID_PATTERN = r"^[!-~]+$"
MAX_ATTRIBUTES, MAX_VALUES, MAX_INTERESTS = 50, 20, 100
MAX_AMOUNT = 1e9
"""As in the tables."""


def _time(value: object) -> object:
    # Numbers would be taken for seconds since 1970, or for milliseconds if they are large.
    if isinstance(value, str):
        return value
    raise PydanticCustomError("time", "must be a time as ISO 8601 writes it, with its offset")


def _text(value: object) -> object:
    """A number as it is written: groups are named by text."""
    return str(value) if isinstance(value, int | float) and type(value) is not bool else value


def _several(value: object) -> object:
    return value if isinstance(value, list) else [value]


def _in_utc(at: datetime) -> datetime:
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise PydanticCustomError("time", "must be a time of the years 1 to 9999 in UTC") from None


def written(at: datetime) -> str:
    """A time in UTC as events have it."""
    # strftime leaves the zeros of early years out, and nothing could read them then.
    return f"{at.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


Time = Annotated[AwareDatetime, BeforeValidator(_time), AfterValidator(_in_utc)]
Amount = Annotated[float, Field(ge=0, le=MAX_AMOUNT), BeforeValidator(number)]
Id = Annotated[str, Field(min_length=1, max_length=MAX_ID_CHARACTERS, pattern=ID_PATTERN)]
ShortId = Annotated[str, Field(min_length=1, max_length=MAX_ID_CHARACTERS - 8, pattern=ID_PATTERN)]
"""With room for a number behind it."""
Tag = Annotated[str, Field(min_length=1, max_length=MAX_HANDLE_CHARACTERS, pattern=r"\S")]


class Interaction(BaseModel):
    """What a learner did."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "event_id": "5f2b7a90-view-1",
                    "user_handle": 999,
                    "kind": "view",
                    "course_handle": "python-basics",
                    "time": "2026-11-30T12:00:00Z",
                    "seconds": 340,
                }
            ]
        },
    )

    event_id: Id | None = Field(
        None,
        description="Made by you: the same one again changes nothing, so that a request may be "
        "repeated. Without it, a repeated event counts twice.",
    )
    user_handle: UserHandle
    kind: InteractionKind = Field("view", description="What it was.")
    course_handle: CourseHandle | None = Field(None, description="Of all kinds but interest.")
    interest_tag: Tag | None = Field(None, description="Of interest: the tag that is followed.")
    time: Time | None = Field(
        None, description="When it was, with its offset from UTC; without it now."
    )
    seconds: Amount | None = Field(None, description="Of view: how long.")
    value: Amount | None = Field(None, description="Of rating: on the scale of your tables.")
    answer_id: Id | None = Field(None, description="Of the answer that led to it.")

    @model_validator(mode="after")
    def _has_what_its_kind_has(self) -> Self:
        wanted = {
            "course_handle": self.kind in ABOUT_COURSES,
            "interest_tag": self.kind == "interest",
            "value": self.kind == "rating",
        }
        allowed = wanted | {"seconds": self.kind == "view"}
        for name, is_wanted in wanted.items():
            if is_wanted and getattr(self, name) is None:
                raise PydanticCustomError("of_kind", f"{name} is required of {self.kind}")
        for name, is_allowed in allowed.items():
            if not is_allowed and getattr(self, name) is not None:
                raise PydanticCustomError("of_kind", f"{name} is nothing that {self.kind} has")
        return self

    def event(self, now: datetime) -> Event:
        return Event(
            self.event_id or str(uuid4()),
            self.kind,
            self.user_handle,
            written(self.time or now),
            self.course_handle,
            self.interest_tag,
            self.seconds,
            self.value,
            self.answer_id,
        )


def one_alone(name: str) -> Any:
    """A validator for a body that may be one of what stands under this name."""

    def around(body: Any) -> Any:
        return body if isinstance(body, dict) and name in body else {name: [body]}

    return model_validator(mode="before")(around)


Value = Annotated[Tag, BeforeValidator(_text)]
Values = Annotated[
    list[Value], Field(min_length=1, max_length=MAX_VALUES), BeforeValidator(_several)
]

Attributes = dict[Value, Values]


class NewUser(BaseModel):
    """What a user says of themselves."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "event_id": "5f2b7a90-signup",
                    "user_handle": 4711,
                    "attributes": {"role": "developer", "skills": ["python", "sql"]},
                    "interests": ["machine learning"],
                }
            ]
        },
    )

    event_id: ShortId | None = Field(
        None, description="Made by you: the same one again changes nothing."
    )
    user_handle: UserHandle
    attributes: Attributes = Field(
        default_factory=dict,
        max_length=MAX_ATTRIBUTES,
        description="By the names of columns of your table `users`: a value, or several.",
    )
    interests: list[Tag] = Field(
        default_factory=list, max_length=MAX_INTERESTS, description="Tags that they follow."
    )

    def events(self, now: datetime) -> list[Event]:
        """One of each value and tag."""
        at, made = written(now), self.event_id or str(uuid4())
        said = [(name, value) for name, values in self.attributes.items() for value in values]
        of_attributes = [
            Event(f"{made}/{place}", "attribute", self.user_handle, at, tag=value, attribute=name)
            for place, (name, value) in enumerate(said)
        ]
        of_interests = [
            Event(f"{made}/{place}", "interest", self.user_handle, at, tag=tag)
            for place, tag in enumerate(self.interests, len(said))
        ]
        return [*of_attributes, *of_interests]


_ANY_EVENT = WithJsonSchema(Interaction.model_json_schema())


class Interactions(BaseModel):
    """Up to 500 events; one alone may stand there without `events` around it."""

    model_config = ConfigDict(extra="forbid")

    events: list[Annotated[Any, _ANY_EVENT]] = Field(
        min_length=1, max_length=MAX_EVENTS, description="In the order in which they came."
    )

    _one_alone = one_alone("events")
