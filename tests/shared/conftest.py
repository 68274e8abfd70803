"""DynamoDB stores behind a proxy that can get in the way."""

import secrets
from contextlib import closing

import pytest

from shared.backoff import Patience
from shared.stores.dynamodb import DynamoDBStore
from shared.stores.dynamodb.address import Address
from tests.faulty_dynamodb import faulty_dynamodb

ATTEMPTS = 4
HASTY = Patience(ATTEMPTS, 0.001, 0.005, connect_timeout_seconds=5, read_timeout_seconds=30)


@pytest.fixture
def dynamodb(dynamodb_moto):
    with faulty_dynamodb(dynamodb_moto) as faulty:
        yield faulty


@pytest.fixture
def address(dynamodb):
    return Address(f"test-{secrets.token_hex(4)}", endpoint=dynamodb.endpoint)


@pytest.fixture
def store(address):
    with closing(DynamoDBStore(address, HASTY, HASTY)) as opened:
        yield opened


@pytest.fixture
def reader(address):
    """The same tables, seen by a process that writes nothing."""
    with closing(DynamoDBStore(address, HASTY, HASTY)) as opened:
        yield opened


@pytest.fixture
def client(dynamodb_client):
    return dynamodb_client
