"""An HTTP server in front of a DynamoDB that gets in the way as a test says."""

import http.client
import json
import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Forward = Callable[[Any], tuple[int, bytes]]
Fault = Callable[[Any, Forward], tuple[int, bytes] | None]
"""Request body and a way to pass one on -> status and body; None hangs up without an answer."""


@dataclass
class FaultyDynamoDB:
    """`faults[operation]` are used up one a call; `always[operation]` comes after them."""

    backing: str
    endpoint: str = ""
    faults: dict[str, deque[Fault]] = field(default_factory=lambda: defaultdict(deque))
    always: dict[str, Fault] = field(default_factory=dict)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)

    def count(self, operation: str) -> int:
        return sum(1 for name, _ in self.calls if name == operation)

    def answer(
        self, operation: str, body: Any, headers: dict[str, str]
    ) -> tuple[int, bytes] | None:
        self.calls.append((operation, body))
        self.authorizations.append(headers["Authorization"])

        def forward(changed: Any) -> tuple[int, bytes]:
            connection = http.client.HTTPConnection(urlsplit(self.backing).netloc, timeout=60)
            connection.request("POST", "/", json.dumps(changed), headers)
            response = connection.getresponse()
            status, answer = response.status, response.read()
            connection.close()
            return status, answer

        try:
            fault = self.faults[operation].popleft()
        except IndexError:
            fault = self.always.get(operation, passed_on)
        return fault(body, forward)


def passed_on(body: Any, forward: Forward) -> tuple[int, bytes]:
    return forward(body)


def refused(code: str, status: int = 400) -> Fault:
    error = {"__type": f"com.amazonaws.dynamodb.v20120810#{code}", "message": "says the test"}
    return lambda body, forward: (status, json.dumps(error).encode())


def answered(status: int, body: bytes) -> Fault:
    return lambda _, forward: (status, body)


def answer_lost(body: Any, forward: Forward) -> None:
    """The request is carried out, but the caller never learns."""
    forward(body)


def half_done(body: Any, forward: Forward) -> tuple[int, bytes]:
    """Carry out the first half of a batch, rounded up, and hand the rest back unprocessed."""
    ((table, items),) = body["RequestItems"].items()
    keys = items["Keys"] if isinstance(items, dict) else items
    middle = (len(keys) + 1) // 2
    status, answer = forward({"RequestItems": {table: _with(items, keys[:middle])}})
    rest = {table: _with(items, keys[middle:])} if keys[middle:] else {}
    return status, json.dumps(json.loads(answer) | {_unprocessed(items): rest}).encode()


def nothing_done(body: Any, forward: Forward) -> tuple[int, bytes]:
    (items,) = body["RequestItems"].values()
    answer = {"Responses": {}, _unprocessed(items): body["RequestItems"]}
    return 200, json.dumps(answer).encode()


def _unprocessed(items: Any) -> str:
    return "UnprocessedKeys" if isinstance(items, dict) else "UnprocessedItems"


def _with(items: Any, keys: list[Any]) -> Any:
    return items | {"Keys": keys} if isinstance(items, dict) else keys


@contextmanager
def faulty_dynamodb(backing: str) -> Iterator[FaultyDynamoDB]:
    """A running proxy in front of the endpoint URL `backing`."""
    faulty = FaultyDynamoDB(backing)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            kept = ("X-Amz-Target", "Authorization", "Content-Type", "X-Amz-Date")
            operation = self.headers["X-Amz-Target"].partition(".")[2]
            reply = faulty.answer(operation, body, {name: self.headers[name] for name in kept})
            self.close_connection = True
            if reply is None:
                return
            status, answer = reply
            self.send_response(status)
            self.send_header("Content-Type", "application/x-amz-json-1.0")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(
        target=partial(server.serve_forever, poll_interval=0.02), name="faulty-dynamodb"
    )
    thread.start()
    try:
        faulty.endpoint = f"http://127.0.0.1:{server.server_port}"
        yield faulty
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
