"""POST /similar-users: who is like this user."""

from flask import Response

from server.routes.description import NOT_MODIFIED, blueprint, problems
from server.routes.lists import reply
from server.schemas import BatchRequest, ListRequest, SimilarUsersAnswer, SimilarUsersBatch

routes = blueprint(__name__, "similar users")


@routes.post(
    "/similar-users",
    responses={200: SimilarUsersAnswer, **NOT_MODIFIED, **problems(400, 404, 413, 422, 503)},
)
def similar_users(body: ListRequest) -> Response:
    """Users like this one

    Most similar first, and never the user itself. A user whom the model has no list for is a 404
    that says which models have one.
    """
    return reply("similar_users", body)


@routes.post(
    "/similar-users/batch",
    responses={200: SimilarUsersBatch, **NOT_MODIFIED, **problems(400, 404, 413, 422, 503)},
)
def similar_users_batch(body: BatchRequest) -> Response:
    """Users like each of many

    Up to 100 at once, answered in the order asked and from one generation. A user without an
    answer gets an `error` and does not fail the others.
    """
    return reply("similar_users", body)
