from pathlib import Path

from benchmarks.publish import dynamodb, sqlite
from benchmarks.publish.rows import random_lists


def test_rates_on_sqlite_are_of_rows_that_went_live(tmp_path: Path) -> None:
    lists = random_lists(500)
    written, whole = sqlite.rows_per_second(tmp_path / "store", lists)
    assert written > whole > 0
    assert sqlite.bare_rows_per_second(tmp_path / "bare.sqlite", lists) > 0


def test_the_bare_loop_on_dynamodb_writes_what_the_store_does(dynamodb_moto: str) -> None:
    lists = random_lists(60)
    assert dynamodb.rows_per_second(dynamodb_moto, lists) > 0
    assert dynamodb.bare_rows_per_second(dynamodb_moto, lists) > 0
