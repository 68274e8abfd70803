"""What only SQLite has: files, and what happens to them."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path

import pytest

from shared.errors import Conflict, GenerationDamaged, SettingsError, StoreUnavailable
from shared.stores import open_store
from shared.stores.sqlite_reserve import RESERVE_BYTES
from tests.generations import TENANT, key_of, publish, row_of, section_of

ROOT = Path(__file__).parents[3]
USERS = range(2000)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "store"


@pytest.fixture
def store(folder):
    with closing(open_store(f"sqlite:///{folder}")) as opened:
        yield opened


def files_in(folder):
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and path.name != "reserve" and path.suffix != ".json"
    }


def run_and_die(folder, program):
    """Run `program` in a process of its own, where `store` is open, until it kills itself."""
    prelude = (
        "import os, signal, sqlite3\n"
        "from shared.stores import open_store\n"
        "from tests.generations import *\n"
        f"store = open_store('sqlite:///{folder}')\n"
        "def die(): os.kill(os.getpid(), signal.SIGKILL)\n"
        "def dying(count):\n"
        "    yield from map(row_of, range(count))\n"
        "    die()\n"
    )
    done = subprocess.run([sys.executable, "-c", prelude + program], cwd=ROOT, timeout=120)
    assert done.returncode == -9


def test_looking_creates_nothing(store, folder):
    assert store.live(TENANT) is None
    assert store.generations(TENANT) == []
    assert not folder.exists()


def test_a_generation_is_one_file_and_two_more_while_it_is_built(store, folder):
    first = publish(store, [row_of(1)])
    building = store.begin(TENANT)
    store.write(TENANT, building, [row_of(1)])
    assert set(files_in(folder)) == {
        "control.sqlite",
        f"default/{first}.sqlite",
        f"default/{building}.building",
        f"default/{building}.building-journal",
    }
    store.discard(TENANT, building)
    assert set(files_in(folder)) == {"control.sqlite", f"default/{first}.sqlite"}


def test_any_sqlite_client_can_read_the_lists(store, folder):
    generation = publish(store, [row_of(999), row_of("999")])
    with closing(sqlite3.connect(folder / "default" / f"{generation}.sqlite")) as bare:
        rows = bare.execute(
            "SELECT typeof(subject), subject, section, row "
            "FROM rows JOIN sections USING (section_index) ORDER BY 1"
        ).fetchall()
    text = row_of(999).to_json().decode()
    assert rows == [("integer", 999, section_of(), text), ("text", "999", section_of(), text)]


def test_reading_changes_no_file_and_waits_for_no_lock(store, folder):
    generation = publish(store, map(row_of, USERS))
    before = files_in(folder)
    with closing(sqlite3.connect(folder / "default" / f"{generation}.sqlite")) as greedy:
        greedy.execute("BEGIN EXCLUSIVE")
        assert store.get(TENANT, generation, key_of(7)) == row_of(7)
        greedy.rollback()
    assert store.live(TENANT).generation == generation
    assert files_in(folder) == before


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux's /proc to count files")
def test_a_reader_lets_old_generations_go_so_that_their_space_comes_back(store, folder):
    generations = [publish(store, [row_of(1)]) for _ in range(5)]
    store.close()
    with closing(open_store(f"sqlite:///{folder}")) as reader:
        for generation in generations:
            assert reader.get(TENANT, generation, key_of(1))
        store.prune(TENANT, keep=2)
        descriptors = Path("/proc/self/fd").iterdir()
        targets = [os.readlink(link) for link in descriptors if link.is_symlink()]
    still_open = {g for g in generations if any(g in target for target in targets)}
    assert still_open == set(generations[-2:])


@pytest.mark.parametrize("length", [0, 1, 50, 99, 100, 4096, 0.25, 0.5, 0.95])
def test_a_truncated_generation_is_damaged_and_never_wrong(store, folder, length):
    generation = publish(store, map(row_of, USERS))
    path = folder / "default" / f"{generation}.sqlite"
    size = path.stat().st_size
    store.close()
    os.truncate(path, length if isinstance(length, int) else int(size * length))
    complaints = []
    for user in USERS:
        try:
            assert store.get(TENANT, generation, key_of(user)) == row_of(user)
        except GenerationDamaged as error:
            complaints.append(str(error))
    assert complaints
    assert all(str(path) in text and "Roll back" in text for text in complaints)


def test_a_file_that_is_no_database_is_damaged(store, folder):
    generation = publish(store, map(row_of, USERS))
    store.close()
    (folder / "default" / f"{generation}.sqlite").write_bytes(b"not a database" * 1000)
    with pytest.raises(GenerationDamaged, match=generation):
        store.get(TENANT, generation, key_of(1))


def test_a_row_that_is_no_list_is_damaged(store, folder):
    generation = publish(store, [row_of(1), row_of(2)])
    with closing(sqlite3.connect(folder / "default" / f"{generation}.sqlite")) as vandal, vandal:
        vandal.execute("UPDATE rows SET row = '{\"entries' WHERE subject = 1")
    with pytest.raises(GenerationDamaged, match="cannot be read"):
        store.get(TENANT, generation, key_of(1))
    assert store.get(TENANT, generation, key_of(2)) == row_of(2)


@pytest.mark.parametrize("text", ["", "{", "[]", '{"live": null}', '{"newer": 1}'])
def test_a_record_that_makes_no_sense_is_damaged(store, folder, text):
    publish(store, [row_of(1)])
    with closing(sqlite3.connect(folder / "control.sqlite")) as vandal, vandal:
        vandal.execute("UPDATE records SET text = ?", (text,))
    for use in (store.live, store.generations, store.state):
        with pytest.raises(GenerationDamaged, match="cannot be read"):
            use(TENANT)


def test_a_damaged_control_file_is_named(store, folder):
    publish(store, [row_of(1)])
    (folder / "control.sqlite").write_bytes(b"not a database" * 1000)
    for use in (store.live, store.begin, store.generations):
        with pytest.raises(GenerationDamaged, match=r"control\.sqlite.*backup"):
            use(TENANT)


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with closing(open_store(f"sqlite:///{tmp_path}/file/store")) as blocked:
        assert blocked.live(TENANT) is None
        with pytest.raises(StoreUnavailable, match=r"file/store.*STORE_URL.*write"):
            blocked.begin(TENANT)


def test_a_full_disk_leaves_the_live_generation_as_it_was(store, folder):
    live = publish(store, [row_of(1)])
    program = (
        "import resource, signal\n"
        "from shared.errors import StoreUnavailable\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))\n"
        "try:\n"
        "    publish(store, map(row_of, range(5000)))\n"
        "except StoreUnavailable as error:\n"
        "    assert 'room' in str(error), error\n"
        "    die()\n"
    )
    run_and_die(folder, program)
    assert store.live_generation(TENANT) == live
    assert len(store.prune(TENANT, keep=2)) == 1
    assert set(files_in(folder)) == {"control.sqlite", f"default/{live}.sqlite"}


@pytest.mark.parametrize(
    "program",
    [
        "store.begin(TENANT); die()",
        "store.write(TENANT, store.begin(TENANT), dying(2500))",
        "build(store, map(row_of, range(3000))); die()",
        "store.publish(build(store, map(row_of, range(10))), dying(5))",
    ],
    ids=["begun", "writing", "written", "verifying"],
)
def test_a_generator_that_is_killed_leaves_the_live_generation_and_a_wreck(store, folder, program):
    live = publish(store, [row_of(1)])
    run_and_die(folder, program)
    assert store.live_generation(TENANT) == live
    assert store.get(TENANT, live, key_of(1)) == row_of(1)
    assert len(store.prune(TENANT, keep=2)) == 1
    assert set(files_in(folder)) == {"control.sqlite", f"default/{live}.sqlite"}


def test_readers_undo_what_a_killed_writer_left_half_done_in_the_control_file(store, folder):
    live = publish(store, [row_of(1)])
    program = (
        f"control = sqlite3.connect('{folder}/control.sqlite', isolation_level=None)\n"
        "control.execute('PRAGMA cache_size = 1')\n"
        "control.execute('BEGIN IMMEDIATE')\n"
        "control.execute(\"UPDATE records SET text = '{}'\")\n"
        "for n in range(500):\n"
        "    control.execute('INSERT INTO records VALUES (?, ?, 1, ?)', ('t', n, 'x' * 3000))\n"
        "die()\n"
    )
    run_and_die(folder, program)
    assert "control.sqlite-journal" in files_in(folder)
    assert store.live_generation(TENANT) == live
    assert [m.generation for m in store.generations(TENANT)] == [live]


def test_a_relative_url_starts_from_the_working_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with closing(open_store("sqlite:///data/store")) as opened:
        publish(opened, [row_of(1)])
    assert (tmp_path / "data" / "store" / "control.sqlite").exists()


@pytest.mark.parametrize("name", ["with space", "a#b", "100%", "%3F", "ü", "a&b=c"])
def test_a_folder_may_have_any_name(tmp_path, name):
    with closing(open_store(f"sqlite:////{tmp_path}/{name}")) as opened:
        generation = publish(opened, [row_of(1)])
        assert opened.get(TENANT, generation, key_of(1)) == row_of(1)
    assert (tmp_path / name / "default" / f"{generation}.sqlite").exists()


@pytest.mark.parametrize(
    "url", ["sqlite:", "sqlite://", "sqlite:///", "sqlite://data/store", "sqlite:///x?mode=ro"]
)
def test_a_url_that_makes_no_sense_is_refused_with_what_was_expected(url):
    with pytest.raises(SettingsError, match="STORE_URL") as refusal:
        open_store(url)
    assert "sqlite://" in str(refusal.value)


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 4 MB, and how to fill it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    try:
        mount = ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(disk)]
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a file system can be mounted by root only: {error}")

    def fill():
        with (disk / "filling").open("ab", buffering=0) as file:
            for piece in (4096, 1):
                with suppress(OSError):
                    while True:
                        file.write(bytes(piece))

    yield disk, fill
    subprocess.run(["umount", "--lazy", disk], check=True)


def test_on_a_full_disk_one_can_roll_back_and_remove_what_fills_it(small_disk):
    disk, fill = small_disk
    store = open_store(f"sqlite:///{disk}/store")
    old, before, live = (publish(store, [row_of(n)]) for n in range(3))
    assert store.free_bytes() > 1_000_000
    fill()
    assert store.free_bytes() < 4096
    assert store.rollback(TENANT) == before
    fill()
    with store.lock(TENANT):
        store.discard(TENANT, live)
    (disk / "filling").unlink()
    assert store.live_generation(TENANT) == before
    assert [m.generation for m in store.generations(TENANT)] == [old, before]
    assert publish(store, [row_of(9)])
    assert (disk / "store" / "reserve").stat().st_size == RESERVE_BYTES


def test_a_change_that_is_not_about_room_costs_no_reserve(store, folder):
    publish(store, [row_of(1)])
    with pytest.raises(Conflict):
        store._swap_record(TENANT, "state", b"{}", 99)
    assert (folder / "reserve").exists()
