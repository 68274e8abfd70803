"""GET /openapi.json, /docs (Swagger UI) and /redoc, from installed files: nothing from a CDN."""

import re
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Response, current_app, send_from_directory
from flask_openapi.openapi import OpenAPI

PAGES = {
    "GET /docs": "The API in Swagger UI, to try out",
    "GET /redoc": "The API in ReDoc, to read",
    "GET /openapi.json": "The API as an OpenAPI description",
    "GET /metrics": "Counts for Prometheus",
}
FOLDERS = {
    "kindred": Path(__file__).parent.parent / "pages",
    "swagger": Path(str(files("flask_openapi_swagger"))) / "templates" / "swagger",
    "redoc": Path(str(files("flask_openapi_redoc"))) / "templates" / "redoc",
}
REDOC = "js/redoc.standalone.js"
LOGO_ELSEWHERE = re.compile(r"https://cdn\.redoc\.ly/redoc/[\w-]+\.svg")
OWN_LOGO = "/assets/redoc/images/redoc.svg"
# Both write style attributes; ReDoc searches in a worker that it makes from a blob.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; worker-src 'self' blob:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

routes = Blueprint("docs", __name__)


@routes.get("/openapi.json")
def api_description() -> dict[str, Any]:
    """The OpenAPI description, made of the routes' own request and answer models."""
    return cast(OpenAPI, current_app).api_doc


@routes.get("/docs")
def swagger() -> Response:
    return _page("swagger.html")


@routes.get("/redoc")
def redoc() -> Response:
    return _page("redoc.html")


@routes.get("/assets/<any(kindred, swagger, redoc):package>/<path:name>")
def asset(package: str, name: str) -> Response:
    if (package, name) == ("redoc", REDOC):
        answer = Response(_redoc(), mimetype="text/javascript")
        answer.headers["Cache-Control"] = "public, max-age=3600"
        return answer
    return send_from_directory(FOLDERS[package], name, max_age=3600)


@cache
def _redoc() -> str:
    """ReDoc with its logo from its package: no option keeps it from asking a CDN for that."""
    return LOGO_ELSEWHERE.sub(OWN_LOGO, (FOLDERS["redoc"] / REDOC).read_text("utf-8"))


def with_whole_numbers(value: Any) -> Any:
    """The library makes every bound a float, and -9.223372036854776e18 is not -2**63 to all."""
    if isinstance(value, dict):
        return {key: with_whole_numbers(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [with_whole_numbers(inner) for inner in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _page(name: str) -> Response:
    page = send_from_directory(FOLDERS["kindred"], name, max_age=0)
    page.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return page
