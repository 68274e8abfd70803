"""The line that says that the server is up, once it really answers."""

import http.client
import json
import time
from collections.abc import Callable

from shared.kinds import SIMILAR_USERS

USER_HANDLE = 999
"""The user that the documents speak of; other data gets a user of its own as the example."""
PATIENCE_SECONDS = 30
PAUSE_SECONDS = 0.05


def greet(address: str, port: int, store_url: str, say: Callable[[str], None]) -> None:
    """Ask the server until it answers, then say where it is and what to try."""
    host = f"[{address}]" if ":" in address else address
    url = f"http://{host}:{port}"
    answer = _first_answer(address, port)
    if answer is None:
        say(f"Kindred does not answer at {url} after {PATIENCE_SECONDS} s; see the lines above.")
        return
    status, text = answer
    if status == 503:
        detail = json.loads(text)["detail"]
        say(f"Kindred answers at {url}, but has nothing to serve from {store_url}: {detail}")
        return
    if status == 401:
        say(f"Kindred answers at {url} (docs: {url}/docs) whoever shows a key in X-API-Key.")
        return
    handle = USER_HANDLE
    if status == 404:
        handle = json.loads(_ask(address, port, "GET", "/models")[1])["example_user_handle"]
    body = json.dumps({"user_handle": handle}, ensure_ascii=False).replace("'", "\\u0027")
    say(
        f"Kindred answers at {url} (docs: {url}/docs). Try:\n"
        f"curl -s {url}{SIMILAR_USERS.path} -H 'Content-Type: application/json' -d '{body}'"
    )


def _first_answer(address: str, port: int) -> tuple[int, str] | None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        try:
            body = json.dumps({"user_handle": USER_HANDLE})
            return _ask(address, port, "POST", SIMILAR_USERS.path, body)
        except OSError:
            time.sleep(PAUSE_SECONDS)
    return None


def _ask(
    address: str, port: int, method: str, path: str, body: str | None = None
) -> tuple[int, str]:
    connection = http.client.HTTPConnection(address, port, timeout=PATIENCE_SECONDS)
    try:
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()
