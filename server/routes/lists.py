"""What the routes of lists share: from a request to an answer that the client may have already."""

from flask import Response, request

from server.absence import Task
from server.answers import Asked, Reply, answer
from server.headers import list_headers
from server.schemas import BatchRequest, ListRequest
from server.service import FAILURE, service


def reply(task: Task, body: ListRequest | BatchRequest) -> Response:
    """The answer to a request for lists. Raises Problem or StoreError."""
    known = service()
    if FAILURE in request.environ:
        raise request.environ[FAILURE]
    asked = Asked(task, body, request.get_data(), request.headers.get("If-None-Match"))
    return as_response(answer(known, known.tenant, asked))


def as_response(given: Reply) -> Response:
    headers = list_headers(service().settings.pointer_refresh_seconds)
    response = Response(given.body, 304 if given.body is None else 200, headers)
    response.headers["ETag"] = given.etag
    if given.body is None:
        del response.headers["Content-Type"]
    return response
