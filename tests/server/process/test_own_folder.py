"""The server's folder for temporary files, and what is left where one was killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.process.own_folder import own_folder
from shared.errors import SettingsError
from tests.processes import ROOT, free_port
from tests.server.process.test_process import until
from tests.server.running import running_server, server_environment


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_it_goes_with_the_server(temporary):
    with own_folder() as folder:
        (folder / "rates").write_text("1")
        assert list(temporary.iterdir()) == [folder]
    assert list(temporary.iterdir()) == []


def test_servers_leave_each_others_folders_and_those_of_other_programs_alone(temporary):
    other = temporary / "of another program"
    other.mkdir()
    with own_folder() as first, own_folder() as second:
        assert first != second
        assert {first, second, other} == set(temporary.iterdir())
    assert list(temporary.iterdir()) == [other]


def test_a_folder_that_can_be_written_nowhere_is_said_in_a_sentence(temporary):
    temporary.rmdir()
    with pytest.raises(SettingsError, match="TMPDIR"), own_folder():
        pass


def test_the_next_server_removes_what_a_killed_one_left(tmp_path):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    store = tmp_path / "store"
    with running_server(store, tmpdir=temporary) as server:
        killed = [*temporary.iterdir()]
        workers = server.workers()
        os.kill(server.process.pid, signal.SIGKILL)
        until(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    assert [*temporary.iterdir()] == killed != []
    with running_server(store, tmpdir=temporary):
        assert len([*temporary.iterdir()]) == 1
        assert not killed[0].exists()
    assert [*temporary.iterdir()] == []


def test_a_server_without_a_temporary_folder_ends_with_one_line(tmp_path):
    program = (
        f"import tempfile; tempfile.tempdir = {str(tmp_path / 'nowhere')!r}; import run_server"
    )
    ended = subprocess.run(
        [sys.executable, "-c", f"{program}; run_server.program(run_server.main)()"],
        cwd=tmp_path,
        env=server_environment(tmp_path / "store", free_port(), pythonpath=ROOT),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1), ended.stderr
    assert ended.stderr.startswith("error: The server needs a folder for temporary files")
