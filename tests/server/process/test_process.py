"""The server as it runs in production: `python run_server.py`, over real sockets."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from shared.stores import open_store
from tests.processes import ROOT, free_port
from tests.server.generations import TFIDF, publish, users_like
from tests.server.running import PATIENCE_SECONDS, Server, running_server, server_environment

ASK = {"user_handle": 999}
POST = (
    b"POST /similar-users HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    b"Connection: close\r\n"
)
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
END = b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
RUBBISH = {
    "no HTTP at all": b"\x00\xff\xfe rubbish\r\n\r\n",
    "another protocol": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "bytes in the path": b"GET /\xc3\xa9\xff" + END,
    "escaped bytes in the path": b"GET /%ff%fe%00%0d%0a" + END,
    "bytes in a header": POST + b"Content-Language: \xff\xfe\r\n\r\n",
    "a length that is none": POST + b"Content-Length: x\r\n\r\n",
    "a negative length": POST + b"Content-Length: -1\r\n\r\n",
    "an enormous length": POST + b"Content-Length: 99999999999999\r\n\r\n{",
    "a wrong chunk": CHUNKED + b"zz\r\n",
    "a chunked body beyond the limit": CHUNKED + b"8000\r\n%b\r\n" % (b" " * 0x8000) * 8,
    "an enormous header": b"GET /health HTTP/1.1\r\nHost: localhost\r\nX: "
    + b"a" * 500_000
    + b"\r\n\r\n",
    "a method that is none": b"NO\x01SUCH /health" + END,
    "a tunnel": b"CONNECT example.org:80" + END,
}


@pytest.fixture
def published(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    publish(open_store(f"sqlite:///{folder}"))
    return folder


@pytest.fixture
def server(published: Path) -> Iterator[Server]:
    with running_server(published, pointer_refresh_seconds=0.1) as server:
        yield server


def until(true: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def send(port: int, data: bytes) -> bytes:
    """What comes back until the server closes; sending may end early if it refuses."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_SECONDS) as connection:
        received = b""
        try:
            connection.sendall(data)
            while more := connection.recv(65536):
                received += more
        except ConnectionError:
            pass
        return received


def run_to_its_end(folder: Path, port: int, **settings: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "run_server.py"],
        cwd=folder.parent,
        env=server_environment(folder, port, **settings),
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
    )


def is_gone(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


def test_it_warns_that_there_is_no_key_then_shows_a_curl_that_works(published):
    with running_server(published, wait="") as server:
        assert "no API key is configured" in server.wait_for_line("WARNING")
        assert server.url in server.wait_for_line("Kindred answers")
        curl = server.wait_for_line("curl")
        done = subprocess.run(curl, shell=True, capture_output=True, text=True, timeout=60)
        expected = requests.post(f"{server.url}/similar-users", json=ASK, timeout=60).text
        assert done.stdout == expected
        assert f'"{TFIDF}"' in done.stdout


def test_where_user_999_is_unknown_the_curl_asks_for_a_user_who_is_there(tmp_path):
    store = open_store(f"sqlite:///{tmp_path}")
    publish(store, [users_like("d'Arc", TFIDF)], example_user_handle="d'Arc")
    with running_server(tmp_path, wait="Kindred answers") as server:
        curl = server.wait_for_line("curl")
        done = subprocess.run(curl, shell=True, capture_output=True, text=True, timeout=60)
    assert json.loads(done.stdout)["request_data"] == "d'Arc"


def test_without_a_generation_it_starts_says_so_and_serves_the_first_one(tmp_path):
    folder = tmp_path / "store"
    with running_server(folder, wait="", pointer_refresh_seconds=0.1) as server:
        assert str(folder) in server.wait_for_line("has nothing to serve from")
        assert server.post("/similar-users", ASK).status_code == 503
        publish(open_store(f"sqlite:///{folder}"))
        assert server.post("/similar-users", ASK).status_code == 200


def test_a_new_generation_is_served_without_a_restart(server, published):
    before = server.post("/similar-users", ASK).json()["generation"]
    generation = publish(open_store(f"sqlite:///{published}"))
    assert generation != before
    until(lambda: server.post("/similar-users", ASK).json()["generation"] == generation)


def test_a_second_server_on_the_port_is_refused_in_one_sentence(server, published):
    second = run_to_its_end(published, server.port)
    assert second.returncode == 2
    assert f"port {server.port}" in second.stderr
    assert len(second.stderr.splitlines()) == 1
    assert server.post("/similar-users", ASK).status_code == 200


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"server_port": 70000}, "SERVER_PORT"),
        ({"server_host": "0.0.0.0"}, "ALLOW_ANONYMOUS"),
        ({"server_host": "no-such-host.invalid", "allow_anonymous": True}, "SERVER_HOST"),
        ({"store_url": "postgres://somewhere"}, "STORE_URL"),
    ],
)
def test_settings_that_make_no_sense_end_in_one_sentence(tmp_path, settings, said):
    done = run_to_its_end(tmp_path / "store", free_port(), **settings)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("workers", [1, 2])
def test_a_signal_ends_it_with_0_and_frees_the_port(published, how, workers):
    with running_server(published, server_workers=workers) as server:
        pids = server.workers()
        assert len(pids) == workers
        server.process.send_signal(how)
        assert server.process.wait(PATIENCE_SECONDS) == 0
        assert all(is_gone(pid) for pid in pids)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), timeout=5)


def test_ctrl_c_ends_it_with_0(published):
    """A terminal sends Ctrl-C to every process of the group, not to the first alone."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, ROOT / "run_server.py"],
        cwd=published.parent,
        env=server_environment(published, port),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        while "curl" not in process.stdout.readline():
            assert process.poll() is None
        os.killpg(process.pid, signal.SIGINT)
        said = process.stdout.read()
        assert process.wait(PATIENCE_SECONDS) == 0
        assert not said


def test_a_signal_during_the_start_ends_it_too(published):
    with running_server(published, wait="WARNING") as server:
        until(lambda: bool(server.workers()))
        server.process.terminate()
        server.process.wait(PATIENCE_SECONDS)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", server.port), timeout=5)


def test_requests_under_way_are_answered_before_it_ends(server):
    body = b'{"user_handle": 999}'
    head = POST + b"Content-Length: 20\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port), timeout=PATIENCE_SECONDS) as slow:
        slow.sendall(head)
        assert slow.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n", "it waits for the body"
        slow.sendall(body[:5])
        server.process.terminate()
        time.sleep(0.3)
        slow.sendall(body[5:])
        assert slow.recv(65536).startswith(b"HTTP/1.1 200")
    assert server.process.wait(PATIENCE_SECONDS) == 0


def test_a_killed_worker_is_replaced(server):
    (first,) = server.workers()
    os.kill(first, signal.SIGKILL)
    until(lambda: server.workers() not in ([], [first]))

    def answers() -> bool:
        try:
            return server.post("/similar-users", ASK).status_code == 200
        except requests.ConnectionError:
            return False

    until(answers)


def test_workers_of_a_killed_parent_end_and_free_the_port(published):
    with running_server(published, server_workers=2) as server:
        pids = server.workers()
        server.process.kill()
        until(lambda: all(is_gone(pid) for pid in pids))


def test_workers_of_a_parent_killed_during_the_start_end_too(published):
    with running_server(published, wait="", server_workers=2) as server:
        until(lambda: len(server.workers()) == 2)
        pids = server.workers()
        server.process.kill()
        until(lambda: all(is_gone(pid) for pid in pids))


@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_on_the_socket_gets_no_5xx_and_ends_nothing(rubbish_bin, name):
    received = send(rubbish_bin.port, RUBBISH[name])
    assert not received.startswith(b"HTTP/1.1 5")
    assert rubbish_bin.post("/similar-users", ASK).status_code == 200


@pytest.fixture(scope="module")
def rubbish_bin(tmp_path_factory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("rubbish") / "store"
    publish(open_store(f"sqlite:///{folder}"))
    with running_server(folder) as server:
        yield server


def test_each_worker_answers_from_its_own_connection(published):
    with running_server(published, server_workers=2) as server:
        answers = {server.post("/similar-users", ASK).text for _ in range(40)}
        assert len(answers) == 1
        stored = users_like(999, TFIDF).entries[:10]
        assert server.post("/similar-users", ASK).json()["data"]["similar_users"] == stored


def test_the_banner_names_no_server_software(server):
    assert requests.get(f"{server.url}/health", timeout=60).headers["Server"] == "kindred"
