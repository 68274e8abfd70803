"""A real nginx with the sample configuration, in front of a real server with keys."""

import os
import re
import socket
from pathlib import Path

import pytest
import requests

from server import MAX_BODY_BYTES
from shared.stores import open_store
from tests.deploy.front import PROGRAM, SAMPLE, TRUSTED_IN_FRONT, Front, nginx
from tests.processes import free_port
from tests.server.access.keys import add_key
from tests.server.generations import publish
from tests.server.process.test_process import until
from tests.server.running import Server, running_server

ASK = {"user_handle": 999}
MISSING = "nginx is not installed; Debian's package nginx-light has it"


@pytest.fixture(scope="module", autouse=True)
def nginx_is_there() -> None:
    if not Path(PROGRAM).exists():
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("front")


@pytest.fixture(scope="module")
def key(folder) -> dict[str, str]:
    return {"X-API-Key": add_key(folder / "keys" / "api_keys.json")[1]}


@pytest.fixture(scope="module")
def server(folder, key) -> Server:
    store = open_store(f"sqlite:///{folder}/store")
    publish(store)
    store.close()
    settings = {"api_keys_file": folder / "keys" / "api_keys.json", "metrics_token": "s3cret"}
    with running_server(folder / "store", trusted_proxies="127.0.0.1", **settings) as server:
        yield server


@pytest.fixture(scope="module")
def front(folder, server) -> Front:
    with nginx(folder, server.port) as front:
        yield front


def statuses(front: Front, requests_wanted: int, source: str, *lines: str) -> list[str]:
    """Of requests down one connection from `source`, each with one of the `lines`, in turn."""
    port = int(front.http.rpartition(":")[2])
    asked = [
        f"GET /health HTTP/1.1\r\nHost: x\r\n{lines[n % len(lines)] if lines else 'A: b'}\r\n"
        + ("Connection: close\r\n\r\n" if n == requests_wanted - 1 else "\r\n")
        for n in range(requests_wanted)
    ]
    with socket.create_connection(("127.0.0.1", port), 30, (source, 0)) as connection:
        connection.sendall("".join(asked).encode())
        answers = b"".join(iter(lambda: connection.recv(65536), b""))
    return re.findall(r"HTTP/1\.1 (\d+) ", answers.decode())


def connections_to(port: int) -> int:
    """That there are, or were a moment ago; the side that ended one remembers it for a minute."""
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    ends = [{end.rpartition(":")[2] for end in line.split()[1:3]} for line in lines]
    return sum(f"{port:04X}" in of for of in ends)


def test_lookups_pass_and_their_connections_are_kept(front, server, key):
    direct = requests.post(f"{server.url}/similar-users", json=ASK, headers=key, timeout=30).json()
    before = connections_to(server.port)
    with requests.Session() as session:
        for _ in range(20):
            answer = session.post(f"{front.http}/similar-users", json=ASK, headers=key, timeout=30)
            assert answer.json() == direct
    assert connections_to(server.port) - before <= 4, "one, seen from both of its ends, or two"


def test_a_key_is_needed_as_without_it_and_problems_pass_as_they_are(front):
    answer = requests.post(f"{front.http}/similar-users", json=ASK, timeout=30)
    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/unauthorized")
    assert answer.headers["WWW-Authenticate"].startswith("ApiKey")


def test_metrics_are_not_for_the_outside(front):
    token = {"Authorization": "Bearer s3cret"}
    assert requests.get(f"{front.http}/metrics", headers=token, timeout=30).status_code == 404


def test_pages_are_compressed_and_so_are_long_answers(front, key):
    style = requests.get(f"{front.http}/explorer/static/explorer.css", timeout=30)
    assert style.headers["Content-Encoding"] == "gzip"
    users = {"user_handles": [999] * 20, "limit": 20, "with_scores": True}
    batch = requests.post(f"{front.http}/similar-users/batch", json=users, headers=key, timeout=30)
    assert batch.headers["Content-Encoding"] == "gzip"
    assert len(batch.json()["results"]) == 20
    tag = batch.headers.get("ETag")
    if tag:
        assert not tag.startswith("W/")


def test_bodies_are_as_large_as_the_server_takes_and_no_larger(front, key):
    limit = re.search(r"client_max_body_size (\d+)k;", SAMPLE.read_text()).group(1)
    assert 0 <= int(limit) * 1024 - MAX_BODY_BYTES < 128 * 1024
    for size, status in ((MAX_BODY_BYTES - 1024, 400), (int(limit) * 1024 + 1, 413)):
        answer = requests.post(
            f"{front.http}/similar-users", data=b" " * size, headers=key, timeout=30
        )
        assert answer.status_code == status
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.json()["status"] == status


def test_an_address_that_asks_too_often_waits_whatever_it_says_of_itself(front):
    spoofed = [f"X-Forwarded-For: 203.0.113.{n}" for n in range(200)]
    answered = statuses(front, 400, "127.0.0.3", *spoofed)
    assert {*answered} == {"200", "429"}
    assert 200 <= answered.count("200") < 350


def test_who_asks_is_believed_of_the_proxy_in_front_alone(front):
    spoofed = [f"X-Forwarded-For: 203.0.113.{n}" for n in range(200)]
    assert {*statuses(front, 400, TRUSTED_IN_FRONT, *spoofed)} == {"200"}
    logged = {line.split()[0] for line in front.access_log}
    assert "203.0.113.7" in logged
    statuses(front, 1, "127.0.0.4", "X-Forwarded-For: 198.51.100.1")
    logged = {line.split()[0] for line in front.access_log}
    assert "127.0.0.4" in logged
    assert "198.51.100.1" not in logged


def sign_in(url: str, key: dict[str, str], **more) -> requests.Response:
    return requests.post(
        f"{url}/explorer/sign-in",
        data={"key": key["X-API-Key"]},
        headers={"Origin": url} | more.pop("headers", {}),
        allow_redirects=False,
        timeout=30,
        **more,
    )


def test_over_tls_one_can_sign_in_and_the_cookie_is_for_tls_alone(front, key):
    answer = sign_in(front.https, key, verify=front.certificate)
    assert answer.status_code == 303
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]


def test_a_client_that_says_it_speaks_tls_is_not_believed(front, key):
    answer = sign_in(front.http, key, headers={"X-Forwarded-Proto": "https"})
    assert answer.status_code == 303
    assert "Secure" not in answer.headers["Set-Cookie"]


def test_the_log_has_the_number_of_each_request(front, key):
    headers = key | {"X-Request-ID": "order-4711"}
    requests.post(f"{front.http}/similar-users", json=ASK, headers=headers, timeout=30)
    # nginx writes it once the answer is on its way.
    until(lambda: any(line.endswith("order-4711") for line in front.access_log))
    (line,) = [line for line in front.access_log if line.endswith("order-4711")]
    assert '"POST /similar-users HTTP/1.1" 200' in line


def test_while_the_server_is_away_it_is_a_problem_like_any_other(tmp_path):
    with nginx(tmp_path, free_port()) as front:
        answer = requests.post(f"{front.http}/similar-users", json=ASK, timeout=30)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["type"] == "/problems/store-unavailable"
