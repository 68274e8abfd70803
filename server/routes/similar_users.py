"""POST /similar-users: who is like this user."""

from typing import Any

from server.routes import answers
from server.routes.description import blueprint, problems
from server.schemas import BatchRequest, ListRequest, SimilarUsersAnswer, SimilarUsersBatch

routes = blueprint(__name__, "similar users")


@routes.post(
    "/similar-users",
    responses={200: SimilarUsersAnswer, **problems(400, 404, 413, 422, 503)},
)
def similar_users(body: ListRequest) -> dict[str, Any]:
    """Users like this one

    Most similar first, and never the user itself. A user whom the model has no list for is a 404
    that says which models have one.
    """
    return answers.one("similar_users", body)


@routes.post(
    "/similar-users/batch",
    responses={200: SimilarUsersBatch, **problems(400, 404, 413, 422, 503)},
)
def similar_users_batch(body: BatchRequest) -> dict[str, Any]:
    """Users like each of many

    Up to 100 at once, answered in the order asked and from one generation. A user without an
    answer gets an `error` and does not fail the others.
    """
    return answers.many("similar_users", body)
