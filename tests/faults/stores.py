"""Which stores a test of this suite runs on: both, unless its fault is of one kind of store."""

import pytest


def on(*stores: str, group: str = "faults") -> pytest.MarkDecorator:
    """Tests of one store and group run on one worker, so that no second one starts its servers."""
    parameters = [
        pytest.param(store, marks=pytest.mark.xdist_group(f"{group}-{store}")) for store in stores
    ]
    return pytest.mark.parametrize("store_url", parameters, indirect=True)


on_sqlite = on("sqlite")
on_dynamodb = on("dynamodb-local")
on_each_store = on("sqlite", "dynamodb-local")
