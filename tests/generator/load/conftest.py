from collections.abc import Iterator

import boto3
import pytest

from tests.generator.load.web_server import serving
from tests.moto_server import running_moto


@pytest.fixture
def web(tmp_path) -> Iterator[str]:
    """Address of a web server over `tmp_path`."""
    with serving(tmp_path) as address:
        yield address


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    with running_moto() as endpoint:
        yield endpoint


@pytest.fixture
def bucket(s3_endpoint, monkeypatch):
    """An empty bucket named tables, and the environment of somebody who may read it."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    client = boto3.client("s3", endpoint_url=s3_endpoint, region_name="us-east-1")
    client.create_bucket(Bucket="tables")
    yield client
    for item in client.list_objects_v2(Bucket="tables").get("Contents", []):
        client.delete_object(Bucket="tables", Key=item["Key"])
    client.delete_bucket(Bucket="tables")
    client.close()
