"""Clients that ask a server without pause, and keep what it answered."""

import http.client
import json
import random
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

USERS = range(1, 31)
ROUTES = {"/similar-users": "similar_users", "/recommendations": "courses"}


@dataclass
class Answers:
    """What all clients together were answered."""

    answered: int = 0
    """Lists; a batch has several."""
    failed: list[Any] = field(default_factory=list)
    seen: set[tuple[str, str]] = field(default_factory=set)
    """Generation that an answer named, and the mark on an entry of its list."""
    mixed: list[Any] = field(default_factory=list)
    """Batches with answers from more than one generation."""


@contextmanager
def asking(port: int, clients: int):
    """So many clients, each on one connection that is kept open, until the block is left."""
    answers, done, lock = Answers(), threading.Event(), threading.Lock()

    def ask_on(seed: int) -> None:
        chance = random.Random(seed)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        try:
            while not done.is_set():
                _ask(connection, chance, answers, lock)
        except (OSError, http.client.HTTPException) as error:
            answers.failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask_on, args=[seed]) for seed in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield answers
    finally:
        done.set()
        for thread in threads:
            thread.join()


def _ask(
    connection: http.client.HTTPConnection,
    chance: random.Random,
    answers: Answers,
    lock: threading.Lock,
) -> None:
    route, name = chance.choice(list(ROUTES.items()))
    users = chance.sample(USERS, chance.choice([1, 1, 1, 10, 30]))
    batch = len(users) > 1
    body = {"user_handles": users} if batch else {"user_handle": users[0]}
    connection.request(
        "POST",
        route + ("/batch" if batch else ""),
        json.dumps(body | {"limit": 20}),
        {"Content-Type": "application/json"},
    )
    response = connection.getresponse()
    text = response.read()
    if response.status != 200:
        answers.failed.append((response.status, text))
        return
    results = json.loads(text)["results"] if batch else [json.loads(text)]
    with lock:
        for result in results:
            if "error" in result:
                answers.failed.append(result)
                continue
            answers.answered += 1
            marks = {str(entry).partition("-")[0] for entry in result["data"][name]}
            answers.seen |= {(result["generation"], mark) for mark in marks}
        if len({result.get("generation") for result in results}) > 1:
            answers.mixed.append(results)
