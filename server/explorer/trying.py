"""A form that shows a request as curl and what the server answers."""

import shlex
from dataclasses import dataclass
from typing import Any

import orjson
from flask import render_template, request
from pydantic import ValidationError

from server.access.guard import HEADER, auth_of_app
from server.explorer.blueprint import routes
from server.http.answers import Asked, answer
from server.http.errors import refuse_invalid
from server.http.requests import REQUESTS
from server.problems import Problem
from server.reading.live_view import LiveGeneration
from server.service import service
from shared.kinds import KINDS, SIMILAR_USERS, Kind
from shared.records import handle_key

PATHS = {kind.path: kind for kind in KINDS.values()}
OPTIONS = ("with_scores", "with_reasons")


@dataclass(frozen=True, slots=True)
class Tried:
    curl: str
    status: int
    answer: str


@routes.route("/try", methods=["GET", "POST"])
def try_it() -> str:
    known = service()
    live = known.live_view.current(known.tenant)
    example = live.manifest.example_user_handle
    example_handle = handle_key(999 if example is None else example)
    form = dict(request.form) or {
        "handle": request.args.get("handle", example_handle),
        "path": request.args.get("path", SIMILAR_USERS.path),
        "with_scores": "on",
        "with_reasons": "on",
        "limit": "3",
    }
    return render_template(
        "explorer/try.html", live=live, form=form, paths=PATHS, tried=_tried(form, live)
    )


def _tried(form: dict[str, str], live: LiveGeneration) -> Tried | None:
    path = form.get("path", "")
    if path not in PATHS:
        raise Problem("unknown-route", "The form asks an address that it does not offer.")
    text = orjson.dumps(_body(form, PATHS[path]))
    curl = ["curl", "-s", request.host_url.rstrip("/") + path]
    curl += ["-H", "Content-Type: application/json", "-d", text.decode()]
    line = shlex.join(curl)
    if auth_of_app().is_guarded:
        line += f' -H "{HEADER}: $KINDRED_KEY"'
    if request.method == "GET":
        return Tried(line, 0, "")
    status, answered = _answered(PATHS[path], text)
    return Tried(line, status, orjson.dumps(answered, option=orjson.OPT_INDENT_2).decode())


def _body(form: dict[str, str], kind: Kind) -> dict[str, Any]:
    """What is not JSON is sent as text, as people mean it."""
    body: dict[str, Any] = {f"{kind.subject}_handle": _value(form.get("handle", ""))}
    for name in ("model_handle", "limit"):
        if text := form.get(name, "").strip():
            body[name] = text if name == "model_handle" else _value(text)
    return body | {name: True for name in OPTIONS if form.get(name)}


def _value(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return text.strip()


def _answered(kind: Kind, text: bytes) -> tuple[int, dict[str, Any]]:
    known = service()
    try:
        try:
            body = REQUESTS[kind.name].model_validate(orjson.loads(text))
        except ValidationError as error:
            refuse_invalid(error)
        reply = answer(known, known.tenant, Asked(kind, body, text))
    except Problem as problem:
        return problem.kind.status, problem.to_dict()
    return 200, orjson.loads(reply.body or b"{}")
