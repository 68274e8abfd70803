"""A bucket in moto, and what is in it."""

import secrets
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any, Self

import boto3


@dataclass
class S3Bucket:
    client: Any
    name: str

    @classmethod
    @contextmanager
    def created(cls, endpoint: str) -> Iterator[Self]:
        with closing(
            boto3.client(
                "s3",
                endpoint_url=endpoint,
                region_name="us-east-1",
                aws_access_key_id="local",
                aws_secret_access_key="local",
            )
        ) as client:
            bucket = cls(client, f"kindred-{secrets.token_hex(4)}")
            client.create_bucket(Bucket=bucket.name)
            yield bucket

    @property
    def keys(self) -> list[str]:
        listed = self.client.list_objects_v2(Bucket=self.name)
        return [found["Key"] for found in listed.get("Contents", [])]

    def read(self, key: str) -> bytes:
        return self.client.get_object(Bucket=self.name, Key=key)["Body"].read()
