import sqlite3
import threading
from contextlib import closing

import pytest

from generator.encoders.vector_cache import FILE, VectorCache
from shared.stores.sqlite_wal import open_for_writing


def log(folder):
    open_for_writing(folder / FILE, "CREATE TABLE IF NOT EXISTS log (number)", "FULL").close()


def vectors(folder):
    said = []
    VectorCache(folder, 2**20, said.append).close()
    assert said == []


@pytest.mark.parametrize("open_new", [log, vectors])
def test_a_new_file_that_another_process_is_about_to_make_is_waited_for(tmp_path, open_new):
    """`PRAGMA journal_mode` fails at once for all but one of them, however long they may wait."""
    with closing(sqlite3.connect(tmp_path / FILE, check_same_thread=False)) as other:
        other.execute("BEGIN IMMEDIATE")
        done = threading.Timer(0.3, other.rollback)
        done.start()
        open_new(tmp_path)
        done.join()
    with closing(sqlite3.connect(tmp_path / FILE)) as found:
        assert found.execute("PRAGMA journal_mode").fetchone() == ("wal",)
