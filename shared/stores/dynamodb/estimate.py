"""What lists would take in DynamoDB, without writing them.

Units and sizes follow the DynamoDB developer guide; prices are the caller's.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from shared.records import Manifest, Row
from shared.stores.dynamodb.items import import_line, item_bytes, item_of, write_units

READ_UNIT_BYTES = 4096
STORAGE_BYTES_PER_ITEM = 100
"""Charged as storage for every item, beyond the item itself."""
BYTES_PER_GB = 2**30


@dataclass(slots=True)
class Estimate:
    """Takes rows as a store does, and adds up what each would be as an item."""

    items: int = 0
    item_bytes: int = 0
    write_units: int = 0
    import_bytes: int = 0
    """Of the files for ImportTable, before compression, which is what AWS charges."""

    def write(self, tenant: str, generation: str, rows: Iterable[Row]) -> int:
        """Raises StoreError for a row that DynamoDB would not take."""
        before = self.items
        for row in rows:
            item = item_of(((row.section, row.subject), row.to_json()))
            self.items += 1
            self.item_bytes += item_bytes(item)
            self.write_units += write_units(item)
            self.import_bytes += len(import_line(item))
        return self.items - before

    def save_progress(self, manifest: Manifest) -> None:
        """Nothing to resume."""

    @property
    def read_units(self) -> int:
        """For counting all items once, which is done before they go live."""
        return -(-self.item_bytes // READ_UNIT_BYTES)

    @property
    def stored_gb(self) -> float:
        return (self.item_bytes + STORAGE_BYTES_PER_ITEM * self.items) / BYTES_PER_GB

    @property
    def imported_gb(self) -> float:
        return self.import_bytes / BYTES_PER_GB
