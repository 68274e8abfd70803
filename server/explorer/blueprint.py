"""What all pages of the explorer share: who may see them, what they may load, how errors look."""

import logging
from typing import Any

from flask import Blueprint, Response, g, render_template, request

from server.access.guard import auth_of_app
from server.explorer.rendering import teach
from server.explorer.sessions import (
    THEME_COOKIE,
    THEMES,
    forged,
    identity_of_session,
    sign_in_address,
)
from server.problems import Problem
from server.reading.live_view import unreadable
from server.service import TENANT, service
from server.watching.askers import for_a_page
from shared import __version__
from shared.errors import StoreError

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src {}; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
OWN_IMAGES = ("'self'", "data:")
WITH_PICTURES = "explorer.courses"
"""The page that may show pictures from elsewhere, if PICTURE_ORIGINS says from where."""
OPEN_ENDPOINTS = frozenset({"explorer.static", "explorer.sign_in", "explorer.theme"})
STATIC_SECONDS = 3600

_log = logging.getLogger(__name__)

routes = Blueprint(
    "explorer",
    __name__,
    url_prefix="/explorer",
    template_folder="templates",
    static_folder="static",
)


routes.record_once(lambda state: teach(state.app))


@routes.before_request
def _begin() -> None:
    g.end_of_page = for_a_page()


@routes.teardown_request
def _end(_: BaseException | None) -> None:
    g.pop("end_of_page")()


@routes.before_request
def _admit() -> Response | None:
    if request.method == "POST" and forged(request.headers, request.host_url):
        raise Problem(
            "bad-request", "This form was not sent by a page of this server; open it here again."
        )
    if request.endpoint in OPEN_ENDPOINTS:
        return None
    auth = auth_of_app()
    identity = identity_of_session(auth)
    if identity is None:
        return sign_in_address()
    auth.admit(request.environ, identity)
    return None


@routes.after_request
def _set_headers(response: Response) -> Response:
    as_page_of_ours(response)
    if request.endpoint == "explorer.static":
        response.headers["Cache-Control"] = f"public, max-age={STATIC_SECONDS}"
    return response


def as_page_of_ours(response: Response) -> Response:
    """Let the page load its own scripts and styles, and nothing from elsewhere."""
    origins = service().settings.picture_origins if request.endpoint == WITH_PICTURES else []
    images = [*OWN_IMAGES, *("https:" if origin == "*" else origin for origin in origins)]
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.format(" ".join(images))
    # Without it browsers send the forms of these pages with `Origin: null`.
    response.headers["Referrer-Policy"] = "same-origin"
    return response


@routes.context_processor
def for_every_page() -> dict[str, Any]:
    """What the frame of a page needs, whatever is in it."""
    theme = request.cookies.get(THEME_COOKIE, "")
    # Keys of others than browsers mean nothing here: who sees a page has signed in.
    is_inside = request.blueprint == routes.name and request.endpoint not in OPEN_ENDPOINTS
    return {
        "tenant": request.environ.get(TENANT) if is_inside else None,
        "theme": theme if theme in THEMES else "auto",
        "themes": THEMES,
        "version": __version__,
        "signed_in": auth_of_app().is_guarded and request.endpoint not in OPEN_ENDPOINTS,
        "here": request.full_path.rstrip("?"),
    }


@routes.errorhandler(Problem)
def _problem(problem: Problem) -> tuple[str, int, dict[str, str]]:
    page = render_template("explorer/problem.html", problem=problem)
    return page, problem.kind.status, problem.headers


@routes.errorhandler(StoreError)
def _store(error: StoreError) -> tuple[str, int, dict[str, str]]:
    _log.error("%s", error)
    return _problem(unreadable(error, service().settings.pointer_refresh_seconds))
