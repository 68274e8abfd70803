"""Servers that several tests share. Each starts when the first test asks for it."""

import os
from collections.abc import Iterator

import pytest

from tests.dynamodb_local import running_dynamodb_local, what_is_missing
from tests.moto_server import running_moto


@pytest.fixture(scope="session")
def dynamodb_local(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Endpoint URL of a real DynamoDB Local."""
    if missing := what_is_missing():
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    with running_dynamodb_local(tmp_path_factory.mktemp("dynamodb-local") / "log") as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def dynamodb_moto() -> Iterator[str]:
    """Endpoint URL of moto, which knows more of DynamoDB's calls and starts at once."""
    with running_moto() as endpoint:
        yield endpoint
