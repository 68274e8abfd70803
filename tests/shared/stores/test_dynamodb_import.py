"""Lists that come into DynamoDB as files: ImportTable instead of writes."""

import gzip
import json
from contextlib import closing
from dataclasses import replace

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from shared.errors import GenerationMissing, StoreError, StoreUnavailable
from shared.stores.dynamodb import DynamoDBStore
from shared.stores.dynamodb.address import Folder
from tests.faulty_dynamodb import answer_lost, answered
from tests.generations import MODEL, TENANT, build, key_of, publish, row_of
from tests.shared.conftest import HASTY

PREFIX = "kindred/lists"


@pytest.fixture
def importing(address, s3_bucket):
    via = Folder(s3_bucket.name, PREFIX)
    with closing(DynamoDBStore(replace(address, via=via, import_file_mb=1), HASTY, HASTY)) as store:
        yield store


class Witness:
    """Passes ImportTable on, and remembers the request and the files that were there."""

    def __init__(self, bucket):
        self.bucket, self.files, self.tokens = bucket, {}, []

    def __call__(self, body, forward):
        self.tokens.append(body["ClientToken"])
        self.source = body["S3BucketSource"]
        for key in self.bucket.keys:
            if key.startswith(self.source["S3KeyPrefix"]):
                self.files[key] = gzip.decompress(self.bucket.read(key))
        return forward(body)


def imported(status, **more):
    description = {"ImportArn": "arn:" + "x" * 40, "ImportStatus": status} | more
    return answered(200, json.dumps({"ImportTableDescription": description}).encode())


def rows_of(client, table):
    items = client.scan(TableName=table)["Items"]
    return sorted(items, key=lambda item: (item["subject"]["S"], item["section"]["S"]))


def test_an_imported_generation_has_the_same_rows_as_a_written_one(
    importing, store, address, client, dynamodb
):
    lists = [row_of(user, model) for user in [1, "1", "ü\n"] for model in (MODEL, "other")]
    tables = [f"{address.prefix}-{TENANT}-{publish(one, lists)}-rows" for one in (importing, store)]
    assert rows_of(client, tables[0]) == rows_of(client, tables[1])
    assert len(rows_of(client, tables[0])) == 6
    described = [client.describe_table(TableName=table)["Table"] for table in tables]
    for name in ("KeySchema", "AttributeDefinitions", "BillingModeSummary"):
        assert described[0][name] == described[1][name]


def test_an_imported_generation_takes_no_write_of_an_item(importing, dynamodb):
    publish(importing, [row_of(user) for user in range(100)])
    assert dynamodb.count("BatchWriteItem") == 0
    assert dynamodb.count("ImportTable") == 1
    assert dynamodb.count("CreateTable") == 1, "of the control table alone"


def test_files_are_of_bounded_size_and_hold_every_row_once(importing, dynamodb, s3_bucket):
    witness = dynamodb.always["ImportTable"] = Witness(s3_bucket)
    lists = [row_of(user, courses=["x" * 500] * 400) for user in range(24)]
    importing.publish(build(importing, lists), lists)
    assert witness.source["S3Bucket"] == s3_bucket.name
    assert witness.source["S3KeyPrefix"].startswith(f"{PREFIX}/test-")
    assert len(witness.files) == 5
    largest_row = 210_000
    assert all(0 < len(text) < 2**20 + largest_row for text in witness.files.values())
    rows = [json.loads(line) for text in witness.files.values() for line in text.splitlines()]
    assert sorted(row["Item"]["subject"]["S"] for row in rows) == sorted(map(str, range(24)))


def test_after_the_import_only_other_peoples_files_are_left(importing, s3_bucket):
    others = [f"{PREFIX}/readme", f"{PREFIX}/test-", "else"]
    for key in others:
        s3_bucket.client.put_object(Bucket=s3_bucket.name, Key=key, Body=b"mine")
    generation = publish(importing, [row_of(1)])
    assert sorted(s3_bucket.keys) == sorted(others)
    importing.discard(TENANT, importing.begin(TENANT))
    assert sorted(s3_bucket.keys) == sorted(others)
    assert importing.get(TENANT, generation, key_of(1)) == row_of(1)


def test_a_generation_without_lists_needs_no_import(importing, dynamodb):
    generation = publish(importing, [])
    assert importing.live_generation(TENANT) == generation
    assert importing.get(TENANT, generation, key_of(1)) is None
    assert dynamodb.count("ImportTable") == 0


def test_publishing_waits_until_the_import_is_done(importing, dynamodb):
    dynamodb.faults["DescribeImport"].extend([imported("IN_PROGRESS")] * 3)

    def started(body, forward):
        status, answer = forward(body)
        description = json.loads(answer)["ImportTableDescription"] | {"ImportStatus": "IN_PROGRESS"}
        dynamodb.always["DescribeImport"] = lambda _, forward: forward(
            {"ImportArn": description["ImportArn"]}
        )
        return status, json.dumps({"ImportTableDescription": description}).encode()

    dynamodb.faults["ImportTable"].append(started)
    generation = publish(importing, [row_of(1)])
    assert dynamodb.count("DescribeImport") >= 4
    assert importing.get(TENANT, generation, key_of(1)) == row_of(1)


def test_an_import_that_takes_too_long_is_given_up_with_the_option_to_wait_longer(
    address, s3_bucket, dynamodb
):
    dynamodb.always["ImportTable"] = dynamodb.always["DescribeImport"] = imported("IN_PROGRESS")
    hasty = replace(address, via=Folder(s3_bucket.name), import_minutes=0)
    with (
        closing(DynamoDBStore(hasty, HASTY, HASTY)) as store,
        pytest.raises(StoreUnavailable, match="import_minutes"),
    ):
        publish(store, [row_of(1)])


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        (
            imported("FAILED", FailureCode="S3AccessDenied", FailureMessage="no access"),
            "FAILED, S3AccessDenied, no access",
        ),
        (imported("CANCELLED"), "CANCELLED; 0 of 0 items failed"),
        (
            imported("COMPLETED", ErrorCount=2, ProcessedItemCount=3, CloudWatchLogGroupArn="logs"),
            "COMPLETED; 2 of 3 items failed. The log group logs",
        ),
    ],
)
def test_an_import_that_fails_leaves_the_live_generation_and_says_why(
    importing, dynamodb, s3_bucket, outcome, said
):
    live = publish(importing, [row_of(1)])
    manifest = build(importing, [row_of(2)])
    dynamodb.faults["ImportTable"].append(outcome)
    with pytest.raises(StoreError, match=said):
        importing.publish(manifest)
    assert importing.live_generation(TENANT) == live
    assert importing.get(TENANT, live, key_of(1)) == row_of(1)
    assert len(s3_bucket.keys) == 1
    importing.discard(TENANT, manifest.generation)
    assert s3_bucket.keys == []
    following = publish(importing, [row_of(3)])
    assert importing.live_generation(TENANT) == following


def test_an_import_of_which_rows_are_missing_is_not_published(importing, dynamodb, s3_bucket):
    live = publish(importing, [row_of(1)])

    def without_a_file(body, forward):
        s3_bucket.client.delete_object(Bucket=s3_bucket.name, Key=s3_bucket.keys[0])
        return forward(body)

    dynamodb.faults["ImportTable"].append(without_a_file)
    with pytest.raises(StoreError):
        publish(importing, [row_of(user, courses=["x" * 500] * 400) for user in range(8)])
    assert importing.live_generation(TENANT) == live


def test_an_import_whose_answer_was_lost_is_asked_for_with_the_same_token(
    importing, dynamodb, s3_bucket
):
    witness, answers = Witness(s3_bucket), []

    def lost(body, forward):
        answers.append(witness(body, forward))
        return answer_lost(body, lambda _: None)

    def same_again(body, forward):
        witness.tokens.append(body["ClientToken"])
        return answers[0]

    dynamodb.faults["ImportTable"].extend([lost, same_again])
    generation = publish(importing, [row_of(1)])
    assert len(witness.tokens) == 2
    assert len(set(witness.tokens)) == 1
    assert importing.get(TENANT, generation, key_of(1)) == row_of(1)


def test_files_of_a_dead_run_are_removed_by_the_next_prune_even_without_the_option(
    importing, store, s3_bucket
):
    live = publish(store, [row_of(1)])
    wreck = importing.begin(TENANT)
    importing.write(TENANT, wreck, [row_of(user, courses=["x" * 500] * 400) for user in range(9)])
    assert s3_bucket.keys
    with pytest.raises(GenerationMissing, match="cannot be continued"):
        store.resume(TENANT, wreck)
    assert store.prune(TENANT, keep=2) == [wreck]
    assert s3_bucket.keys == []
    assert [m.generation for m in store.generations(TENANT)] == [live]


def test_files_that_cannot_be_removed_do_not_stop_publishing_and_go_with_the_generation(
    importing, s3_bucket, monkeypatch
):
    send = BaseClient._make_api_call

    def refusing_to_delete(client, operation, request):
        if operation == "DeleteObject":
            raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, operation)
        return send(client, operation, request)

    with monkeypatch.context() as patch:
        patch.setattr(BaseClient, "_make_api_call", refusing_to_delete)
        old = publish(importing, [row_of(1)])
    assert importing.live_generation(TENANT) == old
    assert len(s3_bucket.keys) == 1
    publish(importing, [row_of(2)])
    importing.discard(TENANT, old)
    assert s3_bucket.keys == []


def test_a_bucket_that_is_gone_does_not_keep_a_wreck_alive(importing, s3_bucket):
    wreck = build(importing, [row_of(1, courses=["x" * 500] * 400)]).generation
    s3_bucket.client.delete_bucket(Bucket=s3_bucket.name)
    importing.discard(TENANT, wreck)
    assert importing.generations(TENANT) == []


def test_a_reader_needs_no_bucket(importing, address, dynamodb, monkeypatch):
    generation = publish(importing, [row_of(1)])
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    via = replace(address, via=Folder("nowhere"))
    with closing(DynamoDBStore(via, HASTY, HASTY)) as reader:
        assert reader.live_generation(TENANT) == generation
        assert reader.get(TENANT, generation, key_of(1)) == row_of(1)


def test_a_bucket_that_is_not_there_is_named(address, s3_bucket):
    nowhere = replace(address, via=Folder("kindred-nowhere", "lists"))
    with (
        closing(DynamoDBStore(nowhere, HASTY, HASTY)) as store,
        pytest.raises(StoreError, match=r"no S3 bucket kindred-nowhere.*--via"),
    ):
        publish(store, [row_of(1)])


def test_an_s3_that_does_not_answer_is_unavailable(address, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
    curt = replace(HASTY, attempts=2)
    with (
        closing(DynamoDBStore(replace(address, via=Folder("b-b")), HASTY, curt)) as store,
        pytest.raises(StoreUnavailable, match="S3 failed at put_object"),
    ):
        publish(store, [row_of(1)])


def test_lists_too_long_for_an_item_are_refused_before_the_import(importing):
    with pytest.raises(StoreError, match="STORED_LIST_LENGTH"):
        build(importing, [row_of(7, MODEL, courses=["x" * 500] * 1000)])
