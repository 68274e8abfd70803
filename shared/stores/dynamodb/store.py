"""Rows in DynamoDB: one table per generation, and a small control table.

    PREFIX-control                  tenant, name -> version, text: state and manifests of all
    PREFIX-TENANT-GENERATION-rows   subject, section -> row: one generation, never changed

A table per generation: old and new never mix, removing one is free, and it can be filled by
ImportTable (imports.py), which only fills new tables. All tables are on-demand. Nothing here ever
expires: with a time to live, a nightly run that fails would empty the service.
"""

import secrets
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import Any, Self

from shared.backoff import Patience
from shared.errors import Conflict, GenerationMissing, StoreError
from shared.records import Key, Section, Text
from shared.stores.backend import StoredRow
from shared.stores.base import Store
from shared.stores.dynamodb.address import Address, Folder
from shared.stores.dynamodb.bucket import Bucket
from shared.stores.dynamodb.connection import TABLE_SECONDS, Connection
from shared.stores.dynamodb.errors import TableMissing
from shared.stores.dynamodb.imports import Imports
from shared.stores.dynamodb.items import Item, item_of, subject_key
from shared.stores.dynamodb.pace import Pace

# A reader has a caller waiting (2 s in all); a writer has hours of training to lose.
READER_PATIENCE = Patience(3, 0.05, 0.1, connect_timeout_seconds=0.5, read_timeout_seconds=0.6)
WRITER_PATIENCE = Patience(12, 0.05, 10, connect_timeout_seconds=5, read_timeout_seconds=20)

THREADS = 8
ROWS_PER_WRITE = 25
KEYS_PER_READ = 100
ROW_KEYS = ("subject", "section")
CONTROL_KEYS = ("tenant", "name")
ROWS = "-rows"
"""Ends a table's name: a server of another format finds no table then, rather than wrong rows."""
_IMPORT = "import:"


class DynamoDBStore(Store):
    """Rows are written in the order they come: DynamoDB spreads them by a hash of the user handle,
    so no order of handles makes a hot partition."""

    def __init__(
        self,
        address: Address,
        reader_patience: Patience = READER_PATIENCE,
        writer_patience: Patience = WRITER_PATIENCE,
    ) -> None:
        super().__init__()
        self._address = address
        self._reader = Connection(address, reader_patience)
        self._writer_patience = writer_patience
        self._opened_writer: Connection | None = None
        self._lock = threading.Lock()
        self._threads = ThreadPoolExecutor(THREADS, "dynamodb")
        self._begun: set[str] = set()
        self._pace = Pace()
        self._bucket = Bucket(address, writer_patience)
        self._imports = Imports(
            self._bucket, lambda: self._writer, address.import_file_mb, address.import_minutes
        )

    @classmethod
    def from_url(cls, url: str) -> Self:
        """dynamodb://PREFIX?region=REGION and more; `Address` says what else.

        With an endpoint on loopback (DynamoDB Local) neither credentials nor a region are needed;
        anywhere else both come from the URL or from where AWS tools keep them.
        """
        return cls(Address.parse(url))

    def close(self) -> None:
        self._threads.shutdown()
        self._threads = ThreadPoolExecutor(THREADS, "dynamodb")
        for connection in (self._reader, self._opened_writer):
            if connection is not None:
                connection.close()

    @property
    def _writer(self) -> Connection:
        with self._lock:
            if self._opened_writer is None:
                self._opened_writer = Connection(self._address, self._writer_patience)
            return self._opened_writer

    @property
    def _reads(self) -> Connection:
        """Patient once this process has written, if only a lock: it has something to lose."""
        return self._opened_writer or self._reader

    # Rows of a generation

    def _create_rows(self, tenant: str, generation: str) -> None:
        table = self._table(tenant, generation)
        self._begun.add(table)
        if self._address.via is None:
            self._create_table(table)
            return
        folder = self._address.via / table
        # Whoever removes the generation finds the files by this, also without via in the URL.
        self._put_record(tenant, _IMPORT + generation, str(folder).encode())
        self._imports.begin(table, folder)

    def _create_table(self, table: str) -> None:
        self._writer.create_table(table, ROW_KEYS, self._address.warm_write_units)

    def _put_rows(self, tenant: str, generation: str, rows: Sequence[StoredRow]) -> None:
        items = [item_of(row) for row in rows]
        with self._rows(tenant, generation) as table:
            self._begun.add(table)
            if table in self._imports:
                self._imports.append(table, items)
            else:
                self._put_items(table, items)

    def _put_items(self, table: str, items: list[Item]) -> None:
        writes = [
            self._threads.submit(self._put_batch, table, items[i : i + ROWS_PER_WRITE])
            for i in range(0, len(items), ROWS_PER_WRITE)
        ]
        try:
            for write in writes:
                write.result()
        finally:
            # After a failure nothing may go on writing behind the caller's back.
            for write in writes:
                write.cancel()
            wait(writes)

    def _put_batch(self, table: str, items: list[Item]) -> None:
        puts = [{"PutRequest": {"Item": item}} for item in items]
        for _ in self._writer.batch("batch_write_item", table, puts, self._pace):
            pass

    def _seal_rows(self, tenant: str, generation: str) -> None:
        """What DynamoDB acknowledged is durable; files are still to be imported."""
        table = self._table(tenant, generation)
        if table in self._imports:
            self._imports.load(table, ROW_KEYS)
            # Files that cannot be removed now go with the generation.
            with suppress(StoreError):
                self._remove_files(tenant, generation)

    def _keep_sections(self, tenant: str, generation: str, sections: Sequence[Section]) -> None:
        """Nothing to remove: a section that is written again replaces its rows one by one."""
        if self._read_record(tenant, _IMPORT + generation):
            raise GenerationMissing(
                f"Generation {generation} was being written as files for ImportTable, of which the "
                "last is lost; it cannot be continued."
            )
        table = self._table(tenant, generation)
        self._begun.add(table)
        self._create_table(table)

    def _checksum_rows(self, tenant: str, generation: str) -> str | None:
        """DynamoDB keeps checksums of what it stores."""
        return None

    def _size_bytes(self, tenant: str, generation: str) -> int | None:
        with self._rows(tenant, generation) as table:
            answer = self._reads.call("describe_table", TableName=table)
            # Brought up to date about every six hours; until then it says 0.
            return answer["Table"]["TableSizeBytes"] or None

    def _count_rows(self, tenant: str, generation: str) -> dict[Section, int]:
        with self._rows(tenant, generation) as table:
            counts = self._threads.map(lambda part: self._count_part(table, part), range(THREADS))
            return dict(sum(counts, Counter()))

    def _count_part(self, table: str, part: int) -> Counter[str]:
        pages = self._writer.pages(
            "scan",
            TableName=table,
            Segment=part,
            TotalSegments=THREADS,
            ProjectionExpression="#section",
            ExpressionAttributeNames={"#section": "section"},
            ConsistentRead=True,
        )
        return Counter(item["section"]["S"] for page in pages for item in page["Items"])

    def _get_rows(self, tenant: str, generation: str, keys: Sequence[Key]) -> Mapping[Key, Text]:
        asked = {(section, subject_key(subject)): (section, subject) for section, subject in keys}
        item_keys = [{"subject": {"S": key}, "section": {"S": section}} for section, key in asked]
        with self._rows(tenant, generation) as table:
            # Cheap reads may lag a second behind a write: enough for all but who has just written.
            just_written, connection = table in self._begun, self._reads
            if len(item_keys) == 1:
                answer = connection.call(
                    "get_item", TableName=table, Key=item_keys[0], ConsistentRead=just_written
                )
                items = [answer["Item"]] if "Item" in answer else []
            else:
                items = [
                    item
                    for i in range(0, len(item_keys), KEYS_PER_READ)
                    for answer in connection.batch(
                        "batch_get_item",
                        table,
                        {"Keys": item_keys[i : i + KEYS_PER_READ], "ConsistentRead": just_written},
                    )
                    for item in answer["Responses"].get(table, [])
                ]
        return {
            asked[item["section"]["S"], item["subject"]["S"]]: item["row"]["S"] for item in items
        }

    def _drop_rows(self, tenant: str, generation: str) -> None:
        table = self._table(tenant, generation)
        files = self._read_record(tenant, _IMPORT + generation)
        # A run that died may have left an import behind, and AWS has no call to end one.
        wait_seconds = 60 * self._address.import_minutes if files else TABLE_SECONDS
        self._writer.drop_table(table, wait_seconds)
        # What format 1 called its table: nobody else would remove it.
        self._writer.drop_table(table.removesuffix(ROWS), wait_seconds)
        self._imports.forget(table)
        self._remove_files(tenant, generation)

    def _remove_files(self, tenant: str, generation: str) -> None:
        if files := self._read_record(tenant, _IMPORT + generation):
            self._bucket.empty(Folder.parse(str(files[0])))
            self._delete_record(tenant, _IMPORT + generation)

    def _table(self, tenant: str, generation: str) -> str:
        return f"{self._address.prefix}-{tenant}-{generation}{ROWS}"

    @contextmanager
    def _rows(self, tenant: str, generation: str) -> Iterator[str]:
        """The name of the generation's table."""
        table = self._table(tenant, generation)
        try:
            yield table
        except TableMissing as error:
            raise GenerationMissing(
                f"The rows of generation {generation} are gone: DynamoDB ({self._address}) has "
                f"no table {table}."
            ) from error

    # Records

    def _read_record(self, tenant: str, name: str) -> tuple[bytes | str, int] | None:
        try:
            item = self._reads.call(
                "get_item",
                TableName=self._control,
                Key={"tenant": {"S": tenant}, "name": {"S": name}},
                ConsistentRead=True,
            ).get("Item")
        except TableMissing:
            return None
        return None if item is None else (item["text"]["S"], int(item["version"]["N"]))

    def _list_records(self, tenant: str, prefix: str) -> list[tuple[str, bytes | str]]:
        pages = self._reads.pages(
            "query",
            TableName=self._control,
            KeyConditionExpression="#tenant = :tenant AND begins_with(#name, :prefix)",
            ExpressionAttributeNames={"#tenant": "tenant", "#name": "name"},
            ExpressionAttributeValues={":tenant": {"S": tenant}, ":prefix": {"S": prefix}},
            ConsistentRead=True,
        )
        try:
            return [(item["name"]["S"], item["text"]["S"]) for p in pages for item in p["Items"]]
        except TableMissing:
            return []

    def _put_record(self, tenant: str, name: str, text: bytes) -> None:
        self._change_control(
            "update_item",
            Key={"tenant": {"S": tenant}, "name": {"S": name}},
            UpdateExpression="SET #text = :text ADD #version :one",
            ExpressionAttributeNames={"#text": "text", "#version": "version"},
            ExpressionAttributeValues={":text": {"S": text.decode()}, ":one": {"N": "1"}},
        )

    def _swap_record(self, tenant: str, name: str, text: bytes, version: int) -> None:
        written_by = secrets.token_hex(8)
        key = {"tenant": {"S": tenant}, "name": {"S": name}}
        condition: dict[str, Any] = {
            "ConditionExpression": "#version = :version",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":version": {"N": str(version)}},
        }
        if version == 0:
            condition = {
                "ConditionExpression": "attribute_not_exists(#tenant)",
                "ExpressionAttributeNames": {"#tenant": "tenant"},
            }
        item = key | {
            "version": {"N": str(version + 1)},
            "text": {"S": text.decode()},
            "written_by": {"S": written_by},
        }
        try:
            self._change_control("put_item", Item=item, **condition)
        except Conflict as error:
            # A put whose answer was lost is sent again, and then loses against itself.
            answer = self._writer.call(
                "get_item", TableName=self._control, Key=key, ConsistentRead=True
            )
            if answer.get("Item", {}).get("written_by") != item["written_by"]:
                raise Conflict(
                    f"The record {name} of tenant {tenant} was changed by another."
                ) from error

    def _delete_record(self, tenant: str, name: str) -> None:
        self._change_control("delete_item", Key={"tenant": {"S": tenant}, "name": {"S": name}})

    def _change_control(self, operation: str, **request: Any) -> None:
        try:
            self._writer.call(operation, TableName=self._control, **request)
        except TableMissing:
            self._writer.create_table(self._control, CONTROL_KEYS)
            self._writer.call(operation, TableName=self._control, **request)

    @property
    def _control(self) -> str:
        return f"{self._address.prefix}-control"
