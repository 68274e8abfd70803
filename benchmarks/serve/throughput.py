"""Requests per second of each contender, in turns, so that a slow minute hits all of them."""

import http.client
import statistics
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

import orjson

from benchmarks.serve.processes import ROOT, Running
from benchmarks.serve.wrk import closed_loop

WARM_UP_SECONDS = 1
BATCH_USERS = 100
JSON = {"Content-Type": "application/json"}
Start = Callable[[], AbstractContextManager[Running]]


def in_turns(measures: Mapping[str, Callable[[], float]], repeats: int) -> dict[str, float]:
    """Call each measure `repeats` times, interleaved; returns the medians and prints every one."""
    taken: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(repeats):
        for name, measure in measures.items():
            taken[name].append(measure())
    for name, values in taken.items():
        listed = ", ".join(f"{value:,.0f}" for value in values)
        print(f"  {name:32} {statistics.median(values):8,.0f} /s   ({listed})", flush=True)
    return {name: statistics.median(values) for name, values in taken.items()}


def answered_per_second(
    start: Start, users: int, seconds: float, fill_cache: bool = False
) -> float:
    """Start a server, warm it up, load it with 16 connections, stop it.

    `fill_cache` asks for every user once before, in batches.
    """
    with start() as server:
        if fill_cache:
            _ask_for_everybody(server, users)
        closed_loop(server.url, users, WARM_UP_SECONDS)
        load = closed_loop(server.url, users, seconds)
    if load.failed:
        raise RuntimeError(f"{load.failed} requests failed at {server.url}")
    return load.requests_per_second


def _ask_for_everybody(server: Running, users: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    for first in range(0, users, BATCH_USERS):
        body = orjson.dumps({"user_handles": [*range(first, min(first + BATCH_USERS, users))]})
        connection.request("POST", "/similar-users/batch", body, JSON)
        connection.getresponse().read()
    connection.close()


def boto3_gets_per_second(
    endpoint: str, table: str, users: int, threads: int, seconds: float
) -> float:
    arguments = [endpoint, table, str(users), str(threads), str(seconds)]
    command = [sys.executable, "-m", "benchmarks.serve.boto3_loop", *arguments]
    return float(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
