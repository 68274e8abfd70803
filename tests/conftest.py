"""What all tests share: no AWS account, and servers that start when a test asks for them."""

import gc
import os
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import boto3
import pytest

from tests.dynamodb_local import running_dynamodb_local, what_is_missing
from tests.moto_server import running_moto
from tests.s3_bucket import S3Bucket

HELD_BY_A_RUN = 300 * 2**20
"""Bytes: Python with pandas and scipy, and a small platform."""


def pytest_collection_finish() -> None:
    """What is imported stays, so that no collection of garbage need look through it.

    It is 400,000 objects, and a run of the generator collects four times: half of what it takes.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="module", autouse=True)
def what_is_left_of_a_module_is_left_alone() -> Iterator[None]:
    """Likewise what its tests imported and built: networks leave millions of objects."""
    yield
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def no_aws_account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hide the AWS credentials and settings of whoever runs the tests."""
    nowhere = tmp_path_factory.mktemp("aws") / "absent"
    with pytest.MonkeyPatch.context() as environment:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            environment.delenv(name)
        environment.setenv("AWS_CONFIG_FILE", str(nowhere))
        environment.setenv("AWS_SHARED_CREDENTIALS_FILE", str(nowhere))
        environment.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield


@pytest.fixture(scope="session", autouse=True)
def no_rehearsal() -> Iterator[None]:
    """Runs are not rehearsed unless a test says so: that fits every model twice."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("EVALUATE", "false")
        yield


@pytest.fixture(scope="session", autouse=True)
def runs_as_of_a_new_process() -> Iterator[None]:
    """A run plans beside what its process holds; a worker holds what all tests before it left."""
    with pytest.MonkeyPatch.context() as plans:
        for room in ("generator.plan", "generator.reranking.diversity"):
            plans.setattr(f"{room}.resident_bytes", lambda: HELD_BY_A_RUN)
        yield


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


@pytest.fixture
def dynamodb_client(dynamodb_moto: str) -> Iterator[Any]:
    """boto3 as anybody uses it, on moto."""
    with closing(
        boto3.client(
            "dynamodb",
            endpoint_url=dynamodb_moto,
            region_name="us-east-1",
            aws_access_key_id="local",
            aws_secret_access_key="local",
        )
    ) as bare:
        yield bare


@pytest.fixture
def s3_bucket(dynamodb_moto: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[S3Bucket]:
    """A bucket in moto, which S3 clients of this test find like one in AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", dynamodb_moto)
    with S3Bucket.created(dynamodb_moto) as bucket:
        yield bucket
