"""Readers at full load while generations are published, rolled back and pruned."""

import time

from shared.records import ListRow, Ranking, Row
from tests.faults.platform import TENANT
from tests.faults.readers import USERS, asking
from tests.faults.stores import on_each_store
from tests.generations import seen
from tests.server.generations import POPULAR, TFIDF, publish
from tests.server.running import running_server

pytestmark = on_each_store

PUBLISHES = 20
CLIENTS = 4
REFRESH_SECONDS = 0.05
FALLBACK_USERS = 3
"""The last so many users have no courses, so that they get what is popular."""


def publish_marked(store, number: int) -> str:
    """A generation of which every entry of every list begins with its number."""
    marks = [f"{number}-{rank}" for rank in range(20)]
    scores = [1 - rank / 100 for rank in range(20)]
    rows: list[Row] = []
    for user in USERS:
        has_courses = user <= len(USERS) - FALLBACK_USERS
        rows += [
            ListRow("similar_users", user, TFIDF, marks, scores),
            ListRow(
                "recommendations", user, TFIDF, *((marks, scores) if has_courses else ([], []))
            ),
            seen(user),
        ]
    return publish(store, rows, rankings={POPULAR: Ranking(marks, scores)})


def changes(store):
    """20 publishes, every fourth rolled back and brought back, and a prune after each.

    Yields each generation that is live, with its number.
    """
    for number in range(1, PUBLISHES + 1):
        generation = publish_marked(store, number)
        yield generation, number
        if number % 4 == 0:
            yield store.rollback(TENANT), number - 1
            yield store.rollback(TENANT, to=generation), number
        store.prune(TENANT, keep=2, grace_seconds=3 * REFRESH_SECONDS)


def test_no_answer_fails_and_none_is_mixed(platform, tmp_path, fault):
    store = platform.store
    numbers = {publish_marked(store, 0): 0}
    settings = {"store_url": platform.store_url, "pointer_refresh_seconds": REFRESH_SECONDS}
    with (
        running_server(tmp_path / "store", server_workers=2, **settings) as server,
        fault("pointer moved under readers") as moved,
        fault("answer asked for meanwhile") as asked,
    ):
        with asking(server.port, CLIENTS) as answers:
            for generation, number in changes(store):
                numbers[generation] = number
                time.sleep(2 * REFRESH_SECONDS)
        moved.count, asked.count = PUBLISHES + 2 * (PUBLISHES // 4), answers.answered
        assert answers.failed == []
        assert answers.mixed == []
        assert all(numbers[generation] == int(mark) for generation, mark in answers.seen)
        assert len({generation for generation, _ in answers.seen}) >= PUBLISHES // 2
        assert answers.answered > 20 * PUBLISHES
    assert len(store.generations(TENANT)) < PUBLISHES
