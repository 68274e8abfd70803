"""What the server refuses before it looks anything up, and how it says so."""

import gzip
import json

import pytest

from server import MAX_BODY_BYTES
from tests.server.calls import Caller, assert_problem

LISTS = ["/similar-users", "/recommendations"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"user_handle=999",
        b'{"user_handle": 999,}',
        b"{'user_handle': 999}",
        b'{"user_handle": NaN}',
        b'{"user_handle": "\xff"}',
        b'{"user_handle": "\\ud800"}',
        b'\xef\xbb\xbf{"user_handle": 999}',
        b'{"user_handle": 999}{}',
        b"\x00",
        b"[" * 60_000,
        b'{"user_handle":' * 4_000,
    ],
)
def test_what_is_not_json_is_400(api: Caller, path, body):
    assert_problem(api.send(path, body), 400, "malformed-body")


@pytest.mark.parametrize("body", [[], [999], 999, "999", '{"user_handle": 999}', None, True, 1.5])
def test_json_that_is_no_object_is_400(api: Caller, body):
    problem = assert_problem(api.post("/similar-users", body), 400, "malformed-body")
    assert "not an object" in problem["detail"]


@pytest.mark.parametrize(
    "content_type", [None, "text/plain", "application/x-www-form-urlencoded", "json", "\x80"]
)
def test_another_content_type_is_400_and_says_which_to_send(api: Caller, content_type):
    response = api.send("/similar-users", b'{"user_handle": 999}', content_type)
    problem = assert_problem(response, 400, "malformed-body")
    assert "application/json" in problem["detail"]


@pytest.mark.parametrize("content_type", ["application/json; charset=utf-8", "APPLICATION/JSON"])
def test_the_content_type_may_be_written_in_any_way(api: Caller, content_type):
    assert api.send("/similar-users", b'{"user_handle": 999}', content_type).status_code == 200


@pytest.mark.parametrize(
    "handle",
    [None, True, 1.5, 2**63, -(2**63) - 1, 2**70, 2.0**60, 1e300, "", "x" * 513, [], [999], {}],
)
def test_what_is_no_handle_is_422(api: Caller, handle):
    problem = assert_problem(
        api.post("/similar-users", {"user_handle": handle}), 422, "invalid-request"
    )
    assert problem["errors"] == [
        {
            "pointer": "#/user_handle",
            "detail": "must be an integer of 64 bits, or a text of 1 to 512 characters",
        }
    ]


def test_a_number_beyond_every_float_is_refused(api: Caller):
    response = api.send("/similar-users", b'{"user_handle": 1e400}')
    assert response.status_code in {400, 422}
    huge = b'{"user_handle": ' + b"9" * 5000 + b"}"
    assert api.send("/similar-users", huge).status_code in {400, 422}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("limit", value) for value in (0, -1, 1001, 1.5, "5", True, [], 2**70)),
        *(("with_scores", value) for value in (1, 0, "true", [])),
        *(("model_handle", value) for value in ("", "m" * 129, 5, True, [], {})),
        ("limt", 5),
        ("", 5),
        ("user_handles", [999]),
        ("a/b~c", 5),
    ],
)
def test_each_wrong_field_is_422_and_pointed_at(api: Caller, field, value):
    response = api.post("/recommendations", {"user_handle": 999, field: value})
    problem = assert_problem(response, 422, "invalid-request")
    pointer = "#/" + field.replace("~", "~0").replace("/", "~1")
    assert [error["pointer"] for error in problem["errors"]] == [pointer]
    assert problem["errors"][0]["detail"] in problem["detail"]


def test_a_missing_handle_is_422(api: Caller):
    problem = assert_problem(api.post("/similar-users", {}), 422, "invalid-request")
    assert problem["errors"] == [{"pointer": "#/user_handle", "detail": "is required"}]


def test_an_unknown_field_is_told_the_fields_there_are(api: Caller):
    response = api.post("/similar-users", {"user_handle": 999, "userhandle": 1})
    problem = assert_problem(response, 422, "invalid-request")
    for field in ("user_handle", "model_handle", "limit", "exclude"):
        assert field in problem["detail"].partition("its fields are: ")[2]


def test_all_wrong_fields_are_named_at_once_but_not_thousands(api: Caller):
    wrong = {"limit": 0, "with_scores": 1} | {f"field{i}": i for i in range(2000)}
    problem = assert_problem(api.post("/similar-users", wrong), 422, "invalid-request")
    assert len(problem["errors"]) == 20
    assert {"pointer": "#/user_handle", "detail": "is required"} in problem["errors"]
    assert len(json.dumps(problem)) < 5000


def test_of_a_doubled_key_the_last_counts(api: Caller):
    answer = api.send("/similar-users", b'{"user_handle": 1, "user_handle": 999}').get_json()
    assert answer["request_data"] == 999


def test_deep_nesting_in_an_unknown_field_is_422(api: Caller):
    body = b'{"user_handle": 999, "x": ' + b"[" * 500 + b"]" * 500 + b"}"
    assert_problem(api.send("/similar-users", body), 422, "invalid-request")


def test_the_largest_request_that_the_schema_allows_is_answered(api: Caller):
    longest = ["\U0001f642" * 508 + f"{number:04}" for number in range(1100)]
    body = {"user_handles": longest[:100], "exclude": longest[100:600], "only": longest[600:]}
    text = json.dumps(body, ensure_ascii=False).encode()
    assert len(text) > 2_000_000
    assert api.send("/recommendations/batch", text).status_code == 200


def test_a_compressed_body_is_415_and_told_so(app, generation):
    for content_type in ("application/json", "application/json; charset=utf-8"):
        response = app.test_client().post(
            "/similar-users",
            data=gzip.compress(b'{"user_handle": 999}'),
            headers={"Content-Encoding": "gzip", "Content-Type": content_type},
        )
        problem = assert_problem(response, 415, "unsupported-encoding")
        assert "Content-Encoding gzip" in problem["detail"]


def test_a_body_over_the_limit_is_413(api: Caller):
    body = b'{"user_handle": 999}'.ljust(MAX_BODY_BYTES + 1)
    problem = assert_problem(api.send("/similar-users", body), 413, "body-too-large")
    assert "64 KiB" in problem["detail"]
    assert api.send("/similar-users", body[:-1]).status_code == 200


@pytest.mark.parametrize("path", ["/nothing", "/similar-users/more", "/a\nb", "/%ff", "/x" * 999])
def test_an_unknown_route_is_404(api: Caller, path):
    problem = assert_problem(api.get(path), 404, "unknown-route")
    assert len(problem["detail"]) < 300


@pytest.mark.parametrize("path", [*LISTS, "/similar-users/batch"])
def test_a_wrong_method_is_405_and_names_the_right_one(api: Caller, path):
    response = api.get(path)
    assert_problem(response, 405, "wrong-method")
    assert response.allow == {"POST", "OPTIONS"}


def test_posting_to_a_page_is_405(api: Caller):
    assert_problem(api.post("/models", {}), 405, "wrong-method")
