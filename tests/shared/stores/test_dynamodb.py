"""What only DynamoDB has: throttling, half-done batches, lost answers, tables."""

import secrets
from contextlib import closing
from dataclasses import replace

import pytest

from shared.errors import GenerationMissing, LockHeld, StoreError, StoreUnavailable
from shared.stores.dynamodb import DynamoDBStore
from shared.stores.dynamodb.address import Address
from tests.faulty_dynamodb import (
    answer_lost,
    answered,
    half_done,
    nothing_done,
    refused,
)
from tests.generations import MODEL, TENANT, build, key_of, publish, row_of, section_of
from tests.shared.conftest import ATTEMPTS, HASTY

TRANSIENT = {
    "throttled": refused("ThrottlingException"),
    "over the table's limit": refused("ProvisionedThroughputExceededException"),
    "over the account's limit": refused("RequestLimitExceeded"),
    "internal error": refused("InternalServerError", 500),
    "503 from a balancer": answered(503, b"<html>Service Unavailable</html>"),
    "hung up": lambda body, forward: None,
}


def test_items_that_dynamodb_leaves_unprocessed_are_written_in_the_end(store, dynamodb):
    dynamodb.faults["BatchWriteItem"].extend([half_done, nothing_done, half_done, half_done] * 3)
    lists = [row_of(user, courses=[user]) for user in range(110)]
    store.publish(build(store, lists), lists)
    assert not dynamodb.faults["BatchWriteItem"]


def test_keys_that_dynamodb_leaves_unprocessed_are_read_in_the_end(store, reader, dynamodb):
    generation = publish(store, [row_of(user) for user in range(130)])
    dynamodb.faults["BatchGetItem"].extend([half_done, nothing_done, half_done])
    assert len(reader.get_many(TENANT, generation, [key_of(n) for n in range(140)])) == 130
    assert dynamodb.count("BatchGetItem") == 2 + 3


def test_a_batch_that_gets_on_is_not_given_up(store, dynamodb):
    dynamodb.always["BatchWriteItem"] = half_done
    publish(store, [row_of(user) for user in range(25)])
    # 25, 12, 6, 3, 1: more calls than attempts, but each achieved something.
    assert dynamodb.count("BatchWriteItem") == 5 > ATTEMPTS


@pytest.mark.parametrize("fault", TRANSIENT.values(), ids=TRANSIENT)
def test_what_fails_for_a_moment_is_tried_again(store, reader, dynamodb, fault):
    for operation in ["CreateTable", "DescribeTable", "BatchWriteItem", "PutItem"]:
        dynamodb.faults[operation].extend([fault] * (ATTEMPTS - 1))
    generation = publish(store, [row_of(1), row_of(2)])
    for operation in ["GetItem", "BatchGetItem", "Query", "DeleteTable", "DeleteItem"]:
        dynamodb.faults[operation].extend([fault] * (ATTEMPTS - 1))
    assert reader.live_generation(TENANT) == generation
    assert reader.get(TENANT, generation, key_of(1)) == row_of(1)
    assert len(reader.get_many(TENANT, generation, [key_of(1), key_of(2)])) == 2
    assert [m.generation for m in reader.generations(TENANT)] == [generation]
    store.discard(TENANT, store.begin(TENANT))
    assert not any(dynamodb.faults.values())


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        (refused("ThrottlingException"), "ThrottlingException"),
        (refused("InternalServerError", 500), "InternalServerError"),
        (nothing_done, "unprocessed items"),
    ],
)
def test_writing_gives_up_after_its_attempts_and_leaves_the_live_one(store, dynamodb, fault, named):
    live = publish(store, [row_of(1)])
    generation, before = store.begin(TENANT), dynamodb.count("BatchWriteItem")
    dynamodb.always["BatchWriteItem"] = fault
    with pytest.raises(StoreUnavailable, match=f"{ATTEMPTS} attempts .*{named}.*Try again later"):
        store.write(TENANT, generation, [row_of(1), row_of(2)])
    assert dynamodb.count("BatchWriteItem") == before + ATTEMPTS
    assert store.live_generation(TENANT) == live


def test_who_has_taken_the_lock_reads_as_patiently_as_it_writes(address, store, dynamodb):
    """The end of a run lists and reads too, and would lose hours of training to three failures."""
    live = publish(store, [row_of(1), row_of(2)])
    once = replace(HASTY, attempts=1)

    def read(opened: DynamoDBStore) -> None:
        opened.generations(TENANT)
        opened.live_generation(TENANT)
        opened.get(TENANT, live, key_of(1))
        opened.get_many(TENANT, live, [key_of(1), key_of(2)])

    fails_once = ("Query", "GetItem", "BatchGetItem")
    with closing(DynamoDBStore(address, once, HASTY)) as generator:
        for operation in fails_once:
            dynamodb.faults[operation].append(refused("ThrottlingException"))
            with pytest.raises(StoreUnavailable):
                read(generator)
            dynamodb.faults.clear()
        with generator.lock(TENANT):
            for operation in fails_once:
                dynamodb.faults[operation].append(refused("ThrottlingException"))
            read(generator)
            assert not any(dynamodb.faults.values())


def test_who_goes_on_with_a_generation_reads_back_what_it_has_written(address, store, dynamodb):
    generation = store.begin(TENANT)
    with closing(DynamoDBStore(address, HASTY, HASTY)) as another:
        another.write(TENANT, generation, [row_of(1)])
        start = len(dynamodb.calls)
        another.get(TENANT, generation, key_of(1))
    (read,) = [body for name, body in dynamodb.calls[start:] if name == "GetItem"]
    assert read["ConsistentRead"]


def test_after_a_failure_nothing_goes_on_writing(store, dynamodb):
    generation = store.begin(TENANT)
    dynamodb.always["BatchWriteItem"] = refused("ValidationException")
    with pytest.raises(StoreError, match="refuses batch_write_item: ValidationException"):
        store.write(TENANT, generation, [row_of(user) for user in range(1000)])
    calls = len(dynamodb.calls)
    assert dynamodb.count("BatchWriteItem") < 40
    store.discard(TENANT, generation)
    assert not [name for name, _ in dynamodb.calls[calls:] if name == "BatchWriteItem"]


def test_a_publication_whose_answer_was_lost_counts_once(store, dynamodb):
    before = publish(store, [row_of(1)])
    manifest = build(store, [row_of(2)])
    dynamodb.faults["PutItem"].append(answer_lost)
    store.publish(manifest)
    assert store.state(TENANT).generations == [before, manifest.generation]
    dynamodb.faults["PutItem"].append(answer_lost)
    assert store.rollback(TENANT) == before
    assert store.state(TENANT).live == before


def test_a_lock_whose_answer_was_lost_is_held(store, reader, dynamodb):
    dynamodb.faults["PutItem"].append(answer_lost)
    with store.lock(TENANT), pytest.raises(LockHeld), reader.lock(TENANT):
        pytest.fail("two hold the lock")
    assert store.state(TENANT).lock is None


def test_a_lock_that_cannot_be_given_back_hides_no_error_of_the_run(store, dynamodb):
    with pytest.raises(ZeroDivisionError), store.lock(TENANT):
        dynamodb.always["PutItem"] = refused("InternalServerError", 500)
        raise ZeroDivisionError


def test_a_table_is_used_only_when_it_is_active(store, dynamodb):
    creating = answered(200, b'{"Table": {"TableStatus": "CREATING"}}')
    not_yet = refused("ResourceNotFoundException")
    dynamodb.faults["DescribeTable"].extend([not_yet, creating, creating])
    publish(store, [row_of(1)])
    assert not dynamodb.faults["DescribeTable"]
    described = max(i for i, (name, _) in enumerate(dynamodb.calls) if name == "DescribeTable")
    written = min(i for i, (name, _) in enumerate(dynamodb.calls) if name == "BatchWriteItem")
    assert described < written


def test_a_table_that_is_still_being_created_is_dropped_all_the_same(store, dynamodb):
    generation = store.begin(TENANT)
    dynamodb.faults["DeleteTable"].append(refused("ResourceInUseException"))
    dynamodb.faults["DescribeTable"].append(
        answered(200, b'{"Table": {"TableStatus": "CREATING"}}')
    )
    store.discard(TENANT, generation)
    with pytest.raises(GenerationMissing):
        store.get(TENANT, generation, key_of(1))


def test_dropping_a_table_that_another_is_deleting_is_no_error(store, dynamodb):
    generation = store.begin(TENANT)
    dynamodb.faults["DeleteTable"].append(refused("ResourceInUseException"))
    dynamodb.faults["DescribeTable"].append(
        answered(200, b'{"Table": {"TableStatus": "DELETING"}}')
    )
    store.discard(TENANT, generation)
    assert store.generations(TENANT) == []


def test_only_who_has_written_pays_for_consistent_reads(store, reader, dynamodb):
    generation = publish(store, [row_of(1), row_of(2)])

    def consistency_of(opened):
        start = len(dynamodb.calls)
        opened.get(TENANT, generation, key_of(1))
        opened.get_many(TENANT, generation, [key_of(1), key_of(2)])
        (_, get), (_, many) = dynamodb.calls[start:]
        (keys,) = many["RequestItems"].values()
        return get["ConsistentRead"], keys["ConsistentRead"]

    assert consistency_of(store) == (True, True)
    assert consistency_of(reader) == (False, False)


def test_tables_and_keys_are_named_as_documented(store, address, client):
    generation = publish(store, [row_of(999), row_of("999")])
    names = [n for n in client.list_tables()["TableNames"] if n.startswith(address.prefix)]
    assert sorted(names) == [
        f"{address.prefix}-control",
        f"{address.prefix}-default-{generation}-rows",
    ]
    items = client.scan(TableName=f"{address.prefix}-default-{generation}-rows")["Items"]
    assert {item["subject"]["S"] for item in items} == {"999", '"999"'}
    assert {item["section"]["S"] for item in items} == {section_of()}
    assert {item["row"]["S"] for item in items} == {row_of(1).to_json().decode()}


def test_tables_are_on_demand_and_nothing_in_them_ever_expires(store, address, client):
    generation = publish(store, [row_of(1)])
    for table in (f"{address.prefix}-control", f"{address.prefix}-default-{generation}-rows"):
        described = client.describe_table(TableName=table)["Table"]
        assert described["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        expiry = client.describe_time_to_live(TableName=table)["TimeToLiveDescription"]
        assert expiry["TimeToLiveStatus"] == "DISABLED"


def test_tables_of_lists_can_be_warm_from_the_start(address, client):
    with closing(DynamoDBStore(replace(address, warm_write_units=9000), HASTY, HASTY)) as warm:
        generation = publish(warm, [row_of(1)])
    described = [
        client.describe_table(TableName=f"{address.prefix}-{name}")["Table"]["WarmThroughput"]
        for name in (f"default-{generation}-rows", "control")
    ]
    assert [each["WriteUnitsPerSecond"] for each in described] == [9000, 4000]


def test_an_endpoint_that_knows_no_warm_tables_does_without(dynamodb_local):
    address = Address(f"test-{secrets.token_hex(4)}", None, dynamodb_local, warm_write_units=9000)
    with closing(DynamoDBStore(address, HASTY, HASTY)) as warm:
        generation = publish(warm, [row_of(1)])
        assert warm.live_generation(TENANT) == generation


def test_prefixes_that_begin_alike_are_two_stores(store, address, dynamodb):
    longer = Address(f"{address.prefix}-default", endpoint=dynamodb.endpoint)
    with closing(DynamoDBStore(longer, HASTY, HASTY)) as other:
        first, second = publish(store, [row_of(1)]), publish(other, [row_of(2)])
        assert [m.generation for m in store.generations(TENANT)] == [first]
        assert [m.generation for m in other.generations(TENANT)] == [second]


def test_lists_too_long_for_an_item_are_refused_with_the_setting_to_lower(store):
    courses = ["x" * 500] * 1000
    with pytest.raises(StoreError, match="STORED_LIST_LENGTH"):
        build(store, [row_of(7, MODEL, courses=courses)])


def test_counting_and_listing_go_on_over_all_pages(store, dynamodb):
    def in_pages_of_three(body, forward):
        return forward(body | {"Limit": 3})

    dynamodb.always = {"Scan": in_pages_of_three, "Query": in_pages_of_three}
    published = [publish(store, [row_of(user) for user in range(60)]) for _ in range(4)]
    assert [m.generation for m in store.generations(TENANT)] == published
    assert dynamodb.count("Scan") >= 4 * 60 / 3
    assert dynamodb.count("Query") >= 2


def test_a_generation_of_the_older_format_is_removed_with_its_table(store, address, client):
    old, live = (publish(store, [row_of(n)]) for n in range(2))
    client.create_table(
        TableName=f"{address.prefix}-default-{old}",
        KeySchema=[{"AttributeName": "user_handle", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "user_handle", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    store.discard(TENANT, old)
    assert not [name for name in client.list_tables()["TableNames"] if old in name]
    assert store.get(TENANT, live, key_of(1)) == row_of(1)
