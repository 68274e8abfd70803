"""Generations that were damaged after they were written: refused, and the one before served."""

import random
from contextlib import closing, contextmanager

import pytest

from server import create_app
from shared.settings import ServerSettings
from shared.stores import open_store
from shared.stores.dynamodb.address import Address
from tests.faults.contents import bare_client, sqlite_file
from tests.faults.platform import MODEL, SECTION, TENANT
from tests.faults.stores import on_dynamodb, on_each_store, on_sqlite
from tests.server.calls import Caller, ManualClock, assert_problem, at_once

DAMAGES = 8
HELD = {"GATE_MIN_OVERLAP": "1"}
"""A gate that holds every second generation, whatever it is like."""


def cut(content: bytes, chance: random.Random) -> bytes:
    return content[: chance.randrange(len(content))]


def flip_one_bit(content: bytes, chance: random.Random) -> bytes:
    damaged = bytearray(content)
    damaged[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


@pytest.fixture(params=[cut, flip_one_bit])
def damages(request, platform):
    """Gives ways to damage a generation's file, each undone when it is left."""
    chance = random.Random(request.param.__name__)

    @contextmanager
    def damaged(generation):
        path = sqlite_file(platform.store_url, generation)
        whole = path.read_bytes()
        path.write_bytes(request.param(whole, chance))
        yield
        path.write_bytes(whole)

    return [damaged] * DAMAGES


@contextmanager
def server(platform):
    """A server as a fresh process has it; gives its API and a clock."""
    with closing(open_store(platform.store_url)) as store:
        clock = ManualClock()
        settings = ServerSettings(_env_file=None, store_url=platform.store_url, cache_mb=0)
        yield Caller(create_app(settings, store, clock, in_background=at_once).test_client()), clock


@pytest.fixture
def ask(platform):
    user = next(int(user) for user, section in platform.references[0] if section == SECTION)
    return {"user_handle": user, "model_handle": MODEL}


@on_sqlite
def test_at_the_start_of_a_server_the_one_before_is_served(platform, damages, ask, caplog, fault):
    before, live = platform.publish(0), platform.publish(1)
    for damaged in damages:
        caplog.clear()
        with fault("damaged file at server start"), damaged(live), server(platform) as (api, _):
            assert api.post("/similar-users", ask).get_json()["generation"] == before
            assert f"The lists of generation {live} are not what was written" in caplog.text
    platform.check(1)


@on_sqlite
def test_when_it_goes_live_the_known_one_stays(platform, damages, ask, caplog, fault):
    before, live = platform.publish(0), platform.publish(1)
    for damaged in damages:
        caplog.clear()
        platform.store.rollback(TENANT)
        with fault("damaged file at pointer refresh"), server(platform) as (api, clock):
            assert api.post("/similar-users", ask).get_json()["generation"] == before
            platform.store.rollback(TENANT, to=live)
            with damaged(live):
                clock.advance(5)
                assert api.post("/similar-users", ask).get_json()["generation"] == before
                assert f"The lists of generation {live} are not what was written" in caplog.text
    platform.check(1)


@on_sqlite
def test_a_held_one_that_was_damaged_is_not_published(platform, damages, fault):
    live = platform.publish(0)
    assert platform.run(1, **HELD).code == 7
    (held,) = [m.generation for m in platform.store.generations(TENANT) if m.state == "held"]
    for damaged in damages:
        with fault("damaged file, `publish` of a held one"), damaged(held):
            refused = platform.run(1, "publish", held)
            assert refused.code == 5
            assert "not what was written" in refused.error
            assert platform.check(0) == live
    assert platform.run(1, "publish", held).code == 0
    assert platform.check(1) == held


@on_sqlite
def test_if_the_only_one_is_damaged_the_server_says_so_and_recovers(platform, damages, ask, fault):
    only = platform.publish(0)
    for damaged in damages[:2]:
        with fault("damaged file, no other"), server(platform) as (api, clock):
            with damaged(only):
                assert_problem(api.post("/similar-users", ask), 503, "store-unavailable")
                assert platform.run(1).code == 0
                clock.advance(5)
                live = api.post("/similar-users", ask).get_json()["generation"]
                assert live == platform.live != only
            assert platform.check(1) == live
            platform.store.rollback(TENANT)
            platform.store.discard(TENANT, live)


@on_sqlite
def test_without_the_record_of_what_is_live_the_newest_is_served_until_it_is_made_anew(
    platform, ask, fault
):
    _, live = platform.publish(0), platform.publish(1)
    control = sqlite_file(platform.store_url, live).parents[1] / "control.sqlite"
    whole, chance = control.read_bytes(), random.Random(1)
    for lost in (None, b"", whole[: len(whole) // 3], chance.randbytes(len(whole))):
        with fault("record of what is live lost, then server start"):
            control.unlink()
            if lost is not None:
                control.write_bytes(lost)
            with server(platform) as (api, clock):
                assert api.post("/similar-users", ask).get_json()["generation"] == live
                assert api.get("/ready").get_json()["status"] == "degraded"
                control.unlink(missing_ok=True)
                assert platform.run(1, "check", "--adopt").code == 0
                clock.advance(5)
                api.post("/similar-users", ask)
                assert api.get("/ready").get_json()["status"] == "ready"
            assert platform.check(1) == live


def lose_the_lists(platform, generation):
    """As an operator does who removes the wrong file or table."""
    if platform.is_sqlite:
        sqlite_file(platform.store_url, generation).unlink()
        return
    address = Address.parse(platform.store_url)
    with closing(bare_client(address)) as client:
        client.delete_table(TableName=f"{address.prefix}-{TENANT}-{generation}-rows")


@on_each_store
@pytest.mark.parametrize("served", [True, False], ids=["while it is served", "at server start"])
def test_when_the_lists_are_lost_the_one_before_is_served(platform, served, ask, fault, caplog):
    before, live = platform.publish(0), platform.publish(1)
    with fault("file or table removed by hand"), server(platform) as (api, clock):
        if served:
            assert api.post("/similar-users", ask).get_json()["generation"] == live
        lose_the_lists(platform, live)
        # A server that has the file open reads on in it.
        still = live if served and platform.is_sqlite else before
        assert api.post("/similar-users", ask).get_json()["generation"] == still
        assert (still == live) or f"The rows of generation {live} are gone" in caplog.text
        assert_recovers(platform, api, clock, ask)


def assert_recovers(platform, api, clock, ask):
    """The next run publishes although it cannot read the live lists, and servers follow."""
    ended = platform.run(2)
    assert ended.code == 0
    assert "were not compared with the live ones" in ended.said
    clock.advance(5)
    assert api.post("/similar-users", ask).get_json()["generation"] == platform.live


def change_items(platform, generation, change):
    address = Address.parse(platform.store_url)
    table = f"{address.prefix}-{TENANT}-{generation}-rows"
    with closing(bare_client(address)) as client:
        for item in client.scan(TableName=table)["Items"]:
            change(client, table, item)


@on_dynamodb
def test_when_an_item_cannot_be_read_the_one_before_is_served(platform, ask, caplog, fault):
    def cut_short(client, table, item):
        item["row"]["S"] = item["row"]["S"][:20]
        client.put_item(TableName=table, Item=item)

    before, live = platform.publish(0), platform.publish(1)
    with fault("items damaged"), server(platform) as (api, clock):
        assert api.post("/similar-users", ask).get_json()["generation"] == live
        change_items(platform, live, cut_short)
        assert api.post("/similar-users", ask).get_json()["generation"] == before
        assert "cannot be read" in caplog.text
        assert_recovers(platform, api, clock, ask)


@on_dynamodb
def test_a_held_one_that_lost_items_is_not_published(platform, fault):
    def remove_some(client, table, item):
        if item["subject"]["S"].endswith("7"):
            del item["row"]
            client.delete_item(TableName=table, Key=item)

    live = platform.publish(0)
    assert platform.run(1, **HELD).code == 7
    (held,) = [m.generation for m in platform.store.generations(TENANT) if m.state == "held"]
    with fault("items lost, `publish` of a held one"):
        change_items(platform, held, remove_some)
        refused = platform.run(1, "publish", held)
        assert refused.code == 5
        assert "should hold" in refused.error
        assert platform.check(0) == live


@on_each_store
def test_a_rollback_to_lists_that_are_lost_is_refused(platform, ask, fault):
    before, live = platform.publish(0), platform.publish(1)
    lose_the_lists(platform, before)
    for to in ([], ["--to", before]):
        with fault("`rollback` to what is gone"):
            refused = platform.run(1, "rollback", *to)
            assert refused.code == 5
            assert "are gone" in refused.error
            with server(platform) as (api, _):
                assert api.post("/similar-users", ask).get_json()["generation"] == live


@on_sqlite
def test_a_rollback_to_what_is_damaged_is_refused(platform, damages, ask, fault):
    before, live = platform.publish(0), platform.publish(1)
    for damaged in damages:
        with fault("damaged file, `rollback` to it"), damaged(before):
            refused = platform.run(1, "rollback")
            assert refused.code == 5
            assert "not what was written" in refused.error
            with server(platform) as (api, _):
                assert api.post("/similar-users", ask).get_json()["generation"] == live
    platform.check(1)


@on_each_store
def test_a_manifest_that_cannot_be_read_stops_no_command(platform, fault):
    old, live = platform.publish(0), platform.publish(1)
    platform.store._put_record(TENANT, f"manifest:{old}", b"{")
    for command in (["generations"], ["prune"], [], ["rollback"]):
        with fault("manifest cannot be read"):
            ended = platform.run(2, *command)
            assert ended.code == 0, ended.said
            if command != ["rollback"]:
                assert f"the manifest of generation {old} cannot be read" in ended.said
    assert platform.live == live
