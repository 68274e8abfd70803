"""The IAM policies allow what each side really calls, and nothing that it never does."""

import secrets
from contextlib import closing
from pathlib import Path

import pytest

from server import create_app
from shared.events import Event, open_log
from shared.settings import ServerSettings
from shared.stores import importing, open_store
from tests.deploy.aws_calls import Policy, recorded_calls
from tests.generations import TENANT, build, key_of, publish, row_of
from tests.server import generations as served

POLICIES = Path(__file__).parents[2] / "deploy" / "aws"
OF_THE_IMPORT_ITSELF = {
    "s3:GetObject",
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:DescribeLogGroups",
    "logs:DescribeLogStreams",
    "logs:PutLogEvents",
    "logs:PutRetentionPolicy",
}
"""DynamoDB does these with the rights of whoever asked for the import."""


@pytest.fixture
def prefix():
    return f"test-{secrets.token_hex(4)}"


@pytest.fixture
def store_url(prefix, dynamodb_moto):
    return f"dynamodb://{prefix}?region=us-east-1&endpoint={dynamodb_moto}"


def generate(store):
    """All that a generator does with a store in its life, good days and bad."""
    with store.lock(TENANT):
        lists = [row_of(user) for user in range(60)]
        for _ in range(3):
            store.publish(build(store, lists), lists)
        unfinished = build(store, [row_of(1)])
        store.save_progress(unfinished)
        store.generations(TENANT)
        held = build(store, [row_of(1)])
        held.held_because = ["looks odd"]
        store.complete(held)
        store.go_live(held)
        store.rollback(TENANT)
        for manifest in store.generations(TENANT):
            store.size_bytes(TENANT, manifest.generation)
        assert unfinished.generation in store.prune(TENANT, keep=1)
    store.live(TENANT)


ASKED_WHILE_IT_LASTS = "dynamodb:DescribeImport"


def test_the_generator_may_do_what_it_does_and_nothing_else(prefix, store_url, s3_bucket):
    policy = Policy.read(
        POLICIES / "generator-policy.json", PREFIX=prefix, BUCKET=s3_bucket.name, FOLDER="lists"
    )
    with recorded_calls() as recorder:
        for url in (store_url, importing(store_url, f"s3://{s3_bucket.name}/lists")):
            with closing(open_store(url)) as store:
                generate(store)
        with closing(open_store(store_url)) as store:
            store.resume(TENANT, build(store, [row_of(1)]).generation)
    assert [call for call in recorder.calls if not policy.allows(call)] == []
    # An import that is over when it is answered is not asked about again.
    unused = policy.actions - recorder.actions - {ASKED_WHILE_IT_LASTS}
    assert unused == OF_THE_IMPORT_ITSELF
    assert ASKED_WHILE_IT_LASTS in policy.actions


def test_the_server_may_do_what_it_does_and_nothing_else(prefix, store_url):
    policy = Policy.read(POLICIES / "server-policy.json", PREFIX=prefix)
    with closing(open_store(store_url)) as store:
        served.publish(store)
    with closing(open_log(store_url)) as log:
        log.append("default", [view_of(999)])
    with (
        closing(open_store(store_url)) as store,
        closing(open_log(store_url)) as log,
        recorded_calls() as recorder,
    ):
        client = create_app(ServerSettings(_env_file=None), store, log=log).test_client()
        for path in ("/ready", "/models"):
            assert client.get(path).status_code == 200
        for route in ("similar-users", "recommendations"):
            one, many = {"user_handle": 999}, {"user_handles": [999, 7, 8]}
            assert client.post(f"/{route}", json=one).status_code == 200
            assert client.post(f"/{route}/batch", json=many).status_code == 200
    assert [call for call in recorder.calls if not policy.allows(call)] == []
    assert policy.actions == recorder.actions


def test_a_server_that_takes_events_in_may_write_these_and_nothing_else(prefix, store_url):
    lookups = Policy.read(POLICIES / "server-policy.json", PREFIX=prefix)
    events = Policy.read(POLICIES / "events-policy.json", PREFIX=prefix)
    settings = ServerSettings(_env_file=None, server_roles=["events"])
    with closing(open_store(store_url)) as store:
        served.publish(store)
    with (
        closing(open_store(store_url)) as store,
        closing(open_log(store_url)) as log,
        recorded_calls() as recorder,
    ):
        client = create_app(settings, store, log=log).test_client()
        sent = {"events": [{"user_handle": 999, "course_handle": "go"}] * 2}
        assert client.post("/interactions", json=sent).status_code == 202
    alone = {call for call in recorder.calls if not lookups.allows(call)}
    assert [call for call in alone if not events.allows(call)] == []
    assert events.actions == {call.action for call in alone}
    assert all(call.resource.endswith("-events") for call in alone)


def test_what_the_generator_does_with_events_it_may(prefix, store_url):
    policy = Policy.read(POLICIES / "generator-policy.json", PREFIX=prefix)
    with closing(open_log(store_url)) as log:
        log.append(TENANT, [view_of(1), view_of(2)])
        with recorded_calls() as recorder:
            assert len([*log.read_all(TENANT)]) == 2
            assert log.forget(TENANT, 1) == 1
            assert log.drop_through(TENANT, log.last_cursor(TENANT)) == 1
    assert [call for call in recorder.calls if not policy.allows(call)] == []


def view_of(user):
    return Event(f"e-{user}", "view", user, "2026-12-01T00:00:00.000000Z", "go", seconds=60.0)


def test_neither_may_touch_the_tables_of_others(prefix, store_url, s3_bucket):
    generator = Policy.read(
        POLICIES / "generator-policy.json", PREFIX=prefix, BUCKET=s3_bucket.name, FOLDER="lists"
    )
    server = Policy.read(POLICIES / "server-policy.json", PREFIX=prefix)
    with recorded_calls() as recorder:
        for url in (store_url, importing(store_url, f"s3://{s3_bucket.name}/else")):
            with closing(open_store(url.replace(prefix, f"other-{prefix}"))) as store:
                generation = publish(store, [row_of(1), row_of(2)])
                store.get(TENANT, generation, key_of(1))
    refused = {call for call in recorder.calls if not generator.allows(call)}
    assert refused == recorder.calls
    assert not any(server.allows(call) for call in recorder.calls)
