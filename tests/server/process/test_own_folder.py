"""The server's folder for temporary files, and what is left where one was killed."""

import os
import signal
from pathlib import Path

import pytest

from server.process.own_folder import own_folder
from tests.server.process.test_process import until
from tests.server.running import running_server


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch) -> Path:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def test_it_goes_with_the_server(temporary):
    with own_folder(print) as folder:
        (folder / "rates").write_text("1")
        assert list(temporary.iterdir()) == [folder]
    assert list(temporary.iterdir()) == []


def test_servers_leave_each_others_folders_and_those_of_other_programs_alone(temporary):
    other = temporary / "of another program"
    other.mkdir()
    with own_folder(print) as first, own_folder(print) as second:
        assert first != second
        assert {first, second, other} == set(temporary.iterdir())
    assert list(temporary.iterdir()) == [other]


def test_where_nothing_can_be_written_there_is_none_and_a_sentence_says_what_is_left_out(temporary):
    temporary.rmdir()
    said: list[str] = []
    with own_folder(said.append) as folder:
        assert folder is None
    (sentence,) = said
    assert "/metrics" in sentence
    assert "TMPDIR" in sentence


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
