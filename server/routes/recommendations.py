"""POST /recommendations: which courses this user should take next."""

from flask import Response

from server.routes.description import NOT_MODIFIED, blueprint, problems
from server.routes.lists import reply
from server.schemas import (
    BatchRequest,
    ListRequest,
    RecommendationsAnswer,
    RecommendationsBatch,
)

routes = blueprint(__name__, "recommendations")


@routes.post(
    "/recommendations",
    responses={200: RecommendationsAnswer, **NOT_MODIFIED, **problems(400, 404, 413, 422, 503)},
)
def recommendations(body: ListRequest) -> Response:
    """Courses for this user

    Best first, and never one that the user has seen. If the model has none for this user, the
    courses that are popular, and `source` says so.
    """
    return reply("recommendations", body)


@routes.post(
    "/recommendations/batch",
    responses={200: RecommendationsBatch, **NOT_MODIFIED, **problems(400, 404, 413, 422, 503)},
)
def recommendations_batch(body: BatchRequest) -> Response:
    """Courses for each of many users

    Up to 100 at once, answered in the order asked and from one generation. A user without an
    answer gets an `error` and does not fail the others.
    """
    return reply("recommendations", body)
