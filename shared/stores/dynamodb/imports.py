"""Lists into a new table without write units: as files in S3, which DynamoDB imports.

    begin ──> append, append, ... (each full file goes to S3) ──> load: ImportTable, wait

Nothing is kept on disk: an open file is its compressed bytes in memory.
"""

import gzip
import io
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from shared.backoff import Pauses
from shared.errors import StoreError, StoreUnavailable
from shared.stores.dynamodb.address import Folder
from shared.stores.dynamodb.bucket import Bucket
from shared.stores.dynamodb.connection import Connection, table_request
from shared.stores.dynamodb.items import Item, import_line

COMPRESSION_LEVEL = 6


class ImportFile:
    """DynamoDB JSON lines, compressed."""

    def __init__(self) -> None:
        self.raw_bytes = 0
        self._content = io.BytesIO()
        self._lines = gzip.GzipFile(
            fileobj=self._content, mode="wb", compresslevel=COMPRESSION_LEVEL, mtime=0
        )

    def append(self, item: Item) -> None:
        self.raw_bytes += self._lines.write(import_line(item))

    def finish(self) -> io.BytesIO:
        self._lines.close()
        self._content.seek(0)
        return self._content


@dataclass(slots=True)
class Import:
    """A table to be: its files so far."""

    table: str
    folder: Folder
    open_file: ImportFile = field(default_factory=ImportFile)
    files: int = 0


class Imports:
    """The tables that are being written as files; safe to use from several threads."""

    def __init__(
        self, bucket: Bucket, connection: Callable[[], Connection], file_mb: int, minutes: int
    ) -> None:
        self._bucket, self._connection = bucket, connection
        self._file_bytes, self._minutes = file_mb * 2**20, minutes
        self._lock = threading.Lock()
        self._open: dict[str, Import] = {}

    def __contains__(self, table: str) -> bool:
        return table in self._open

    def begin(self, table: str, folder: Folder) -> None:
        self._open[table] = Import(table, folder)

    def forget(self, table: str) -> None:
        self._open.pop(table, None)

    def append(self, table: str, items: Iterable[Item]) -> None:
        """Raises StoreError if a full file cannot be uploaded."""
        with self._lock:
            one = self._open[table]
            for item in items:
                one.open_file.append(item)
                if one.open_file.raw_bytes >= self._file_bytes:
                    self._upload(one)

    def load(self, table: str, keys: tuple[str, str]) -> None:
        """Make the table of the files; returns when it can be read.

        Raises StoreError if DynamoDB could not import every item.
        """
        with self._lock:
            one = self._open[table]
            self._upload(one)
        if one.files:
            self._import(one, keys)
        else:
            # ImportTable takes no empty folder.
            self._connection().create_table(table, keys)
        self.forget(table)

    def _upload(self, one: Import) -> None:
        if not one.open_file.raw_bytes:
            return
        # A random name: who reopens the store need not know how many files there are.
        self._bucket.put(one.folder, f"{secrets.token_hex(8)}.json.gz", one.open_file.finish())
        one.open_file = ImportFile()
        one.files += 1

    def _import(self, one: Import, keys: tuple[str, str]) -> None:
        connection = self._connection()
        description = connection.call(
            "import_table",
            # The same for every attempt, so that a lost answer starts no second import.
            ClientToken=secrets.token_hex(16),
            S3BucketSource={"S3Bucket": one.folder.bucket, "S3KeyPrefix": f"{one.folder.prefix}/"},
            InputFormat="DYNAMODB_JSON",
            InputCompressionType="GZIP",
            TableCreationParameters=table_request(one.table, keys),
        )["ImportTableDescription"]
        pauses = Pauses(60 * self._minutes)
        while description["ImportStatus"] in ("IN_PROGRESS", "CANCELLING"):
            if not pauses.pause():
                raise StoreUnavailable(
                    f"DynamoDB has not imported table {one.table} in {self._minutes} minutes. Look "
                    "at the import in the AWS console; import_minutes in STORE_URL waits longer."
                )
            description = connection.call("describe_import", ImportArn=description["ImportArn"])[
                "ImportTableDescription"
            ]
        if description["ImportStatus"] != "COMPLETED" or description.get("ErrorCount"):
            raise StoreError(_what_went_wrong(one, description))
        connection.wait_until_active(one.table)


def _what_went_wrong(one: Import, description: dict[str, object]) -> str:
    why = [
        str(description[name]) for name in ("FailureCode", "FailureMessage") if name in description
    ]
    logs = description.get("CloudWatchLogGroupArn", "/aws-dynamodb/imports")
    return (
        f"DynamoDB could not import table {one.table} from {one.folder}: "
        f"{description['ImportStatus']}{''.join(f', {reason}' for reason in why)}; "
        f"{description.get('ErrorCount', 0)} of {description.get('ProcessedItemCount', 0)} items "
        f"failed. The log group {logs} names them. Nothing was published; run the generator again, "
        "without --via if it stays so."
    )
