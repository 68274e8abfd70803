"""Which stores a test of this suite runs on: both, unless its fault is of one kind of store."""

import pytest


def on(*stores: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("store_url", stores, indirect=True)


on_sqlite = on("sqlite")
on_dynamodb = on("dynamodb-local")
on_each_store = on("sqlite", "dynamodb-local")
