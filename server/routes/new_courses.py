"""POST /courses: courses that came since the last run."""

from typing import Any

from pydantic import BaseModel, Field

from server.http.new_courses import NEW_COURSES, NewCourse, NewCourses
from server.http.schemas import FieldError
from server.http.taking_in import kept, sorted_out
from server.routes.description import blueprint
from server.routes.interactions import REFUSALS, Kept, charge_for
from server.service import service
from shared.clock import utc_now

routes = blueprint(__name__, "events")


class RefusedCourse(BaseModel):
    course: int = Field(description="Its place among those that were sent, from 0.")
    errors: list[FieldError]


class AcceptedCourses(Kept):
    """What became of the courses."""

    refused: list[RefusedCourse] = Field(description="Not kept, and why.")


@routes.post(NEW_COURSES, responses={202: AcceptedCourses, **REFUSALS})
def new_courses(body: NewCourses) -> tuple[dict[str, Any], int]:
    """Courses that came since the last run

    Answered once they are on disk. The next refresh finds the courses that are like them and the
    users whom they may suit, by the models that read what courses are; the next run has them among
    its tables. What the table `courses` says of a course counts more. A wrong one is refused and
    the others are kept; if all are wrong, the answer is 422.
    """
    charge_for(len(body.courses))
    known = service()
    events, refused = sorted_out(body.courses, NewCourse, "course", utc_now())
    return {**kept(known, known.tenant, events), "refused": refused}, 202
