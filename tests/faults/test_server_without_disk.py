"""A server whose disk is full, or that may write nowhere at all: serving needs none."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from shared.stores import open_store
from tests.server.access.keys import add_key
from tests.server.generations import publish
from tests.server.process.test_process import until
from tests.server.running import PATIENCE_SECONDS, Server, running_server
from tests.server.scraping import Scrape

READ_ONLY = """
mount --make-rprivate /
awk '{print $2}' /proc/mounts | sort -r | while read -r place; do
  mount -o remount,bind,ro "$place" 2> /dev/null
done
exec "$@"
"""
BURST = 30


@pytest.fixture
def store(tmp_path: Path) -> Path:
    folder = tmp_path / "store"
    publish(open_store(f"sqlite:///{folder}"))
    return folder


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "temporary"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a file system can be mounted by root only: {error}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path) -> Path:
    """A file that leaves no byte of the disk."""
    filling = disk / "filling"
    with filling.open("wb", buffering=0) as file:
        for piece in (4096, 1):
            try:
                while True:
                    file.write(bytes(piece))
            except OSError:
                continue
    return filling


def granted(server: Server, key: str) -> int:
    """How many of twice as many requests as the key may make at once are answered."""
    statuses = [
        requests.post(
            f"{server.url}/similar-users",
            json={"user_handle": 999},
            headers={"X-API-Key": key},
            timeout=PATIENCE_SECONDS,
        ).status_code
        for _ in range(2 * BURST)
    ]
    assert set(statuses) == {200, 429}
    return statuses.count(200)


def counted(server: Server) -> float:
    token = {"Authorization": "Bearer t"}
    text = requests.get(f"{server.url}/metrics", headers=token, timeout=PATIENCE_SECONDS).text
    return Scrape(text).total("kindred_requests_total", route="/similar-users", tenant="default")


def said_since(server: Server) -> list[str]:
    return [server.lines.get() for _ in range(server.lines.qsize())]


def guarded(tmp_path: Path, **more: object) -> tuple[dict[str, object], str]:
    """Settings of two workers that keep one limit, and the key that it is of."""
    key_file = tmp_path / "api_keys.json"
    _, key = add_key(key_file, rate=0.001, burst=BURST)
    settings = {"server_workers": 2, "api_keys_file": key_file, "metrics_token": "t"}
    return settings | more, key


def test_a_temporary_folder_that_runs_full_ends_no_worker_and_no_limit(
    store, tmp_path, small_disk, fault
):
    settings, key = guarded(tmp_path, tmpdir=small_disk)
    with fault("server, temporary folder full"), running_server(store, **settings) as server:
        filling = fill(small_disk)
        workers = server.workers()
        assert granted(server, key) == BURST
        server.wait_for_line("Counts cannot be left for the other workers")
        filling.unlink()
        until(lambda: counted(server) == 2 * BURST)
        assert server.workers() == workers


def test_a_server_starts_where_the_temporary_folder_is_full(store, tmp_path, small_disk, fault):
    fill(small_disk)
    settings, key = guarded(tmp_path, tmpdir=small_disk)
    with fault("server, temporary folder full"), running_server(store, **settings) as server:
        assert granted(server, key) == BURST


def test_a_server_starts_and_serves_where_nothing_can_be_written(store, tmp_path, fault):
    if subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode:
        pytest.skip("file systems can be made read-only by root only")
    settings, key = guarded(tmp_path)
    command = ["unshare", "-m", "sh", "-c", READ_ONLY, "sh"]
    with (
        fault("server, everything read-only"),
        running_server(store, wait="", through=command, **settings) as server,
    ):
        said = server.wait_for_line("no temporary file can be written")
        assert "/metrics of each worker" in said
        server.wait_for_line("Kindred answers")
        assert granted(server, key) == BURST
        assert 0 < counted(server) <= 2 * BURST
        assert not [line for line in said_since(server) if "Kindred answers" in line], "said once"
