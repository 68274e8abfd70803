"""`make bench-events`: events that are durable a second, and what a log of them costs lookups."""

import argparse
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from benchmarks.serve.lists import MODEL_HANDLE, publish_random_lists
from benchmarks.serve.processes import Running, running
from benchmarks.serve.throughput import in_turns
from benchmarks.serve.wrk import Load, closed_loop, scripted
from benchmarks.targets import Target, conclude
from shared.events import Event, open_log
from shared.fresh import open_fresh
from shared.fresh.lists import Progress
from shared.records import ListRow, list_section
from shared.stores import open_store

KINDRED = ["run_server.py"]
THREADS = 16
"""Of the worker: those that wait for the disk together are written together."""
BATCH, BATCH_CONNECTIONS = 500, 4
SECONDS_OF_FLOOR = 2.0
# Every event has an id of its own, whichever process of wrk made it.
_EVENTS = """
local made, own = 0, "%s"
local function event()
  made = made + 1
  return '{"event_id":"' .. own .. made .. '","user_handle":' .. (made %% %d)
    .. ',"course_handle":"course-' .. (made %% 997) .. '","seconds":60}'
end
function request()
  local body = event()
  if %d > 1 then
    local events = {body}
    for place = 2, %d do events[place] = event() end
    body = '{"events":[' .. table.concat(events, ",") .. ']}'
  end
  return wrk.format("POST", "/interactions", {["Content-Type"] = "application/json"}, body)
end
"""


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        return conclude([*_posts(options, Path(folder)), *_lookups(options, Path(folder))])


def _posts(options: argparse.Namespace, folder: Path) -> list[Target]:
    url = _published(folder / "posts", options.users)
    print(f"A commit of one event, synced, one after another: {_floor(folder):,.0f}/s", flush=True)
    loads: dict[int, list[Load]] = {1: [], BATCH: []}
    with running(KINDRED, {"STORE_URL": url, "SERVER_THREADS": THREADS}) as server:
        for turn in range(options.repeats):
            for size, of_size in loads.items():
                of_size.append(_posted(server, options, size, turn))
    targets = []
    for size, wanted in ((1, 3_000), (BATCH, 20_000)):
        rates = [size * load.requests_per_second for load in loads[size]]
        slowest = statistics.median(load.p99_seconds for load in loads[size])
        print(f"  {size} an event post: {[round(rate) for rate in rates]}/s, p99 {slowest:.3f} s")
        targets.append(
            Target(f"durable events, {size} a post", statistics.median(rates), wanted, "/s")
        )
    return targets


def _posted(server: Running, options: argparse.Namespace, size: int, turn: int) -> Load:
    lua = _EVENTS % (f"{size}-{turn}-", options.users, size, size)
    connections = 16 if size == 1 else BATCH_CONNECTIONS
    load = scripted(_address(server), lua, options.seconds, connections)
    if load.failed:
        raise RuntimeError(f"{load.failed} posts of {size} events failed")
    return load


def _lookups(options: argparse.Namespace, folder: Path) -> list[Target]:
    """With events of half of the users, or fresh lists of them, and without any."""
    without, beside, fresh = (
        _published(folder / name, options.users) for name in ("without", "with", "fresh")
    )
    _refresh(fresh, range(0, options.users, 2))
    log = open_log(beside)
    assert log is not None
    at = "2026-01-01T00:00:00.000000Z"
    log.append(
        "default",
        [
            Event(f"{user}-{place}", "view", user, at, f"course-{place}")
            for user in range(0, options.users, 2)
            for place in range(3)
        ],
    )
    log.close()
    measures = {
        name: partial(_looked_up, url, options)
        for name, url in (("without", without), ("with events", beside), ("with fresh", fresh))
    }
    found = in_turns(measures, options.repeats)
    return [
        Target(f"lookups {name} of half of the users, of those without", ratio, 0.85, "x")
        for name in ("with events", "with fresh")
        if (ratio := found[name] / found["without"])
    ]


def _refresh(url: str, users: Iterable[int]) -> None:
    """Lay the lists of these users over themselves."""
    store, fresh = open_store(url), open_fresh(url)
    assert fresh is not None
    generation = store.live_generation("default") or ""
    keys = [(list_section("recommendations", MODEL_HANDLE), user) for user in users]
    rows = store.get_many("default", generation, keys).values()
    lists = [row for row in rows if isinstance(row, ListRow)]
    fresh.write("default", generation, lists, Progress(0, "2026-01-01T00:00:00.000+00:00"))
    fresh.close()
    store.close()


def _looked_up(url: str, options: argparse.Namespace) -> float:
    with running(KINDRED, {"STORE_URL": url}) as server:
        address = _address(server) + "/recommendations"
        closed_loop(address, options.users, 1)
        return closed_loop(address, options.users, options.seconds).requests_per_second


def _published(folder: Path, users: int) -> str:
    url = f"sqlite:///{folder}"
    store = open_store(url)
    publish_random_lists(store, users)
    store.close()
    return url


def _floor(folder: Path) -> float:
    connection = sqlite3.connect(folder / "floor.db", isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE events (cursor INTEGER PRIMARY KEY, text TEXT)")
    started, commits = time.perf_counter(), 0
    while time.perf_counter() - started < SECONDS_OF_FLOOR:
        connection.execute("INSERT INTO events (text) VALUES (?)", ("x" * 150,))
        commits += 1
    connection.close()
    return commits / SECONDS_OF_FLOOR


def _address(server: Running) -> str:
    return f"http://127.0.0.1:{server.port}"


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-events", description=__doc__)
    parser.add_argument("--users", type=int, default=20_000)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
