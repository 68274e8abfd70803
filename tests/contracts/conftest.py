"""Every backend of the store, each way it can be reached without a cloud account."""

import secrets

import pytest

from shared.stores import open_store

WAYS_TO_A_STORE = ["sqlite", "dynamodb-moto", "dynamodb-local", "dynamodb-import"]
"""Each begins with the URL scheme of the backend that it tests."""


@pytest.fixture(params=WAYS_TO_A_STORE)
def store_url(request, tmp_path):
    """URL of a store that nobody has written to."""
    via = ""
    match request.param:
        case "sqlite":
            return f"sqlite:///{tmp_path}/store"
        case "dynamodb-moto":
            endpoint = request.getfixturevalue("dynamodb_moto")
        case "dynamodb-local":
            endpoint = request.getfixturevalue("dynamodb_local")
        case "dynamodb-import":
            endpoint = request.getfixturevalue("dynamodb_moto")
            via = f"&via=s3://{request.getfixturevalue('s3_bucket').name}/lists"
    return f"dynamodb://test-{secrets.token_hex(4)}?region=eu-west-1&endpoint={endpoint}{via}"


@pytest.fixture
def store(store_url):
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def another(store_url):
    """The same store, opened as another process would."""
    opened = open_store(store_url)
    yield opened
    opened.close()
