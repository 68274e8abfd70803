"""GET /courses/{course_handle}."""

import pytest

from tests.server.calls import Caller, assert_problem
from tests.server.generations import COURSE, course_facts, publish, rows

DETAILS = {
    "description": "All that a beginner needs.",
    "picture": "https://cdn.example.org/python.png",
    "completions": 12,
    "rating": {"mean": 4.31, "count": 37, "best": 5.0},
    "sentiment": {"mean": -0.2, "count": 4},
    "duplicates": ["python-2019", 7],
    "duplicate_count": 2,
    "pathways": [{"courses": ["deep-python", 7], "users": 31, "share": 0.12, "lift": 4.2}],
}


@pytest.fixture
def detailed(app, store) -> Caller:
    others = [row for row in rows() if (row.section, row.subject) != ("course_facts", COURSE)]
    publish(store, [*others, course_facts(COURSE, tags=["python"], **DETAILS)])
    return Caller(app.test_client())


def test_a_course_is_answered_with_all_that_is_known_of_it(detailed):
    answer = detailed.get(f"/courses/{COURSE}").get_json()
    assert {name: answer[name] for name in DETAILS} == DETAILS
    assert (answer["course_handle"], answer["viewers"]) == (COURSE, 3)


def test_of_a_course_of_which_less_is_known_the_rest_is_left_out(api):
    """So are rows of generations that were made before there was more."""
    answer = api.get(f"/courses/{COURSE}").get_json()
    assert set(answer) == {
        "course_handle", "generation", "title", "tags", "levels", "viewers", "attributes",
    }  # fmt: skip


def test_an_unknown_course_is_a_problem(api):
    assert_problem(api.get("/courses/cobol"), 404, "unknown-course")


def test_the_description_of_the_api_names_every_part(app):
    schema = app.api_doc["components"]["schemas"]["CourseAnswer"]["properties"]
    assert set(DETAILS) <= set(schema)
