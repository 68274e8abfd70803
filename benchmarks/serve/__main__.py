"""`make bench-serve`: the server beside its floors and a peer, on one machine, in one run."""

import argparse
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from functools import partial
from importlib.metadata import version
from pathlib import Path

from benchmarks.serve import latency, worker
from benchmarks.serve.lists import publish_random_lists
from benchmarks.serve.processes import Running, running
from benchmarks.serve.throughput import answered_per_second, boto3_gets_per_second, in_turns
from benchmarks.targets import Target, conclude
from shared.settings import ServerSettings
from shared.stores import open_store
from tests.dynamodb_local import running_dynamodb_local, what_is_missing

MODULES = ("flask", "granian", "fastapi", "uvicorn", "boto3")
KINDRED = ["run_server.py"]
BARE_FLASK = ["-m", "benchmarks.serve.bare_flask"]
FASTAPI = ["-m", "benchmarks.serve.fastapi_lookup"]


def main() -> int:
    options = _options()
    print("Versions: " + ", ".join(f"{name} {version(name)}" for name in MODULES))
    with tempfile.TemporaryDirectory() as folder:
        return conclude([*on_sqlite(options, Path(folder)), *on_dynamodb(options, Path(folder))])


def on_sqlite(options: argparse.Namespace, folder: Path) -> list[Target]:
    """Throughput beside bare Flask and FastAPI, latency, and what a worker takes."""
    users, seconds = options.users, options.seconds
    url = f"sqlite:///{folder / 'store'}"
    lists = folder / "store" / "default" / f"{_publish(url, users)}.sqlite"
    settings = {"STORE_URL": url}
    kindred = partial(running, KINDRED, settings)
    print(f"\nOn SQLite, {users:,} users, 1 worker with the default of threads, wrk -t1 -c16:")
    starts = {
        "Kindred": kindred,
        "bare Flask, constant bytes": partial(running, BARE_FLASK, settings),
        "FastAPI, same lookup": partial(running, [*FASTAPI, str(lists), "{port}"], settings),
    }
    ours, bare, fastapi = in_turns(
        {n: partial(answered_per_second, start, users, seconds) for n, start in starts.items()},
        options.repeats,
    ).values()

    print(f"\nOpen loop on SQLite, {options.rate:,.0f} requests/s:\n{latency.HEADER}")
    with kindred() as server:
        latency.in_peace(server, users, options.rate, options.open_seconds)
        latency.during_a_publish(server, users, options.rate, options.open_seconds, url)

    print(f"\nOne worker at half load for {options.soak_minutes:g} minutes:")
    with kindred() as server:
        before, after = worker.soak(server, users, ours / 2, options.soak_minutes)
    return [
        Target("throughput, of bare Flask", ours / bare, 0.85, "x", stretch=0.95),
        Target("throughput, of FastAPI", ours / fastapi, 1.5, "x", stretch=1.8),
        Target("import", worker.import_seconds(options.repeats), 1.0, " s", at_most=True),
        Target("resident memory", after, 80.0, " MB", at_most=True),
        Target(
            f"memory growth in {options.soak_minutes:g} minutes",
            100 * (after / before - 1),
            2.0,
            " %",
            at_most=True,
        ),
    ]


def on_dynamodb(options: argparse.Namespace, folder: Path) -> list[Target]:
    """Throughput beside a bare loop and beside SQLite, and latency while the store is out."""
    if missing := what_is_missing():
        print(f"\nNothing is measured on DynamoDB: {missing}")
        return []
    users = options.dynamodb_users
    with running_dynamodb_local(folder / "dynamodb.log") as endpoint:
        url = f"dynamodb://bench?region=us-east-1&endpoint={endpoint}"
        table = f"bench-default-{_publish(url, users)}-rows"
        local = open_store(url).reads_are_local
        threads = ServerSettings(_env_file=None, store_url=url).threads_of_a_worker(local)
        small = f"sqlite:///{folder / 'small'}"
        _publish(small, users)

        def kindred(**settings: object) -> AbstractContextManager[Running]:
            return running(KINDRED, settings)

        def answered(fill_cache: bool, **settings: object) -> Callable[[], float]:
            start = partial(kindred, **settings)
            return partial(answered_per_second, start, users, options.seconds, fill_cache)

        print(f"\nOn DynamoDB Local, {users:,} users, {threads} threads:")
        uncached, loop, cached, sqlite = in_turns(
            {
                "Kindred, cache off": answered(False, STORE_URL=url, CACHE_MB=0),
                "bare loop of get_item": partial(
                    boto3_gets_per_second, endpoint, table, users, threads, options.seconds
                ),
                "Kindred, cache on": answered(True, STORE_URL=url),
                "Kindred on SQLite": answered(True, STORE_URL=small),
            },
            options.repeats,
        ).values()
        rate = min(options.rate, uncached / 2)
        print(f"\nOpen loop on DynamoDB Local, {rate:,.0f} requests/s:\n{latency.HEADER}")
        with kindred(STORE_URL=url) as server:
            latency.during_an_outage(server, users, rate, options.open_seconds, endpoint)
    return [
        Target("DynamoDB, cache off, of a bare get_item loop", uncached / loop, 0.8, "x"),
        Target("DynamoDB, cache on, of SQLite", cached / sqlite, 0.95, "x"),
    ]


def _publish(store_url: str, users: int) -> str:
    with closing(open_store(store_url)) as store:
        return publish_random_lists(store, users)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make bench-serve OPTIONS='...'",
        formatter_class=argparse.ArgumentDefaultsHelpFormatter,
    )
    for name, default, help_text in (
        ("users", 100_000, "users with lists in the SQLite store"),
        ("dynamodb-users", 5_000, "users with lists in DynamoDB Local"),
        ("repeats", 5, "turns of each contender"),
        ("seconds", 5.0, "of load in each turn"),
        ("rate", 1000.0, "requests a second in the open loop"),
        ("open-seconds", 30.0, "of each open loop"),
        ("soak-minutes", 10.0, "at half load"),
    ):
        parser.add_argument(f"--{name}", type=type(default), default=default, help=help_text)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
