"""The routes that do not look up lists, and the headers of all."""

import re
import tomllib
from pathlib import Path

import openapi_spec_validator
import pytest

from server.problems import KINDS
from shared.records import trimmed
from tests.server.calls import Caller, assert_problem
from tests.server.generations import ALS, DNN, KNN, NEIGHBOURS_ONLY, POPULAR, TFIDF

ROOT = Path(__file__).parents[2]
PAGES = ["/docs", "/redoc"]
ROUTES = ["/", "/models", "/health", "/ready", "/problems", "/openapi.json", *PAGES]


def test_models_come_from_the_live_manifest(api: Caller, generation):
    answer = api.get("/models").get_json()
    assert answer["generation"] == generation
    assert answer["default_model_handle"] == TFIDF
    assert [m["model_handle"] for m in answer["models"]] == [
        TFIDF,
        KNN,
        DNN,
        NEIGHBOURS_ONLY,
        POPULAR,
    ]
    assert [m["model_handle"] for m in answer["models"] if m["default"]] == [TFIDF]
    assert answer["models"][1] == {
        "model_handle": KNN,
        "title": "View times",
        "default": False,
        "default_for": [],
        "serves": ["similar_users", "recommendations", "similar_courses"],
        "needs": ["views"],
        "users": 2,
        "measures": {"neighbours": 40.0},
        "fit_seconds": 0.0,
    }
    assert answer["skipped"] == [
        {
            "model_handle": ALS,
            "title": "Factors",
            "needs": ["views"],
            "reason": "the table user_course_views is empty",
        }
    ]


def test_health_tells_the_version_of_the_project(api: Caller):
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert api.get("/health").get_json() == {"status": "alive", "version": version}


def test_ready_names_the_live_generation(api: Caller, generation):
    assert api.get("/ready").get_json() == {"status": "ready", "generation": generation}


def test_the_index_names_every_route(api: Caller, app):
    described = {line.split()[1] for line in api.get("/").get_json()["routes"]}
    rules = {re.sub("<(?:[^<>]+:)?(.+)>", r"{\1}", str(rule)) for rule in app.url_map.iter_rules()}
    within = {r for r in rules if "assets" in r or r.startswith("/explorer/")}
    assert described == rules - within | {"/explorer"}


@pytest.mark.parametrize("path", ROUTES)
def test_every_route_answers_with_and_without_the_slash(api: Caller, path):
    assert api.get(path).status_code == 200
    assert api.get(path.rstrip("/") + "/").status_code == 200


def test_every_problem_type_can_be_looked_up(api: Caller):
    assert len(api.get("/problems").get_json()["problems"]) == len(KINDS)
    for name, kind in KINDS.items():
        answer = api.get(f"/problems/{name}").get_json()
        assert (answer["type"], answer["status"]) == (f"/problems/{name}", kind.status)
        assert answer["help"].endswith(".")
    assert_problem(api.get("/problems/no-such-kind"), 404, "unknown-route")


def test_the_api_description_is_valid_openapi_3_1(api: Caller):
    description = api.get("/openapi.json").get_json()
    assert description["openapi"] == "3.1.0"
    openapi_spec_validator.validate(description)


def test_the_api_description_states_the_bounds_that_the_server_holds(api: Caller):
    schemas = api.get("/openapi.json").get_json()["components"]["schemas"]
    request = schemas["UserToCourses"]
    assert request["additionalProperties"] is False
    assert request["required"] == ["user_handle"]
    integer, text = request["properties"]["user_handle"]["anyOf"]
    assert (integer["minimum"], integer["maximum"]) == (-(2**63), 2**63 - 1)
    # Blanks are cut off before anything else, so that a text needs some other sign.
    assert text["maxLength"] == 512
    for code in range(0x3100):
        assert bool(re.search(text["pattern"], chr(code))) == bool(trimmed(chr(code))), code
    assert '"minimum":-9223372036854775808,' in api.get("/openapi.json").text
    (limit,) = (s for s in request["properties"]["limit"]["anyOf"] if s["type"] == "integer")
    assert (limit["minimum"], limit["maximum"]) == (1, 1000)
    users = schemas["UserToCoursesBatch"]["properties"]["user_handles"]
    assert (users["minItems"], users["maxItems"]) == (1, 100)


def test_every_operation_describes_its_problems_as_problem_json(api: Caller):
    for path, methods in api.get("/openapi.json").get_json()["paths"].items():
        for operation in methods.values():
            assert "500" in operation["responses"], path
            for status, response in operation["responses"].items():
                mimetype = f"application/{'json' if status[0] == '2' else 'problem+json'}"
                if status != "304":
                    assert list(response["content"]) == [mimetype], (path, status)


@pytest.mark.parametrize("page", PAGES)
def test_pages_load_only_files_of_this_server_and_all_of_them_are_there(api: Caller, page):
    html = api.get(page).get_data(as_text=True)
    links = re.findall(r'<a href="([^"]+)"', html)
    sources = [
        source for source in re.findall(r'(?:src|href)="([^"]+)"', html) if source not in links
    ]
    for link in links:
        assert api.get(link).status_code in {200, 503}
    scripts = [api.get(source) for source in sources]
    imports = [m for s in scripts for m in re.findall(r'^import .* from "(.+)"', s.text, re.M)]
    assert len(sources) >= 2
    for source in (*sources, *imports):
        assert source.startswith("/assets/")
        assert api.get(source).status_code == 200
        assert api.get(source).mimetype in {"text/javascript", "text/css", "image/svg+xml"}


def test_redoc_asks_nobody_else_for_its_logo(api: Caller):
    script = api.get("/assets/redoc/js/redoc.standalone.js").text
    assert "cdn.redoc.ly" not in script
    assert "/assets/redoc/images/redoc.svg" in script


@pytest.mark.parametrize("page", PAGES)
def test_pages_carry_no_inline_script_and_forbid_foreign_ones(api: Caller, page):
    response = api.get(page)
    assert not re.search(r"<script(?![^>]*\bsrc=)", response.get_data(as_text=True))
    policy = response.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy
    assert "default-src 'none'" in policy


@pytest.mark.parametrize(
    "name",
    ["../server/__init__.py", "..%2f__init__.py", "%2e%2e/errors.py", "/etc/passwd", "no.js"],
)
@pytest.mark.parametrize("package", ["kindred", "swagger", "redoc", "other"])
def test_assets_give_no_file_outside_their_folders(api: Caller, package, name):
    assert api.get(f"/assets/{package}/{name}").status_code == 404


@pytest.mark.parametrize("path", [*ROUTES, "/nothing", "/similar-users"])
def test_every_answer_carries_the_security_headers(api: Caller, path):
    headers = api.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["Server"] == "kindred"


def test_what_is_about_persons_is_not_for_shared_caches(api: Caller):
    answered = api.post("/similar-users", {"user_handle": 999})
    assert answered.headers["Cache-Control"] == "private, max-age=5, must-revalidate"
    assert answered.headers["Vary"] == "X-API-Key, Accept-Encoding"
    refused = api.post("/similar-users", {"user_handle": 123456})
    assert refused.headers["Cache-Control"] == "no-store"
