"""SQLite whose disk is full, or whose control file somebody else keeps locked."""

import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager

import pytest

from tests.faults.contents import sqlite_file
from tests.faults.stores import on_sqlite
from tests.faults.strikes import POINTER, Limits, Strike

pytestmark = on_sqlite

BUSY_SECONDS = 1.5


@pytest.mark.parametrize("share", [0.08, 0.2, 0.5, 0.9, 0.97])
def test_a_file_that_may_not_grow_ends_the_run_and_leaves_no_wreck(platform, share, fault):
    before = platform.publish(0)
    size = sqlite_file(platform.store_url, before).stat().st_size
    with fault("no file may grow further"):
        ended = platform.run(1, limits=Limits(file_bytes=int(share * size)))
        assert ended.code == 5, ended.said
        assert "disk" in ended.error
        assert platform.check(0) == before
        platform.check_tidy()
        platform.publish(1)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of its own where the store will be; gives a function that sizes it."""
    folder = tmp_path / "store"
    folder.mkdir()

    def mount(*options):
        subprocess.run(["mount", *options, folder], check=True, capture_output=True)

    try:
        mount("-t", "tmpfs", "-o", "size=64m", "tmpfs")
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a file system can be mounted by root only: {error}")
    yield lambda size: mount("-o", f"remount,size={size}")
    subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.parametrize("left_bytes", [0, 60_000, 200_000])
def test_a_full_disk_ends_the_run_and_leaves_no_wreck(
    small_disk, platform, tmp_path, left_bytes, fault
):
    platform.publish(0)
    before = platform.publish(1)
    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    used = sum(-(-path.stat().st_size // 4096) * 4096 for path in files)
    with fault("disk full"):
        small_disk(used + left_bytes)
        ended = platform.run(2)
        assert ended.code == 5, ended.said
        assert "full" in ended.error
        assert platform.check(1) == before
        platform.check_tidy()
        small_disk("64m")
        platform.publish(2)
        platform.check_tidy()


def test_on_a_full_disk_one_can_roll_back_and_prune(small_disk, platform, tmp_path, fault):
    before, live = platform.publish(0), platform.publish(1)
    files = [path for path in (tmp_path / "store").rglob("*") if path.is_file()]
    small_disk(sum(-(-path.stat().st_size // 4096) * 4096 for path in files))
    for command, then_live in (
        (["rollback"], before),
        (["rollback", "--to", live], live),
        (["pin"], live),
        (["unpin"], live),
        (["prune"], live),
        (["discard", before], live),
    ):
        with fault("disk full, `rollback`, `prune` and others"):
            ended = platform.run(1, *command)
            assert ended.code == 0, ended.said
            assert platform.live == then_live
    platform.check(1)
    platform.check_tidy()


@contextmanager
def locked(platform):
    """Somebody else's transaction on the control file."""
    path = platform.store_url.removeprefix("sqlite:///") + "/control.sqlite"
    with closing(sqlite3.connect(path)) as greedy:
        greedy.execute("BEGIN EXCLUSIVE")
        yield
        greedy.rollback()


@pytest.mark.parametrize(
    "operation", ["start", "_create_rows", "_seal_rows", POINTER, "_drop_rows"]
)
def test_a_run_waits_for_a_store_that_is_busy(platform, operation, tmp_path, fault):
    platform.publish(0)
    platform.publish(1)
    here = tmp_path / "here"
    strike = Strike("_read_record" if operation == "start" else operation, action=str(here))
    with fault("store locked by another program"):
        with platform.running(2, strikes=[strike]) as run:
            while not here.exists():
                time.sleep(0.01)
            with locked(platform):
                here.unlink()
                time.sleep(BUSY_SECONDS)
                assert not run.is_over
            assert run.end().code == 0, run.end().said
        platform.check(2)
        platform.check_tidy()
