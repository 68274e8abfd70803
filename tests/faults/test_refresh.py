"""Refreshers are killed at random instants: no event is lost, and none is counted twice."""

import random
import signal
import time
from pathlib import Path

import pytest

from shared.events import Event, open_log
from shared.fresh import open_fresh
from shared.records import SEEN, list_section
from tests.faults.how_many import few_or_all
from tests.faults.platform import TENANT
from tests.faults.runs import FAST_MODELS
from tests.faults.strikes import Limits

KILLS = few_or_all(4, 30)
SECTIONS = [
    list_section(kind, model)
    for kind in ("similar_users", "recommendations")
    for model in FAST_MODELS.split(",")
]
pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)


@pytest.fixture
def followed(platform, tmp_path):
    """A platform with a live generation whose models were kept."""
    kept = {"MODELS_FOLDER": str(tmp_path / "models")}
    assert platform.run(0, **kept).code == 0
    return platform, kept


def follows(user):
    return Event(f"tag-{user}", "interest", user, "2026-12-02T00:00:00.000000Z", tag="python")


def learners(platform, generation):
    """Users of the generation, and what each has seen."""
    users = sorted(int(user) for user, section in platform.contents(generation).rows
                   if section == SEEN)  # fmt: skip
    rows = platform.store.get_many(TENANT, generation, [(SEEN, user) for user in users])
    return {user: rows[SEEN, user].facts["courses"] for user in users}


def lists_of(fresh, generation, users):
    texts = fresh.get_many(TENANT, generation, [(s, user) for user in users for s in SECTIONS])
    return {key: text.text for key, text in texts.items()}


def test_killed_at_any_instant_the_next_one_makes_the_same_lists(followed, fault):
    platform, kept = followed
    generation, drawn = platform.live, random.Random(7)
    seen = learners(platform, generation)
    courses = sorted({course for of_user in seen.values() for course in of_user})
    log, fresh = open_log(platform.store_url), open_fresh(platform.store_url)
    touched = []

    def happens(number):
        user = drawn.choice(sorted(seen))
        touched.append(user)
        at = f"2026-12-01T00:00:00.{number:06}Z"
        course = drawn.choice(courses)
        log.append(TENANT, [Event(f"e-{number}", "view", user, at, course, seconds=600.0)])

    happens(0)
    started = time.monotonic()
    assert platform.run(0, "refresh", **kept).code == 0
    seconds = time.monotonic() - started
    with fault("kill -9 of refresh") as injected:
        injected.count = KILLS
        for number in range(1, KILLS + 1):
            happens(number)
            with platform.generator.running("refresh", **(platform.settings(0) | kept)) as run:
                time.sleep(drawn.uniform(0, 1.2 * seconds))
                run.signal(signal.SIGKILL)
                run.end()
        # A neighbour's later event makes no new list; so that all are as new as each other:
        log.append(TENANT, [follows(user) for user in set(touched)])
        assert platform.run(0, "refresh", **kept).code == 0
        assert fresh.progress(TENANT, generation).cursor == log.last_cursor(TENANT)
        after_kills = lists_of(fresh, generation, touched)
        assert {user for _, user in after_kills} == set(touched)
        fresh.close()
        for file in folder_of(platform).glob(f"{generation}.fresh*"):
            file.unlink()
        assert platform.run(0, "refresh", **kept).code == 0
        assert lists_of(fresh, generation, touched) == after_kills
        assert platform.live == generation
    fresh.close()
    log.close()


def test_of_two_refreshers_of_a_tenant_the_second_is_told_so_until_the_first_is_gone(
    followed, fault
):
    platform, kept = followed
    settings = platform.settings(0) | kept
    with (
        fault("two refreshers"),
        platform.generator.running("refresh", "--follow", **settings) as first,
    ):
        assert first.wait_for("Following")
        refused = platform.run(0, "refresh", **kept)
        assert refused.code == 6, refused.said
        assert "refreshes the lists of tenant default already" in refused.error
        first.signal(signal.SIGKILL)
        first.end()
        assert platform.run(0, "refresh", **kept).code == 0


def test_a_file_that_may_not_grow_ends_the_refresh_and_leaves_the_lists_of_before(followed, fault):
    platform, kept = followed
    generation = platform.live
    users = sorted(learners(platform, generation))[:40]
    log, fresh = open_log(platform.store_url), open_fresh(platform.store_url)
    log.append(TENANT, [follows(users[0])])
    assert platform.run(0, "refresh", **kept).code == 0
    before, done = lists_of(fresh, generation, users), fresh.progress(TENANT, generation)
    log.append(TENANT, [follows(user) for user in users[1:]])
    with fault("no file may grow further, in refresh"):
        ended = platform.run(0, "refresh", limits=Limits(file_bytes=20_000), **kept)
        assert ended.code == 5, ended.said
        assert "disk" in ended.error
        assert lists_of(fresh, generation, users) == before
        assert fresh.progress(TENANT, generation) == done
        assert platform.run(0, "refresh", **kept).code == 0
        assert {user for _, user in lists_of(fresh, generation, users)} == set(users)
    fresh.close()
    log.close()


def folder_of(platform):
    return Path(platform.store_url.removeprefix("sqlite:///")) / TENANT
