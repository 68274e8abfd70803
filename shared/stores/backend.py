"""What a backend of the store must be able to do: the I/O, without any policy.

To add one: a module with a subclass of `Store` (base.py) that has these methods, a line in
`BACKENDS`, and a line in the contract suite, which says the rest.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import ClassVar, Self

from shared.errors import GenerationMissing, SettingsError
from shared.records import Key, Section, Text

_TENANT = re.compile(r"[a-z0-9_]{1,32}")
_GENERATION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")

StoredRow = tuple[Key, bytes]
"""Section and subject, and the row as JSON."""


class Backend(ABC):
    """Rows and records by name. Tenants and generations come checked (`check_names`)."""

    reads_are_local: ClassVar[bool] = False
    """True if a read takes microseconds, so that remembering rows would not pay."""
    checks_its_own_storage: ClassVar[bool] = True
    """False if what is read back has to be held against a checksum of ours."""

    @classmethod
    @abstractmethod
    def from_url(cls, url: str) -> Self:
        """Open without reading or writing. Raises SettingsError for a URL that makes no sense."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections and files. The store can be used again afterwards."""

    def free_bytes(self) -> int | None:
        """What may be written before the store is full; None if that is nobody's worry."""
        return None

    # Rows of a generation

    @abstractmethod
    def _create_rows(self, tenant: str, generation: str) -> None: ...

    @abstractmethod
    def _put_rows(self, tenant: str, generation: str, rows: Sequence[StoredRow]) -> None: ...

    @abstractmethod
    def _seal_rows(self, tenant: str, generation: str) -> None:
        """Make all rows durable and readable; nothing is written after this.

        Called again if the publish that called it was refused.
        """

    @abstractmethod
    def _keep_sections(self, tenant: str, generation: str, sections: Sequence[Section]) -> None:
        """Remove all other sections from a generation that is being built.

        Raises GenerationDamaged or GenerationMissing if it cannot be written on.
        """

    @abstractmethod
    def _checksum_rows(self, tenant: str, generation: str) -> str | None:
        """A digest of all sealed rows; None if the backend `checks_its_own_storage`."""

    @abstractmethod
    def _size_bytes(self, tenant: str, generation: str) -> int | None:
        """What the rows take; None if the backend cannot say."""

    @abstractmethod
    def _count_rows(self, tenant: str, generation: str) -> dict[Section, int]:
        """Rows per section, counted in the store; sections without rows are left out."""

    @abstractmethod
    def _get_rows(self, tenant: str, generation: str, keys: Sequence[Key]) -> Mapping[Key, Text]:
        """The rows of these different keys, of any sections; those that are not there left out."""

    def _stored(self, tenant: str) -> list[str]:
        """Generations whose rows take room, whoever knows of them; none if only a manifest can tell
        the backend which there are."""
        return []

    @abstractmethod
    def _drop_rows(self, tenant: str, generation: str) -> None:
        """Remove the rows; no error if they are gone already."""

    # Small records, each with a version that starts at 1

    @abstractmethod
    def _read_record(self, tenant: str, name: str) -> tuple[bytes | str, int] | None: ...

    @abstractmethod
    def _list_records(self, tenant: str, prefix: str) -> list[tuple[str, bytes | str]]:
        """Names and texts of the records whose name starts so, sorted by name."""

    @abstractmethod
    def _put_record(self, tenant: str, name: str, text: bytes) -> None: ...

    @abstractmethod
    def _swap_record(self, tenant: str, name: str, text: bytes, version: int) -> None:
        """Replace the record if it still has `version` (0: is absent); else raise Conflict."""

    def _copied_records(self, tenant: str) -> Mapping[str, bytes]:
        """Name -> text of manifests as they were put last, kept apart from the records; none if
        rows cannot outlive the records."""
        return {}

    @abstractmethod
    def _delete_record(self, tenant: str, name: str) -> None: ...


@lru_cache(maxsize=1024)  # it is asked before every read, mostly about the same names
def check_names(tenant: str, generation: str | None = None) -> None:
    """Refuse what is no tenant (SettingsError) or generation id (GenerationMissing).

    Backends make paths and table names of both, so neither may lead anywhere else.
    """
    if not _TENANT.fullmatch(tenant):
        raise SettingsError(
            f"TENANT is {tenant!r}, but must be 1 to 32 characters out of a-z, 0-9 and _."
        )
    if generation is not None and not _GENERATION.fullmatch(generation):
        raise GenerationMissing(
            f"{generation!r} is no generation; they are named like 20261121T020000Z-3f9a."
        )


def is_generation(name: str) -> bool:
    return bool(_GENERATION.fullmatch(name))


def written_twice(generation: str) -> str:
    return (
        f"Generation {generation} got two rows for one subject and section; it was not published. "
        "This is a bug in the model or in the pipeline, not in the data."
    )
