"""What goes wrong inside a generator's process, at an exact call of its store.

For the forked process alone: it lays hands on a real store, and the run never learns.
"""

import os
import resource
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from shared.backoff import Patience
from shared.stores import Store

POINTER = "pointer"
"""Not a method but the one swap of the state that changes what is live."""
SHORT_PATIENCE = Patience(3, 0.02, 0.05, connect_timeout_seconds=1, read_timeout_seconds=2)


@dataclass(frozen=True)
class Strike:
    """At the `nth` call (from 1) of `operation`, before or after it is carried out."""

    operation: str
    nth: int = 1
    after: bool = False
    action: str = "kill"
    """kill: SIGKILL; stop: SIGSTOP; or the path of a file: touch it, wait until it is removed."""

    def __str__(self) -> str:
        when = "after" if self.after else "before"
        return f"{self.action.partition('/')[0] or 'wait'} {when} {self.operation} {self.nth}"


@dataclass(frozen=True)
class Limits:
    """What the process must do with."""

    file_bytes: int | None = None
    impatient: bool = False
    """Give up on DynamoDB after a second instead of minutes."""


def lay_hands_on(store: Store, strikes: list[Strike]) -> Store:
    for strike in strikes:
        method = "_swap_record" if strike.operation == POINTER else strike.operation
        setattr(store, method, _struck(store, getattr(store, method), strike))
    return store


def limit(limits: Limits) -> None:
    if limits.file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limits.file_bytes, limits.file_bytes))
    if limits.impatient:
        from shared.stores.dynamodb import DynamoDBStore

        DynamoDBStore.__init__.__defaults__ = (SHORT_PATIENCE, SHORT_PATIENCE)


def _struck(store: Store, method: Callable[..., Any], strike: Strike) -> Callable[..., Any]:
    calls = 0

    def called(*arguments: Any) -> Any:
        nonlocal calls
        counts = strike.operation != POINTER or _moves_pointer(store, *arguments)
        calls += counts
        now = counts and calls == strike.nth
        if now and not strike.after:
            _act(strike.action)
        result = method(*arguments)
        if now and strike.after:
            _act(strike.action)
        return result

    return called


def _moves_pointer(store: Store, tenant: str, name: str, text: bytes, version: int) -> bool:
    return name == "state" and orjson.loads(text)["live"] != store.live_generation(tenant)


def _act(action: str) -> None:
    match action:
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "stop":
            os.kill(os.getpid(), signal.SIGSTOP)
        case path:
            waiting = Path(path)
            waiting.touch()
            while waiting.exists():
                time.sleep(0.01)
