"""`make bench-explorer`: how long pages of the explorer take on 267,000 users."""

import argparse
import http.client
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.explorer.platform import publish_platform
from benchmarks.serve.processes import running
from benchmarks.targets import Target, conclude
from shared.stores import open_store

REFERENCE_USERS = 267_000
EARLIER_USERS = 20_000
"""In the generation before, which comparing nights reads too."""
REQUESTS = 200
MOST_MILLISECONDS = 200


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        url = f"sqlite:///{Path(folder).absolute()}"
        store = open_store(url)
        publish_platform(store, min(options.users, EARLIER_USERS), seed=2)
        started = time.perf_counter()
        generation = publish_platform(store, options.users)
        size = store.size_bytes("default", generation) or 0
        store.close()
        seconds = time.perf_counter() - started
        print(f"{options.users:,} users, {size / 1e9:.2f} GB, made in {seconds:.0f} s", flush=True)
        with running(["run_server.py"], {"STORE_URL": url}) as server:
            return conclude(_measured(server.port, options.users, generation))


def _measured(port: int, users: int, generation: str) -> list[Target]:
    chance = random.Random(2)
    earlier = min(users, EARLIER_USERS)
    pages: dict[str, Callable[[], str]] = {
        "a user": lambda: f"/users?handle={chance.randrange(users)}",
        "tonight against last night": lambda: f"/users/changes?handle={chance.randrange(earlier)}",
        "all users": lambda: f"/users/all?from={chance.randrange(users)}",
        "all courses": lambda: f"/courses?from=A+course+{chance.randrange(9)}",
        "courses of a tag": lambda: f"/courses?only=tag/tag-{chance.randrange(2000)}",
        "courses of three facets": lambda: (
            f"/courses?only=tag/tag-{chance.randrange(20)}&only=level/beginner"
            f"&only=language/de&only=language/fr&at={chance.randrange(300)}.0"
        ),
        "courses by words": lambda: f"/courses?words=course+{chance.randrange(395_000)}",
        "type-ahead": lambda: f"/handles?typed={str(chance.randrange(users))[:3]}",
        "models": lambda: "/models",
        "generations": lambda: "/generations",
        "a generation": lambda: f"/generations/{generation}",
        "operations": lambda: "/operations",
        "try": lambda: "/try",
    }
    targets = []
    for name, address in pages.items():
        times = [_milliseconds(port, "/explorer" + address()) for _ in range(REQUESTS)]
        p95 = statistics.quantiles(times, n=20)[-1]
        half = statistics.median(times)
        print(f"{name}: first {times[0]:.1f} ms, half {half:.1f} ms, 95 % {p95:.1f} ms", flush=True)
        targets.append(Target(f"{name}, 95 %", p95, MOST_MILLISECONDS, " ms", at_most=True))
        targets.append(Target(f"{name}, first", times[0], MOST_MILLISECONDS, " ms", at_most=True))
    return targets


def _milliseconds(port: int, path: str) -> float:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    started = time.perf_counter()
    connection.request("GET", path)
    response = connection.getresponse()
    body = response.read()
    elapsed = 1000 * (time.perf_counter() - started)
    connection.close()
    if response.status != 200 or not body:
        raise RuntimeError(f"{path} answered {response.status}")
    return elapsed


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-explorer OPTIONS=...", description=__doc__)
    parser.add_argument("--users", type=int, default=REFERENCE_USERS)
    parser.add_argument("--folder", default=None, help="where the store may lie (3 GB)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
