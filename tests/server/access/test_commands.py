"""`python run_server.py keys ...`, as an operator types it."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from server.access.api_keys import Identity, Keys, RateLimit
from server.access.key_file import read
from server.process.commands import program
from shared import __version__
from tests.processes import ROOT, environment


@pytest.fixture
def run(key_file):
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, ROOT / "run_server.py", *arguments],
            cwd=key_file.parent.parent,
            env=environment(API_KEYS_FILE=str(key_file)),
            capture_output=True,
            text=True,
            timeout=60,
        )

    return run


def test_a_key_is_made_shown_once_listed_and_revoked(run, key_file):
    made = run("keys", "create", "--tenant", "shop", "--name", "web", "--requests-per-second", "5")
    assert made.returncode == 0, made.stderr
    key = made.stdout.strip()
    assert key not in made.stderr
    identity = Keys(read(key_file)).identify(key)
    may_read = frozenset({"read"})
    assert identity == Identity("shop", identity.key_id, "web", RateLimit(5, 10), may_read)

    listed = run("keys", "list").stdout
    assert identity.key_id in listed
    assert "shop" in listed
    assert "5/s, 10 at once" in listed
    assert key.rpartition("_")[2] not in listed

    assert run("keys", "revoke", identity.key_id).returncode == 0
    assert Keys(read(key_file)).identify(key) is None
    again = run("keys", "revoke", identity.key_id)
    assert (again.returncode, len(again.stderr.splitlines())) == (2, 1)
    assert identity.key_id in again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--tenant", "a-b"], "--tenant"),
        (["--tenant", "../a"], "--tenant"),
        (["--tenant", "shop\n"], "--tenant"),
        (["--tenant", "shop", "--name", "a\x1b[31m"], "--name"),
        (["--tenant", "shop", "--burst", "0"], "--burst"),
    ],
)
def test_a_key_that_makes_no_sense_is_not_made(key_file, arguments, said):
    runner = CliRunner(env={"API_KEYS_FILE": str(key_file)})
    done = runner.invoke(program(lambda: None), ["keys", "create", *arguments])
    assert done.exit_code == 2
    assert said in done.stderr
    assert not key_file.exists()


def test_the_server_does_not_start_with_a_damaged_file(run, key_file):
    key_file.parent.mkdir()
    key_file.write_text("{")
    for arguments in ([], ["keys", "list"], ["keys", "create", "--tenant", "shop"]):
        done = run(*arguments)
        assert (done.returncode, len(done.stderr.splitlines())) == (2, 1), done.stderr
        assert "is damaged" in done.stderr
    assert key_file.read_text() == "{"


def test_the_server_does_not_start_open_if_the_file_it_was_told_of_is_missing(run):
    done = run()
    assert done.returncode == 2
    assert "API_KEYS_FILE" in done.stderr


def test_the_version_is_told_without_any_setting():
    result = CliRunner().invoke(program(lambda: None), ["--version"])
    assert result.output == f"Kindred, version {__version__}\n"
