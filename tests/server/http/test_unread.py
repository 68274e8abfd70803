"""A connection that ends after an answer is said to end, and no other."""

import socket

import pytest
import requests

from shared.stores import open_store
from tests.server.access.keys import add_key
from tests.server.generations import publish
from tests.server.running import PATIENCE_SECONDS, running_server

BODY = b'{"user_handle": 999}'


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unread")
    publish(open_store(f"sqlite:///{folder}/store"))
    _, key = add_key(folder / "keys.json")
    with running_server(folder / "store", api_keys_file=folder / "keys.json") as running:
        running.key = key
        yield running


def head(path: bytes, *headers: bytes, length: int = len(BODY)) -> bytes:
    lines = [b"POST " + path + b" HTTP/1.1", b"Host: localhost", *headers]
    return b"\r\n".join([*lines, b"Content-Length: %d" % length, b"", b""])


def answers(server, *requests_sent: bytes) -> list[bytes]:
    """What comes back on one connection, request by request, until it ends."""
    received = []
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS) as client:
        file = client.makefile("rb")
        for sent in requests_sent:
            client.sendall(sent)
            lines = []
            while (line := file.readline()) not in (b"\r\n", b""):
                lines.append(line.lower())
            if not lines:
                break
            received.append(b"".join(lines))
            length = [line for line in lines if line.startswith(b"content-length")]
            file.read(int(length[0].split(b":")[1]))
    return received


JSON = b"Content-Type: application/json"
CHUNKED = (
    b"POST %s HTTP/1.1\r\nHost: localhost\r\n" + JSON + b"\r\nX-API-Key: %s\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n14\r\n" + BODY + b"\r\n"
)
REFUSED = {
    b"404 ": CHUNKED % (b"/nothing", b"wrong"),
    b"401": head(b"/similar-users", JSON, b"X-API-Key: wrong") + BODY,
    b"404": head(b"/nothing", JSON) + BODY,
    b"405": head(b"/models", JSON) + BODY,
}


@pytest.mark.parametrize("status", REFUSED)
def test_a_refusal_that_leaves_the_body_unread_says_that_the_connection_ends(server, status):
    first, *more = answers(server, REFUSED[status], REFUSED[status])
    assert status in first
    assert b"connection: close" in first
    assert not more


@pytest.mark.parametrize("body", [BODY, b"{", b'{"user_handle": "nobody"}', b'{"user": 1}'])
@pytest.mark.parametrize("path", [b"/similar-users", b"/similar-users/batch"])
def test_what_was_read_leaves_the_connection_as_it_is(server, path, body):
    key = b"X-API-Key: " + server.key.encode()
    sent = head(path, JSON, key, length=len(body)) + body
    replies = answers(server, sent, sent, sent)
    assert len(replies) == 3
    assert not [reply for reply in replies if b"connection: close" in reply]


def test_a_client_that_keeps_its_connection_is_answered_again_after_a_refusal(server):
    with requests.Session() as client:
        for _ in range(5):
            for key, status in (("wrong", 401), (server.key, 200)):
                answer = client.post(
                    f"{server.url}/similar-users",
                    json={"user_handle": 999},
                    headers={"X-API-Key": key},
                    timeout=PATIENCE_SECONDS,
                )
                assert answer.status_code == status


def test_a_chunked_body_that_was_read_leaves_the_connection_as_it_is(server):
    sent = CHUNKED % (b"/similar-users", server.key.encode()) + b"0\r\n\r\n"
    replies = answers(server, sent, sent, sent)
    assert [b"200" in reply for reply in replies] == [True, True, True]
    assert not [reply for reply in replies if b"connection: close" in reply]
