"""Every error as an RFC 9457 problem: application/problem+json with cause and cure."""

import logging
from collections.abc import Callable
from typing import NoReturn

import orjson
from flask import Flask, Response, request
from pydantic import BaseModel, ValidationError
from werkzeug.exceptions import HTTPException

from server.http.interactions import Interaction, Interactions, NewUser
from server.http.new_courses import NewCourse, NewCourses
from server.http.requests import EVERY_REQUEST
from server.problems import Problem
from server.reading.live_view import retry_after, unreadable
from server.watching.request_ids import CURRENT
from shared.errors import EventsNotKept, StoreError

MIMETYPE = "application/problem+json"
MAX_REPORTED_ERRORS = 20
MAX_NAMED_ERRORS = 3
MAX_ECHOED_CHARACTERS = 200
_BODIES: tuple[type[BaseModel], ...] = (
    *EVERY_REQUEST,
    Interaction,
    Interactions,
    NewUser,
    NewCourse,
    NewCourses,
)
_FIELDS = {model.__name__: ", ".join(model.model_fields) for model in _BODIES}

_log = logging.getLogger(__name__)


AsPage = Callable[[Problem], Response | None]


def handle_errors(app: Flask, retry_after_seconds: float, as_page: AsPage) -> None:
    """Make `app` answer every exception as a problem. `as_page` is asked for a page where there is
    no such route, which is what people see who have misspelt an address."""

    @app.errorhandler(Problem)
    def _problem(problem: Problem) -> Response:
        return _response(problem)

    @app.errorhandler(HTTPException)
    def _http(error: HTTPException) -> Response:
        problem = _from_http(error)
        return as_page(problem) or _response(problem)

    @app.errorhandler(StoreError)
    def _store(error: StoreError) -> Response:
        _log.error("%s", error)
        if isinstance(error, EventsNotKept):
            return _response(_not_kept(retry_after_seconds))
        return _response(unreadable(error, retry_after_seconds))

    @app.errorhandler(Exception)
    def _unexpected(error: Exception) -> Response:
        _log.error("Unexpected error at %s %r", request.method, request.path, exc_info=error)
        return _response(
            Problem("unexpected-error", "The server failed on this request; its log says why.")
        )


def _not_kept(retry_after_seconds: float) -> Problem:
    headers = retry_after(retry_after_seconds)
    return Problem(
        "events-not-kept",
        "The log of events cannot be written. Send the request again "
        f"in {headers['Retry-After']} s, under the same `event_id`s, so that nothing counts twice; "
        "if it stays so, the server's log says what to repair.",
        headers=headers,
    )


def refuse_invalid(error: ValidationError) -> NoReturn:
    """Raise the problem that names every field that is wrong."""
    errors = errors_of(error)
    named = [f"{e['pointer'].removeprefix('#/')}: {e['detail']}" for e in errors[:MAX_NAMED_ERRORS]]
    others = error.error_count() - len(named)
    more = f"; and {others} more" if others else ""
    raise Problem("invalid-request", f"{'; '.join(named)}{more}.", errors=errors)


def errors_of(error: ValidationError, *within: int | str) -> list[dict[str, str]]:
    """Each field that is wrong, and how; `within`: where what was checked is in the body."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return [
        {
            "pointer": _pointer((*within, *e["loc"])),
            "detail": _field_detail(error.title, e["type"], e["msg"]),
        }
        for e in found[:MAX_REPORTED_ERRORS]
    ]


def _field_detail(model: str, kind: str, message: str) -> str:
    if kind == "model_type":
        return "must be a JSON object"
    if kind == "missing":
        return "is required"
    if kind == "extra_forbidden":
        return f"is no field of this request; its fields are: {_FIELDS.get(model)}"
    return message


def _pointer(location: tuple[int | str, ...]) -> str:
    parts = [str(part).replace("~", "~0").replace("/", "~1") for part in location]
    return ("#/" + "/".join(parts))[:MAX_ECHOED_CHARACTERS]


def _from_http(error: HTTPException) -> Problem:
    path = request.path[:MAX_ECHOED_CHARACTERS]
    # All but Content-Type and Content-Length, which were of werkzeug's own HTML page.
    headers = {k: v for k, v in error.get_headers() if not k.startswith("Content-")}
    if error.code == 404:
        return Problem("unknown-route", f"There is nothing at {path}; GET / lists what there is.")
    if error.code == 405:
        allowed = headers.get("Allow", "")
        return Problem(
            "wrong-method",
            f"{path} does not take {request.method}; use {allowed}.",
            headers=headers,
        )
    if error.code == 413:
        limit = request.max_content_length or 0
        return Problem(
            "body-too-large",
            f"The body is larger than {limit // 1024} KiB; send fewer handles in one request.",
            headers=headers,
        )
    return Problem("bad-request", error.description or error.name, headers=headers)


def _response(problem: Problem) -> Response:
    body = problem.to_dict() | {
        "instance": request.path[:MAX_ECHOED_CHARACTERS],
        "request_id": CURRENT.get(),
    }
    return Response(
        orjson.dumps(body), problem.kind.status, headers=problem.headers, mimetype=MIMETYPE
    )
