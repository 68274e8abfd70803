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

from shared.records import ListRow, ModelCard
from shared.stores import open_store
from tests.processes import ROOT, environment
from tests.server.access.keys import add_key
from tests.server.generations import ALL, BOTH, KNN, TFIDF, cards, publish, rows
from tests.server.running import Server, running_server

NEWMAN = ROOT / ".cache/newman/node_modules/.bin/newman"
COLLECTION = ROOT / "postman/kindred.postman_collection.json"
FURTHER = ("ease_user_course_view", "bspm_user_course_view")
UNFINISHED = "unfinished_course_view"
MISSING = "newman is not installed; `make .cache/newman` fetches it from npm"


@pytest.fixture(scope="module", autouse=True)
def newman_is_there() -> None:
    if not NEWMAN.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(MISSING)
        pytest.skip(MISSING)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with lists of two more models than the standard ones."""
    folder: Path = tmp_path_factory.mktemp("postman") / "store"
    further = [
        replace(row, model_handle=handle)
        for row in rows()
        if row.subject == 999 and getattr(row, "model_handle", "") == KNN
        for handle in FURTHER
    ]
    resumed = ListRow("resume", 999, UNFINISHED, ["near-2", "tfid-3"], [2.0, 0.5])
    written = [*rows(), *further, resumed]
    of_ada = [replace(row, subject="ada") for row in written if row.subject == 999]
    publish(
        open_store(f"sqlite:///{folder}"),
        [*written, *of_ada],
        models=[
            *cards(),
            *(ModelCard(handle, "", BOTH, ["views"]) for handle in FURTHER),
            ModelCard(UNFINISHED, "", ["resume"], ["views"]),
        ],
        default_models=dict.fromkeys(ALL, TFIDF) | {"resume": UNFINISHED},
    )
    return folder


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Server]:
    with running_server(folder) as server:
        yield server


@pytest.fixture(scope="module")
def guarded(folder: Path, tmp_path_factory) -> Iterator[tuple[Server, str]]:
    """A server that refuses: its key may ask for 50 at once, and no list may be old."""
    keys = tmp_path_factory.mktemp("keys") / "api_keys.json"
    _, key = add_key(keys, rate=1000, burst=50, rights="read,write")
    settings = {
        "api_keys_file": keys,
        "session_secret_file": keys.with_name("session_secret"),
        "stale_lists": "refuse",
    }
    with running_server(folder, **settings) as guarded:
        yield guarded, key


def run_newman(
    server: Server, user_handle: str, api_key: str = ""
) -> subprocess.CompletedProcess[str]:
    variables = [f"base_url={server.url}", f"user_handle={user_handle}", f"api_key={api_key}"]
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
    examples = requests_of(json.loads(COLLECTION.read_text()))
    # Two examples ask something before, which newman counts too.
    asked_before = sum("pm.sendRequest(" in json.dumps(example) for example in examples)
    executed, failed = re.search(r"requests │\s+(\d+) │\s+(\d+)", done.stdout).groups()
    assert (int(executed), int(failed)) == (len(examples) + asked_before, 0)


def test_every_refusal_has_an_example_that_meets_it(guarded):
    server, key = guarded
    done = run_newman(server, "999", key)
    assert done.returncode == 0, done.stdout
    for status in (304, 401, 429, 503):
        assert f"answers {status}" in done.stdout


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
