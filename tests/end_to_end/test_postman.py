"""The Postman collection, run under newman against a real server process."""

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import requests

from shared.stores import open_store
from tests.processes import ROOT, environment
from tests.server.generations import publish, rows
from tests.server.running import Server, running_server

NEWMAN = ROOT / ".cache/newman/node_modules/.bin/newman"
COLLECTION = ROOT / "postman/kindred.postman_collection.json"
MISSING = "newman is not installed; `make .cache/newman` fetches it from npm"


@pytest.fixture(scope="module", autouse=True)
def newman_is_there() -> None:
    if not NEWMAN.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("postman") / "store"
    of_ada = [replace(row, subject="ada") for row in rows() if row.subject == 999]
    publish(open_store(f"sqlite:///{folder}"), [*rows(), *of_ada])
    with running_server(folder) as server:
        yield server


def run_newman(server: Server, user_handle: str) -> subprocess.CompletedProcess[str]:
    variables = [f"base_url={server.url}", f"user_handle={user_handle}"]
    return subprocess.run(
        [NEWMAN, "run", COLLECTION, "--color", "off"]
        + [argument for variable in variables for argument in ("--env-var", variable)],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=120,
    )


def requests_of(folder: dict) -> list[dict]:
    if "item" in folder:
        return [request for inner in folder["item"] for request in requests_of(inner)]
    return [folder]


@pytest.mark.parametrize("user_handle", ["999", '"ada"'])
def test_every_example_passes_its_checks(server, user_handle):
    done = run_newman(server, user_handle)
    assert done.returncode == 0, done.stdout
    examples = len(requests_of(json.loads(COLLECTION.read_text())))
    executed, failed = re.search(r"requests │\s+(\d+) │\s+(\d+)", done.stdout).groups()
    assert (int(executed), int(failed)) == (examples, 0)


def test_the_checks_notice_a_wrong_answer(server):
    done = run_newman(server, "31337")
    assert done.returncode == 1
    assert "expected response to have status code 200 but got 404" in done.stdout


def test_every_operation_of_the_api_has_an_example_and_every_example_a_check(server):
    examples = requests_of(json.loads(COLLECTION.read_text()))
    shown = {
        (e["request"]["method"], "/" + "/".join(e["request"]["url"]["path"]).strip("/"))
        for e in examples
    }
    paths = requests.get(f"{server.url}/openapi.json", timeout=60).json()["paths"]
    for path, methods in paths.items():
        pattern = re.compile(re.sub(r"\{\w+\}", "[^/]+", path))
        for method in methods:
            assert any(m == method.upper() and pattern.fullmatch(p) for m, p in shown), path
    assert all("pm.test(" in "".join(e["event"][0]["script"]["exec"]) for e in examples)
