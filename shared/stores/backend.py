"""What a backend of the store must be able to do: the I/O, without any policy.

To add one: a module with a subclass of `Store` (base.py) that has these methods, a line in
`BACKENDS`, and a line in the contract suite, which says the rest.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Self

from shared.errors import GenerationMissing, SettingsError
from shared.records import Handle

_TENANT = re.compile(r"[a-z0-9_]{1,32}")
_GENERATION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{4}")

Row = tuple[Handle, str, bytes]
"""user_handle, model_handle, lists as JSON."""


class Backend(ABC):
    """Rows and records by name. Tenants and generations come checked (`check_names`)."""

    @classmethod
    @abstractmethod
    def from_url(cls, url: str) -> Self:
        """Open without reading or writing. Raises SettingsError for a URL that makes no sense."""

    @abstractmethod
    def close(self) -> None:
        """Let go of connections and files. The store can be used again afterwards."""

    # Lists of a generation

    @abstractmethod
    def _create_lists(self, tenant: str, generation: str) -> None: ...

    @abstractmethod
    def _put_rows(self, tenant: str, generation: str, rows: Sequence[Row]) -> None: ...

    @abstractmethod
    def _seal_lists(self, tenant: str, generation: str) -> None:
        """Make all rows durable and readable; nothing is written after this.

        Called again if the publish that called it was refused.
        """

    @abstractmethod
    def _keep_models(self, tenant: str, generation: str, model_handles: Sequence[str]) -> None:
        """Remove what other models have written into a generation that is being built.

        Raises GenerationDamaged or GenerationMissing if it cannot be written on.
        """

    @abstractmethod
    def _checksum_lists(self, tenant: str, generation: str) -> str | None:
        """A digest of all sealed rows; None if the backend vouches for what it returns."""

    @abstractmethod
    def _size_bytes(self, tenant: str, generation: str) -> int | None:
        """What the lists take; None if the backend cannot say."""

    @abstractmethod
    def _count_lists(self, tenant: str, generation: str) -> dict[str, int]:
        """Rows per model handle, counted in the store; models without rows are left out."""

    @abstractmethod
    def _get_rows(
        self, tenant: str, generation: str, model_handle: str, user_handles: Sequence[Handle]
    ) -> Mapping[Handle, bytes | str]: ...

    @abstractmethod
    def _drop_lists(self, tenant: str, generation: str) -> None:
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


def written_twice(generation: str) -> str:
    return (
        f"Generation {generation} got two lists for one user and model; it was not published. "
        "This is a bug in the model or in the pipeline, not in the data."
    )
