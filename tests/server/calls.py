"""How tests speak to the server, and what they expect of every problem."""

import json
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def at_once(work: Callable[[], None]) -> None:
    """In place of a thread, so that a test need not wait for it."""
    work()


class ManualClock:
    """Seconds that pass when the test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds

    def advance(self, seconds: float) -> None:
        self.seconds += seconds


class Caller:
    """Speaks to the app as a client does: bytes out, bytes in."""

    def __init__(self, client: FlaskClient) -> None:
        self._client = client

    def get(self, path: str) -> TestResponse:
        return self._client.get(path, buffered=True)

    def post(self, path: str, body: Any) -> TestResponse:
        return self.send(path, json.dumps(body).encode())

    def send(
        self, path: str, body: bytes, content_type: str | None = "application/json"
    ) -> TestResponse:
        return self._client.post(
            path,
            data=body,
            content_type=content_type,
            headers={"X-Request-ID": "from-a-test"},
            buffered=True,
        )


def assert_problem(response: TestResponse, status: int, kind: str) -> dict[str, Any]:
    """The body of a problem, after a look at what every problem has."""
    problem = response.get_json()
    assert (response.status_code, problem["type"]) == (status, f"/problems/{kind}"), problem
    assert response.mimetype == "application/problem+json"
    assert problem["status"] == status
    assert problem["title"]
    assert problem["detail"].endswith((".", "}"))
    return problem
