"""The line that says that the server is up, once it really answers."""

import http.client
import json
import time
from collections.abc import Callable

USER_HANDLE = 999
PATIENCE_SECONDS = 30
PAUSE_SECONDS = 0.05


def greet(address: str, port: int, say: Callable[[str], None]) -> None:
    """Ask the server until it answers, then say where it is and what to try."""
    host = f"[{address}]" if ":" in address else address
    url = f"http://{host}:{port}"
    body = json.dumps({"user_handle": USER_HANDLE})
    answer = _first_answer(address, port, body)
    if answer is None:
        say(f"Kindred does not answer at {url} after {PATIENCE_SECONDS} s; see the lines above.")
        return
    status, text = answer
    if status == 503:
        say(f"Kindred answers at {url}, but has nothing to serve: {json.loads(text)['detail']}")
    elif status == 200:
        say(
            f"Kindred answers at {url} (docs: {url}/docs). Try:\n"
            f"curl -s {url}/similar-users -H 'Content-Type: application/json' -d '{body}'"
        )
    else:
        say(f"Kindred answers at {url} (docs: {url}/docs). Try:\ncurl -s {url}/models")


def _first_answer(address: str, port: int, body: str) -> tuple[int, str] | None:
    give_up_at = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < give_up_at:
        connection = http.client.HTTPConnection(address, port, timeout=PATIENCE_SECONDS)
        try:
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/similar-users", body, headers)
            response = connection.getresponse()
            return response.status, response.read().decode()
        except OSError:
            time.sleep(PAUSE_SECONDS)
        finally:
            connection.close()
    return None
