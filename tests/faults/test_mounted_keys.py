"""Keys whose file is mounted into the place where a server looks, alone or with its folder."""

import subprocess
from contextlib import contextmanager

import pytest
import requests

from shared.stores import open_store
from tests.server.access.keys import add_key, remove_key
from tests.server.generations import publish
from tests.server.process.test_process import until
from tests.server.running import PATIENCE_SECONDS, running_server


@contextmanager
def mounted(source, target):
    try:
        subprocess.run(["mount", "--bind", source, target], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"files can be mounted by root only: {error}")
    yield
    subprocess.run(["umount", "--lazy", target], check=True)


@pytest.mark.parametrize("alone", [True, False], ids=["the file alone", "its folder"])
def test_a_revoked_key_opens_nothing_however_its_file_is_mounted(tmp_path, alone, fault):
    outside, inside = tmp_path / "outside", tmp_path / "inside"
    publish(open_store(f"sqlite:///{tmp_path}/store"))
    key_id, key = add_key(outside / "keys.json")
    inside.mkdir()
    (inside / "keys.json").touch()
    name = "keys.json" if alone else ""

    def status(shown: str) -> int:
        headers = {"X-API-Key": shown}
        url = f"{server.url}/models"
        return requests.get(url, headers=headers, timeout=PATIENCE_SECONDS).status_code

    settings = {"api_keys_file": inside / "keys.json", "pointer_refresh_seconds": 0.1}
    with (
        fault("key revoked outside of the mount"),
        mounted(outside / name, inside / name),
        running_server(tmp_path / "store", **settings) as server,
    ):
        assert status(key) == 200
        remove_key(outside / "keys.json", key_id)
        _, new = add_key(outside / "keys.json")
        until(lambda: status(key) != 200)
        assert (status(key), status(new)) == ((503, 503) if alone else (401, 200))
        if alone:
            server.wait_for_line("Mount the folder of the file")
