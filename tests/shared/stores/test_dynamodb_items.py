"""Items are as large as DynamoDB counts them: by hand, and by DynamoDB Local's own count."""

import json
import secrets

import boto3
import pytest

from shared.errors import StoreError
from shared.records import ListRow
from shared.stores.dynamodb.estimate import Estimate
from shared.stores.dynamodb.items import import_line, item_bytes, item_of, write_units
from tests.generations import MODEL, row_of

NAMES_BYTES = len("subject") + len("section") + len("row")


def item_with(subject="1", section="m", text=b"{}"):
    return item_of(((section, subject), text))


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        (item_with(1, "m", b"{}"), NAMES_BYTES + 1 + 1 + 2),
        (item_with("1", "m", b"{}"), NAMES_BYTES + 3 + 1 + 2),
        (item_with("ü", "m", "é€".encode()), NAMES_BYTES + 4 + 1 + 5),
        (item_with("👩", "mm", b""), NAMES_BYTES + 6 + 2 + 0),
    ],
)
def test_an_item_is_as_long_as_its_names_and_values_in_utf8(item, expected):
    assert item_bytes(item) == expected


@pytest.mark.parametrize(
    ("size", "units"), [(100, 1), (1023, 1), (1024, 1), (1025, 2), (2048, 2), (2049, 3), (9000, 9)]
)
def test_every_kb_begun_is_a_write_unit(size, units):
    item = item_with(1, "m", b"x" * (size - NAMES_BYTES - 2))
    assert item_bytes(item) == size
    assert write_units(item) == units


def test_dynamodb_local_counts_the_same_units(dynamodb_local):
    client = boto3.client(
        "dynamodb",
        endpoint_url=dynamodb_local,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
    )
    table = f"test-{secrets.token_hex(4)}"
    client.create_table(
        TableName=table,
        KeySchema=[
            {"AttributeName": "subject", "KeyType": "HASH"},
            {"AttributeName": "section", "KeyType": "RANGE"},
        ],
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("subject", "section")
        ],
        BillingMode="PAY_PER_REQUEST",
    )
    lists = [row_of("ü" * n, courses=["€" * 50] * n) for n in (1, 4, 5, 6, 7, 20, 100)]
    for size in (1023, 1024, 1025, 2047, 2048, 2049):
        item = item_with("abc", "m", b"x" * (size - NAMES_BYTES - 6))
        assert item_bytes(item) == size
        assert charged_for(client, table, item) == write_units(item)
    for one in lists:
        item = item_of(((one.section, one.subject), one.to_json()))
        assert charged_for(client, table, item) == write_units(item)
    client.close()


def charged_for(client, table, item):
    answer = client.put_item(TableName=table, Item=item, ReturnConsumedCapacity="TOTAL")
    return answer["ConsumedCapacity"]["CapacityUnits"]


def test_an_estimate_adds_up_what_would_be_written():
    estimate = Estimate()
    small, large = row_of(1, "m", courses=[]), ListRow("recommendations", 2, "m", ["x" * 100] * 20)
    assert estimate.write("t", "g", iter([small, large])) == 2
    assert estimate.write("t", "g", []) == 0
    empty = len('{"entries":[],"scores":[]}')
    courses = 20 * len('"' + "x" * 100 + '"') + 19
    keys = NAMES_BYTES + 1 + len("recommendations/m")
    sizes = keys + empty, keys + empty + courses
    assert estimate.items == 2
    assert estimate.item_bytes == sum(sizes) == 2 * 61 + 2059
    assert estimate.write_units == 1 + 3
    assert estimate.read_units == 1
    assert estimate.stored_gb == (sum(sizes) + 200) / 2**30
    lines = [import_line(item_of(((u.section, u.subject), u.to_json()))) for u in (small, large)]
    assert estimate.import_bytes == sum(len(line) for line in lines)


def test_what_dynamodb_would_not_take_is_refused_in_the_estimate_too():
    with pytest.raises(StoreError, match="STORED_LIST_LENGTH"):
        Estimate().write("t", "g", [row_of(7, MODEL, courses=["x" * 500] * 1000)])


def test_a_line_for_import_is_one_line_of_dynamodb_json():
    item = item_with("tab\tline\nseparator\u2028", "m", '{"a": "ü\\n"}'.encode())
    line = import_line(item)
    assert line.count(b"\n") == 1
    assert line.endswith(b"\n")
    assert json.loads(line) == {"Item": item}
