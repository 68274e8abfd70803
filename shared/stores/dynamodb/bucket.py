"""The door to S3, for the files that ImportTable reads."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cached_property
from typing import Any, BinaryIO

from botocore.config import Config
from botocore.exceptions import ClientError

from shared.backoff import Patience
from shared.errors import StoreError, StoreUnavailable
from shared.stores.dynamodb.address import Address, Folder
from shared.stores.dynamodb.clients import open_client
from shared.stores.dynamodb.errors import FAILURES, is_transient


class BucketMissing(StoreError):
    """The adapter's own: no such bucket."""


class Bucket:
    """Opened when first used, so that a store which only reads needs no S3 at all.

    The endpoint is the region's, or what AWS_ENDPOINT_URL_S3 says.
    """

    def __init__(self, address: Address, patience: Patience) -> None:
        self._address, self._patience = address, patience

    def put(self, folder: Folder, name: str, content: BinaryIO) -> None:
        # Not in parts: a part upload that dies leaves parts that no listing shows but AWS charges.
        with _translated("put_object", folder):
            self._client.put_object(
                Bucket=folder.bucket, Key=f"{folder.prefix}/{name}", Body=content
            )

    def empty(self, folder: Folder) -> None:
        """Remove every file in the folder; no error if there is none, or no bucket any more."""
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=folder.bucket, Prefix=f"{folder.prefix}/"
        )
        with suppress(BucketMissing), _translated("delete_object", folder):
            for page in pages:
                for found in page.get("Contents", []):
                    self._client.delete_object(Bucket=folder.bucket, Key=found["Key"])

    @cached_property
    def _client(self) -> Any:
        config = Config(
            connect_timeout=self._patience.connect_timeout_seconds,
            read_timeout=self._patience.read_timeout_seconds,
            retries={"mode": "standard", "total_max_attempts": self._patience.attempts},
        )
        return open_client("s3", self._address, config, None)


@contextmanager
def _translated(operation: str, folder: Folder) -> Iterator[None]:
    try:
        yield
    except FAILURES as error:
        code = error.response["Error"]["Code"] if isinstance(error, ClientError) else ""
        if code == "NoSuchBucket":
            raise BucketMissing(
                f"There is no S3 bucket {folder.bucket}; create it, or name another after via= in "
                "STORE_URL or with --via."
            ) from error
        if code and not is_transient(error):
            raise StoreUnavailable(
                f"S3 refuses {operation} on {folder}: {error}. Allow it in the policy of these "
                "credentials; deploy/aws/generator-policy.json has all that is needed."
            ) from error
        raise StoreUnavailable(
            f"S3 failed at {operation} on {folder}: {error} Try again; if it stays so, check the "
            "network, the credentials and the region in STORE_URL."
        ) from error
