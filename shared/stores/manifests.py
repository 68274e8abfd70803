"""Manifests as records of the store, each written by one process at a time.

A run that was away for longer than its lock must not write into a generation that another run has
continued, or removed, meanwhile. The version of the manifest's record tells: whoever takes a
generation over writes the record, and is from then on the only one who knows its version.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TypeVar

from shared.errors import Conflict, GenerationDamaged, GenerationMissing, LockHeld, StoreError
from shared.records import Manifest
from shared.stores.backend import Backend, check_names

MANIFEST = "manifest:"

Parsed = TypeVar("Parsed")


class Manifests(Backend):
    def __init__(self) -> None:
        self._versions: dict[tuple[str, str], int] = {}
        """Tenant and generation -> the version that this process wrote last."""

    def _load(self, tenant: str, generation: str) -> Manifest:
        """Raises GenerationMissing, GenerationDamaged."""
        return self._load_version(tenant, generation)[0]

    def published(self, tenant: str) -> list[Manifest]:
        """Generations that were published by what their manifests say, newest first: what is left
        to serve where the state is lost. Manifests that cannot be read come from their copies; if
        there are none of these, and no record can be read, StoreError is raised.
        """
        check_names(tenant)
        copies = self._copied_records(tenant)
        manifests = _by_generation(copies.items())
        try:
            manifests |= {name: m for name, m in self._manifests(tenant).items() if m}
        except StoreError:
            if not copies:
                raise
        known = [manifest for manifest in manifests.values() if manifest and manifest.published_at]
        return sorted(known, key=lambda manifest: str(manifest.published_at), reverse=True)

    def _manifests(self, tenant: str) -> dict[str, Manifest | None]:
        """By generation; None in place of one that cannot be read."""
        return _by_generation(self._list_records(tenant, MANIFEST))

    def _add_manifest(self, manifest: Manifest) -> None:
        """Raises Conflict if there is one already: two runs may draw one id."""
        name = MANIFEST + manifest.generation
        self._swap_record(manifest.tenant, name, manifest.to_json(), 0)
        self._versions[manifest.tenant, manifest.generation] = 1

    def _put_manifest(self, manifest: Manifest) -> None:
        """Raises LockHeld if another run has taken the generation over."""
        key = tenant, generation = manifest.tenant, manifest.generation
        version = self._versions.get(key) or self._load_version(*key)[1]
        try:
            self._swap_record(tenant, MANIFEST + generation, manifest.to_json(), version)
        except Conflict as error:
            raise _taken_over(generation) from error
        self._versions[key] = version + 1

    def _delete_manifest(self, tenant: str, generation: str) -> None:
        self._delete_record(tenant, MANIFEST + generation)
        self._versions.pop((tenant, generation), None)

    def _is_known(self, tenant: str, generation: str) -> bool:
        """True if this process has written the manifest."""
        return (tenant, generation) in self._versions

    def _take_over(self, tenant: str, generation: str) -> Manifest:
        """The manifest, to build on; another process that did so is refused from now on."""
        manifest, version = self._load_version(tenant, generation)
        self._versions[tenant, generation] = version
        manifest.state = "building"
        self._put_manifest(manifest)
        return manifest

    def _require_ours(self, tenant: str, generation: str) -> bytes | str:
        """The manifest as it is now, unparsed. Raises LockHeld if another run has taken it over."""
        try:
            text, version = self._read_manifest(tenant, generation)
        except GenerationMissing as error:
            if self._is_known(tenant, generation):
                raise _taken_over(generation) from error
            raise
        if version != self._versions.setdefault((tenant, generation), version):
            raise _taken_over(generation)
        return text

    def _load_version(self, tenant: str, generation: str) -> tuple[Manifest, int]:
        text, version = self._read_manifest(tenant, generation)
        return parsed(Manifest.from_json, text), version

    def _read_manifest(self, tenant: str, generation: str) -> tuple[bytes | str, int]:
        check_names(tenant, generation)
        record = self._read_record(tenant, MANIFEST + generation)
        if record is None:
            raise GenerationMissing(
                f"Tenant {tenant} has no generation {generation}; "
                "`python run_generator.py generations` lists those that are there."
            )
        return record


def _by_generation(records: Iterable[tuple[str, bytes | str]]) -> dict[str, Manifest | None]:
    manifests: dict[str, Manifest | None] = {}
    for name, text in records:
        generation = name.removeprefix(MANIFEST)
        manifests[generation] = None
        with suppress(GenerationDamaged):
            manifests[generation] = parsed(Manifest.from_json, text)
    return manifests


def parsed(parse: Callable[[bytes | str], Parsed], text: bytes | str) -> Parsed:
    """Raises GenerationDamaged if the text is no such record."""
    try:
        return parse(text)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        # Of a validation error the first line says what it is of, and the others quote the record.
        what = (str(error).splitlines() or [""])[0]
        raise GenerationDamaged(
            f"The store holds a record that cannot be read ({type(error).__name__}: {what}). "
            "Roll back to another generation, or run the generator again; if a newer version of "
            "Kindred wrote it, upgrade this one."
        ) from error


def _taken_over(generation: str) -> LockHeld:
    return LockHeld(
        f"Generation {generation} was taken over by another run after the lock of this one had "
        "lapsed; this one published nothing. Run the generator again when the other is done."
    )
