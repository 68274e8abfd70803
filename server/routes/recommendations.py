"""POST /recommendations: which courses this user should take next."""

from typing import Any

from flask_openapi.blueprint import APIBlueprint

from server.routes import answers
from server.schemas import (
    BatchRequest,
    ListRequest,
    RecommendationsAnswer,
    RecommendationsBatch,
)

routes = APIBlueprint("recommendations", __name__, abp_tags=[{"name": "recommendations"}])


@routes.post(
    "/recommendations",
    responses={200: RecommendationsAnswer, **answers.problems(400, 404, 413, 422, 503)},
)
def recommendations(body: ListRequest) -> dict[str, Any]:
    """The courses to take next, best first; popular ones if the model has none for this user."""
    return answers.one("recommendations", body)


@routes.post(
    "/recommendations/batch",
    responses={200: RecommendationsBatch, **answers.problems(400, 404, 413, 422, 503)},
)
def recommendations_batch(body: BatchRequest) -> dict[str, Any]:
    """The same for up to 100 users; a user without an answer gets an `error`."""
    return answers.many("recommendations", body)
