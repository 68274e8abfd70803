"""New courses as requests bring them."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from server.http.interactions import (
    MAX_ATTRIBUTES,
    Attributes,
    Id,
    Tag,
    Time,
    one_alone,
    written,
)
from server.http.requests import CourseHandle
from shared.events import COURSE, NOBODY, Description, Event

NEW_COURSES = "/courses"
"""Where they are sent."""
MAX_COURSES = 100
MAX_TAGS = 100
MAX_TITLE_CHARACTERS = 1_000
MAX_DESCRIPTION_CHARACTERS = 20_000
MAX_PATH_CHARACTERS = 2_000


class NewCourse(BaseModel):
    """A course that the tables do not have yet."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "event_id": "5f2b7a90-course",
                    "course_handle": "go-generics",
                    "title": "Generics in Go",
                    "description": "Type parameters, constraints, and when not to use them.",
                    "tags": ["go", "generics"],
                    "attributes": {"duration": 90},
                }
            ]
        },
    )

    event_id: Id | None = Field(
        None,
        description="Made by you: the same one again changes nothing. Under another one, what is "
        "said last of a course counts.",
    )
    course_handle: CourseHandle
    title: str = Field(min_length=1, max_length=MAX_TITLE_CHARACTERS, pattern=r"\S")
    description: str = Field("", max_length=MAX_DESCRIPTION_CHARACTERS)
    image_path: str = Field(
        "", max_length=MAX_PATH_CHARACTERS, description="Where its picture is, as in your tables."
    )
    tags: list[Tag] = Field(default_factory=list, max_length=MAX_TAGS)
    attributes: Attributes = Field(
        default_factory=dict,
        max_length=MAX_ATTRIBUTES,
        description="By the names of columns of your table `courses`: a value, or several.",
    )
    available_until: Time | None = Field(
        None, description="When it is listed no more, with its offset from UTC."
    )

    @model_validator(mode="after")
    def _says_no_more_than_can_be_kept(self) -> Self:
        said = sum(len(value) for values in self.attributes.values() for value in values)
        if said > MAX_DESCRIPTION_CHARACTERS:
            most = f"{MAX_DESCRIPTION_CHARACTERS:,}"
            raise PydanticCustomError("length", f"attributes have more than {most} characters")
        return self

    def event(self, now: datetime) -> Event:
        until = written(self.available_until) if self.available_until else ""
        return Event(
            self.event_id or str(uuid4()),
            COURSE,
            NOBODY,
            written(now),
            self.course_handle,
            described=Description(
                self.title,
                self.description,
                self.image_path,
                until,
                tuple(self.tags),
                self.attributes,
            ),
        )


_ANY_COURSE = WithJsonSchema(NewCourse.model_json_schema())


class NewCourses(BaseModel):
    """Up to 100 courses; one alone may stand there without `courses` around it."""

    model_config = ConfigDict(extra="forbid")

    courses: list[Annotated[Any, _ANY_COURSE]] = Field(
        min_length=1, max_length=MAX_COURSES, description="In the order in which they came."
    )

    _one_alone = one_alone("courses")
