"""Pages at addresses of the API, for people who come upon them with a browser.

Programs get JSON there: whoever does not put HTML first in `Accept`, as browsers do, is a program.
"""

from flask import Response, current_app, make_response, render_template, request

from server.explorer.blueprint import as_page_of_ours, for_every_page, routes
from server.problems import Problem

HTML = "text/html"
OFFERED = ("application/json", HTML)


def is_for_people() -> bool:
    """Whether a browser asks for something to read, where there is an explorer to show it."""
    if routes.name not in current_app.blueprints:
        return False
    is_read = request.method in {"GET", "HEAD"}
    return is_read and request.accept_mimetypes.best_match(OFFERED) == HTML


def start_page(offered: dict[str, str]) -> Response:
    """`offered`: "GET /models" -> what it is for."""
    return _page("explorer/start.html", 200, offered=offered)


def problem_page(problem: Problem) -> Response | None:
    """The problem as a page; None if it is a program that has it."""
    if not is_for_people():
        return None
    response = _page("explorer/problem.html", problem.kind.status, problem=problem)
    response.headers.extend(problem.headers)
    return response


def _page(template: str, status: int, **shown: object) -> Response:
    page = render_template(template, **for_every_page(), **shown)
    response = as_page_of_ours(make_response(page, status))
    response.vary.add("Accept")
    return response
