"""POST of every kind of list, and of up to 100 at once: one pair of routes for each of KINDS."""

from collections.abc import Callable
from typing import Any

from flask import Response, request

from server.access.guard import auth_of_app
from server.http.answers import Asked, Reply, answer
from server.http.headers import list_headers
from server.http.requests import BATCHES, REQUESTS, ListsRequest
from server.http.schemas import ANSWERS, BATCH_ANSWERS
from server.routes.description import NOT_MODIFIED, blueprint, problems
from server.service import FAILURE, service
from shared.kinds import KINDS, Kind

REFUSALS = problems(400, 404, 413, 415, 422, 503)
OF_BATCH = (
    "Up to 100 at once, answered in the order asked and from one generation. One without an answer "
    "gets an `error` and does not fail the others."
)

routes = blueprint(__name__, "lists")


def reply(kind: Kind, body: ListsRequest) -> Response:
    """The answer to a request for lists. Raises Problem or StoreError."""
    known = service()
    if FAILURE in request.environ:
        raise request.environ[FAILURE]
    auth_of_app().charge(request.environ, len(body.subjects))
    asked = Asked(kind, body, request.get_data(), request.headers.get("If-None-Match"))
    return as_response(answer(known, known.tenant, asked))


def as_response(given: Reply) -> Response:
    headers = list_headers(service().settings.pointer_refresh_seconds)
    response = Response(given.body, 304 if given.body is None else 200, headers)
    response.headers["ETag"] = given.etag
    if given.body is None:
        del response.headers["Content-Type"]
    return response


def _view(kind: Kind, schema: type[ListsRequest], text: str) -> Callable[..., Response]:
    """A view function; the API's description is made of its name, annotation and docstring."""

    def view(body: Any) -> Response:
        return reply(kind, body)

    view.__name__ = kind.name if schema is REQUESTS[kind.name] else f"{kind.name}_batch"
    view.__annotations__ = {"body": schema, "return": Response}
    view.__doc__ = text
    return view


for _kind in KINDS.values():
    _single = _view(_kind, REQUESTS[_kind.name], f"{_kind.summary}\n\n{_kind.help}")
    _many = _view(_kind, BATCHES[_kind.name], f"{_kind.summary}, for each of many\n\n{OF_BATCH}")
    _responses = {200: ANSWERS[_kind.name], **NOT_MODIFIED, **REFUSALS}
    routes.post(_kind.path, responses=_responses)(_single)
    _responses = {200: BATCH_ANSWERS[_kind.name], **NOT_MODIFIED, **REFUSALS}
    routes.post(f"{_kind.path}/batch", responses=_responses)(_many)
