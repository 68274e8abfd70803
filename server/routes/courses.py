"""GET /courses/{course_handle}: what is known of a course."""

from typing import Any

from pydantic import BaseModel, Field

from server.http.schemas import CourseAnswer
from server.lookup.absence import unknown_subject
from server.lookup.stored import course_called, facts_of
from server.reading.live_view import LiveGeneration
from server.routes.description import blueprint, problems
from server.service import service
from shared.records import Handle, is_handle

routes = blueprint(__name__, "courses")


class CoursePath(BaseModel):
    course_handle: str = Field(description="The course's handle; a number where yours are numbers.")


@routes.get("/courses/<path:course_handle>", responses={200: CourseAnswer, **problems(404, 503)})
def course(path: CoursePath) -> dict[str, Any]:
    """What is known of a course

    Its title, text, picture, tags, levels and attributes; how many users have viewed and completed
    it, how they rate it and speak of it; what they often take up next; and which other courses are
    the same.
    """
    known = service()
    return known.live_view.read(
        known.tenant, lambda live: _described(live, course_called(live, path.course_handle))
    )


def _described(live: LiveGeneration, course: Handle) -> dict[str, Any]:
    live = service().fresh.over(live, [course])
    row = facts_of(live, "course", [course]).get(course) if is_handle(course) else None
    if row is None:
        raise unknown_subject(live, "course", course)
    return {"course_handle": course, "generation": live.generation, **row.facts}
