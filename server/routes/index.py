"""GET /: what there is. GET /problems: what each kind of problem means."""

from typing import Any

from flask import Response, current_app
from pydantic import BaseModel, Field

from server.explorer.outside import is_for_people, start_page
from server.http.schemas import IndexAnswer, ProblemKind, ProblemKinds
from server.problems import KINDS, TYPE_PREFIX, Kind, Problem
from server.routes.description import blueprint, problems
from server.routes.docs import PAGES, api_description

EXPLORER = {"GET /explorer": "Users, models and generations, to look at"}

routes = blueprint(__name__, "about")


class KindPath(BaseModel):
    name: str = Field(description="The last part of a problem's `type`.")


@routes.get("/", responses={200: IndexAnswer, **problems()})
def index() -> dict[str, Any] | Response:
    """What this server offers"""
    api = api_description()
    described = {
        f"{method.upper()} {path}": operation["summary"]
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
    }
    if "explorer" in current_app.blueprints:
        described |= EXPLORER
    if is_for_people():
        return start_page(described | PAGES)
    return {
        "name": api["info"]["title"],
        "version": api["info"]["version"],
        "routes": described | PAGES,
    }


@routes.get("/problems", responses={200: ProblemKinds, **problems()})
def problem_kinds() -> dict[str, Any]:
    """Every kind of problem"""
    return {"problems": [_described(kind) for kind in KINDS.values()]}


@routes.get("/problems/<string:name>", responses={200: ProblemKind, **problems(404)})
def problem_kind(path: KindPath) -> dict[str, Any]:
    """What one kind of problem means"""
    kind = KINDS.get(path.name)
    if kind is None:
        raise Problem(
            "unknown-route", "There is no such kind of problem; GET /problems lists them."
        )
    return _described(kind)


def _described(kind: Kind) -> dict[str, Any]:
    return {
        "type": TYPE_PREFIX + kind.name,
        "title": kind.title,
        "status": kind.status,
        "help": kind.help,
    }
