"""Nothing that a caller sends makes a line of the log, or moves a terminal's cursor."""

import json
import socket

from shared.stores import open_store
from tests.server.access.keys import add_key
from tests.server.generations import publish
from tests.server.running import running_server

NASTY = "x\\r\\nERROR forged: line\\u001b[2J\\u2028\\u0000"
REQUESTS = [
    b"GET /%0d%0aERROR%20forged:%20line%1b[2J HTTP/1.1\r\nHost: localhost\r\n",
    b"GET /models HTTP/1.1\r\nHost: localhost\x1b[2J\r\n",
    b"GET /models HTTP/1.1\r\nHost: localhost\r\nX-API-Key: \x1b[2Jforged\xe2\x80\xa8\r\n",
    b"GET /models HTTP/1.1\r\nHost: localhost\r\nX-Request-ID: a\x1b[2J forged\r\n",
    b"GET /models?a=%0aforged HTTP/1.1\r\nHost: localhost\r\nUser-Agent: \x9b2Jforged\r\n",
]


def send(port: int, request: bytes, body: bytes = b"") -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        length = b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body)
        connection.sendall(request + length + body)
        while connection.recv(65536):
            pass


def test_every_line_of_the_log_is_the_servers_own(tmp_path):
    folder, key_file = tmp_path / "store", tmp_path / "api_keys.json"
    publish(open_store(f"sqlite:///{folder}"))
    _, key = add_key(key_file)
    ask = b"POST /similar-users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    ask += b"X-API-Key: %b\r\n" % key.encode()
    said: list[str] = []
    for log_format in ("json", "text"):
        with running_server(
            folder, api_keys_file=key_file, log_format=log_format, log_requests="all"
        ) as server:
            while not server.lines.empty():
                server.lines.get()
            for request in REQUESTS:
                send(server.port, request)
            for field in ("user_handle", "model_handle"):
                body = f'{{"user_handle": 999, "{field}": "{NASTY}", "{NASTY}": 1}}'
                send(server.port, ask, body.encode())
                send(server.port, ask, body.replace(f', "{NASTY}": 1', "").encode())
            send(server.port, ask, b'{"user_handle": 999, "limit": 7}')
        lines = list(server.lines.queue)
        assert len(lines) >= 6  # the web server refuses some of the requests itself
        for line in lines:
            assert line.rstrip("\n").isprintable(), line
            assert not line.startswith("ERROR")
            if log_format == "json":
                assert {"time", "level", "message"} <= json.loads(line).keys()
        said += lines
    assert key.rpartition("_")[2] not in "".join(said)
