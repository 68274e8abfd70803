"""A log of events in DynamoDB that throttles, does not answer, or whose answers are lost."""

import json
from contextlib import closing

import pytest

from shared.errors import StoreUnavailable
from shared.events import Event
from shared.events.dynamodb import DynamoDBEventLog
from shared.events.dynamodb_items import EVENTS_PER_BATCH, batches
from shared.events.log import START
from tests.faulty_dynamodb import answer_lost, refused
from tests.shared.conftest import HASTY

TENANT, TRANSACT = "acme", "TransactWriteItems"


@pytest.fixture
def log(address):
    with closing(DynamoDBEventLog(address, HASTY)) as opened:
        yield opened


def view(number, text="go"):
    return Event(f"e-{number}", "view", "ada", "2026-12-01T00:00:00.000000Z", text, seconds=60.0)


def ids(log):
    return [event.event_id for event in log.read_all(TENANT)]


def test_an_answer_that_is_lost_is_asked_for_again_and_counts_once(log, dynamodb):
    log.append(TENANT, [view(0)])
    dynamodb.faults[TRANSACT].append(answer_lost)
    assert log.append(TENANT, [view(1), view(2)]) == [True, True]
    first, again = [body for name, body in dynamodb.calls if name == TRANSACT][-2:]
    assert first["ClientRequestToken"] == again["ClientRequestToken"]
    assert ids(log) == ["e-0", "e-1", "e-2"]


def test_throttling_is_waited_for(log, dynamodb):
    log.append(TENANT, [view(0)])
    dynamodb.faults[TRANSACT] += [
        refused("ThrottlingException"),
        refused("InternalServerError", 500),
    ]
    assert log.append(TENANT, [view(1)]) == [True]


def test_what_is_never_taken_is_an_outage_and_the_next_one_goes_on(log, dynamodb):
    log.append(TENANT, [view(0)])
    dynamodb.always[TRANSACT] = refused("ThrottlingException")
    with pytest.raises(StoreUnavailable, match="Try again"):
        log.append(TENANT, [view(1)])
    del dynamodb.always[TRANSACT]
    assert log.append(TENANT, [view(1), view(0)]) == [True, False]
    assert ids(log) == ["e-0", "e-1"]


def test_a_large_request_that_breaks_off_is_kept_from_its_beginning_and_can_be_sent_again(
    log,
    dynamodb,
):
    events = [view(number) for number in range(10)]
    log.append(TENANT, [view(100)])
    dynamodb.faults[TRANSACT] += [lambda body, forward: forward(body)]
    dynamodb.always[TRANSACT] = refused("ThrottlingException")
    with pytest.raises(StoreUnavailable):
        log.append(TENANT, events)
    kept = len(ids(log)) - 1
    assert 0 < kept < 10
    del dynamodb.always[TRANSACT]
    assert log.append(TENANT, events) == [False] * kept + [True] * (10 - kept)
    assert ids(log) == ["e-100", *(event.event_id for event in events)]


def test_an_erasure_that_breaks_off_is_done_by_the_next(log, dynamodb):
    log.append(TENANT, [view(number) for number in range(6)])
    dynamodb.always["BatchWriteItem"] = refused("ThrottlingException")
    with pytest.raises(StoreUnavailable):
        log.forget(TENANT, "ada")
    assert ids(log) == []
    del dynamodb.always["BatchWriteItem"]
    assert log.forget(TENANT, "ada") == 6
    assert log.of_user(TENANT, "ada", 10) == []
    assert log.append(TENANT, [view(0)]) == [True], "the ids are forgotten too"


def test_a_batch_that_a_query_passed_before_it_came_is_read_all_the_same(log, dynamodb):
    """A query reads on while others write: of two batches it may see the second alone."""
    for number in range(3):
        log.append(TENANT, [view(number)])

    def without_the_second(body, forward):
        status, answer = forward(body)
        answer = json.loads(answer)
        del answer["Items"][1]
        return status, json.dumps(answer | {"Count": 2}).encode()

    dynamodb.faults["Query"].append(without_the_second)
    assert ids(log) == ["e-0", "e-1", "e-2"]
    dynamodb.faults["Query"].append(lambda _, __: (200, b'{"Items": [], "Count": 0}'))
    assert log.users_since(TENANT, START) == ([], START), "the end is not passed unread"


@pytest.mark.parametrize("refused_call", ["BatchWriteItem", "UpdateItem"])
def test_so_is_a_drop_that_breaks_off(log, dynamodb, refused_call):
    log.append(TENANT, [view(number) for number in range(6)])
    last = log.last_cursor(TENANT)
    dynamodb.always[refused_call] = refused("ThrottlingException")
    with pytest.raises(StoreUnavailable):
        log.drop_through(TENANT, last)
    del dynamodb.always[refused_call]
    assert log.drop_through(TENANT, last) == 6
    assert (ids(log), log.of_user(TENANT, "ada", 10), log.size(TENANT)) == ([], [], 0)
    assert log.append(TENANT, [view(0)]) == [True]
    assert log.last_cursor(TENANT) > last


def test_batches_are_as_large_as_a_transaction_and_an_item_take():
    assert [len(batch) for batch in batches(map(view, range(120)), EVENTS_PER_BATCH)] == [
        49,
        49,
        22,
    ]
    long = [view(number, "x" * 200_000) for number in range(3)]
    assert [len(batch) for batch in batches(long, EVENTS_PER_BATCH)] == [1, 1, 1]
