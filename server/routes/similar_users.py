"""POST /similar-users: who is like this user."""

from typing import Any

from flask_openapi.blueprint import APIBlueprint

from server.routes import answers
from server.schemas import BatchRequest, ListRequest, SimilarUsersAnswer, SimilarUsersBatch

routes = APIBlueprint("similar_users", __name__, abp_tags=[{"name": "similar users"}])


@routes.post(
    "/similar-users",
    responses={200: SimilarUsersAnswer, **answers.problems(400, 404, 413, 422, 503)},
)
def similar_users(body: ListRequest) -> dict[str, Any]:
    """The users most like this one, most similar first."""
    return answers.one("similar_users", body)


@routes.post(
    "/similar-users/batch",
    responses={200: SimilarUsersBatch, **answers.problems(400, 404, 413, 422, 503)},
)
def similar_users_batch(body: BatchRequest) -> dict[str, Any]:
    """The same for up to 100 users; a user without an answer gets an `error`."""
    return answers.many("similar_users", body)
