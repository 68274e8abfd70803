"""A copy of every manifest, in a file of its own.

Without it lists that are all there would be lost with the control file: nobody knew what they are.
"""

from contextlib import suppress
from pathlib import Path

from shared.stores.manifests import MANIFEST

FOLDER = "manifests"


class ManifestCopies:
    """FOLDER/manifests/TENANT/GENERATION.json. A copy that cannot be written is missed later, and
    stops nobody now."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER

    def put(self, tenant: str, name: str, text: bytes) -> None:
        path = self._path(tenant, name)
        if path is None:
            return
        new = path.with_suffix(".new")
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            new.write_bytes(text)
            new.replace(path)
        with suppress(OSError):
            new.unlink(missing_ok=True)

    def remove(self, tenant: str, name: str) -> None:
        if path := self._path(tenant, name):
            with suppress(OSError):
                path.unlink(missing_ok=True)

    def read(self, tenant: str) -> dict[str, bytes]:
        """Name of the record -> text, as far as they can be read."""
        found = {}
        for path in sorted((self._folder / tenant).glob("*.json")):
            with suppress(OSError):
                found[MANIFEST + path.stem] = path.read_bytes()
        return found

    def _path(self, tenant: str, name: str) -> Path | None:
        if not name.startswith(MANIFEST):
            return None
        return self._folder / tenant / f"{name.removeprefix(MANIFEST)}.json"
