"""`--dry-run` and `--via` as a user types them."""

import secrets

import pytest

from shared.stores import open_store
from tests.generator.commands.shell import assert_one_sentence


@pytest.fixture
def on_dynamodb(dynamodb_moto):
    return f"dynamodb://test-{secrets.token_hex(4)}?region=us-east-1&endpoint={dynamodb_moto}"


def printed(shell):
    """The rows of the table: name -> what stands there."""
    rows = [line.strip("│").split("│") for line in shell.out.splitlines() if line[:1] == "│"]
    return {name.strip(): [cell.strip() for cell in more if cell.strip()] for name, *more in rows}


def number(text):
    return int(text.replace(",", ""))


def rows_of(client, store_url):
    opened = open_store(store_url)
    prefix = store_url.removeprefix("dynamodb://").partition("?")[0]
    items = client.scan(TableName=f"{prefix}-default-{opened.live_generation('default')}-rows")[
        "Items"
    ]
    opened.close()
    return items


def test_a_dry_run_counts_what_a_run_then_writes_and_writes_nothing(
    shell, on_dynamodb, dynamodb_client
):
    assert shell("--dry-run", "--store", on_dynamodb) == 0
    store = open_store(on_dynamodb)
    assert store.generations("default") == []
    store.close()
    table = printed(shell)
    assert shell("--store", on_dynamodb) == 0
    rows = rows_of(dynamodb_client, on_dynamodb)
    sizes = [
        sum(len(name.encode()) + len(value["S"].encode()) for name, value in row.items())
        for row in rows
    ]
    assert number(table["items"][0]) == len(rows) > 5
    assert number(table["bytes of items"][0]) == sum(sizes)
    assert number(table["write units"][0]) == sum(-(-one // 1024) for one in sizes)


def test_a_dry_run_needs_no_dynamodb_and_takes_no_lock(shell):
    with open_store(shell.store_url).lock("default"):
        assert shell("--dry-run") == 0
    assert "Nothing was written or published." in shell.out
    assert shell.live is None


def test_costs_follow_the_price_settings(shell, monkeypatch):
    monkeypatch.setenv("DYNAMODB_PRICE_PER_MILLION_WRITE_UNITS", "1000000")
    monkeypatch.setenv("DYNAMODB_PRICE_PER_MILLION_READ_UNITS", "2000000")
    monkeypatch.setenv("DYNAMODB_PRICE_PER_IMPORTED_GB", str(2**30))
    monkeypatch.setenv("DYNAMODB_PRICE_PER_GB_MONTH", str(2**30))
    monkeypatch.setenv("DYNAMODB_WRITE_UNITS_PER_SECOND", "1")
    assert shell("--dry-run") == 0
    table = printed(shell)
    items, units, reads, size, files = (
        number(table[name][0])
        for name in (
            "items",
            "write units",
            "read units to count",
            "bytes of items",
            "bytes of files",
        )
    )
    assert table["bringing in"] == [f"${units:,}.00", f"${files:,}.00"]
    assert table["counting"] == [f"${2 * reads:,}.00"] * 2
    assert table["estimated cost"] == [f"${cost + 2 * reads:,}.00" for cost in (units, files)]
    assert table["minutes at 1/s"] == [f"{units / 60:.1f}"]
    assert f"${size + 100 * items:,}.00 a month" in shell.out


def test_a_run_via_s3_publishes_the_same_rows_as_one_that_writes(
    shell, on_dynamodb, dynamodb_client, s3_bucket
):
    assert shell("--store", on_dynamodb) == 0
    written = rows_of(dynamodb_client, on_dynamodb)
    assert shell("--store", on_dynamodb, "--via", f"s3://{s3_bucket.name}/lists") == 0
    imported = rows_of(dynamodb_client, on_dynamodb)
    assert sorted(map(str, imported)) == sorted(map(str, written))
    assert s3_bucket.keys == []


def test_via_s3_is_refused_for_a_store_that_imports_nothing(shell):
    assert shell("--via", "s3://bucket/lists") == 2
    assert_one_sentence(shell, "--via", "sqlite:///", "dynamodb://PREFIX")


def test_what_is_no_folder_in_s3_is_refused(shell, on_dynamodb):
    assert shell("--store", on_dynamodb, "--via", "bucket/lists") == 2
    assert_one_sentence(shell, "bucket/lists", "s3://BUCKET/PREFIX")
