"""GET /questionnaire: what to ask newcomers."""

from dataclasses import asdict
from typing import Any

from server.http.schemas import QuestionnaireAnswer
from server.lookup.stored import facts_of
from server.reading.live_view import LiveGeneration
from server.routes.description import blueprint, problems
from server.service import service

routes = blueprint(__name__, "events")


@routes.get("/questionnaire", responses={200: QuestionnaireAnswer, **problems(503)})
def questionnaire() -> dict[str, Any]:
    """What to ask a new user

    The few tags, or courses where there are no tags, that tell users apart best, as the generator
    chose them. A yes to a tag is an interest for POST /users, a yes to a course a view for POST
    /interactions; the next request for recommendations heeds them.
    """
    known = service()
    return known.live_view.read(known.tenant, _of_generation)


def _of_generation(live: LiveGeneration) -> dict[str, Any]:
    questions = [asdict(question) for question in live.manifest.questionnaire]
    courses = [question["name"] for question in questions if question["about"] == "course"]
    facts = facts_of(live, "course", courses)
    for question in questions:
        row = facts.get(question["name"]) if question["about"] == "course" else None
        if row and row.facts.get("title"):
            question["title"] = row.facts["title"]
    return {"generation": live.generation, "questions": questions}
