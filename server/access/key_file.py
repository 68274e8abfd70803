"""The file of API keys: read whole, checked whole, replaced whole."""

import errno
import fcntl
import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from server.access.api_keys import ApiKey
from shared.errors import SettingsError

MAX_KEYS = 10_000
_MOUNT_FOLDER = (
    "Mount the folder of the file and not the file itself, which changes replace; then start anew."
)


class KeysOutOfSight(SettingsError):
    """There are other keys by now, which this process has no way to read."""


class _Contents(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int = Field(1, ge=1, le=1)
    keys: list[ApiKey] = Field(max_length=MAX_KEYS)

    @field_validator("keys")
    @classmethod
    def _ids_are_unique(cls, keys: list[ApiKey]) -> list[ApiKey]:
        if len({key.key_id for key in keys}) < len(keys):
            raise ValueError("two keys have the same key_id")
        return keys


def parse(text: bytes, path: Path) -> list[ApiKey]:
    """Raises SettingsError if the file is not as `keys create` writes it."""
    try:
        return _Contents.model_validate_json(text).keys
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, first["loc"])) or "the file"
        raise SettingsError(
            f"API_KEYS_FILE, {path}, is damaged: {place}: {first['msg']}. Put back a copy, or "
            "remove it and make new keys with `python run_server.py keys create --tenant NAME`."
        ) from None


def read(path: Path) -> list[ApiKey] | None:
    """The keys; None if there is no such file. Raises SettingsError if it cannot be used."""
    text = read_bytes(path)
    return None if text is None else parse(text, path)


def read_bytes(path: Path) -> bytes | None:
    """None if there is no such file. Raises SettingsError if there is one that cannot be read,
    KeysOutOfSight if it is certain that others are in use elsewhere."""
    try:
        with path.open("rb") as file:
            # A file that has no name any more and is still found by one is mounted itself, and was
            # replaced where it came from: what replaced it is out of sight.
            if os.fstat(file.fileno()).st_nlink == 0:
                raise KeysOutOfSight(
                    f"API_KEYS_FILE, {path}, was replaced where it is mounted from, and what "
                    f"replaced it cannot be seen here. {_MOUNT_FOLDER}"
                )
            return file.read()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"Cannot read API_KEYS_FILE, {path}: {error.strerror}.") from error


def change(path: Path, edit: Callable[[list[ApiKey]], list[ApiKey]]) -> None:
    """Replace the keys by what `edit` makes of them; two changes at once come one after the other.

    Raises SettingsError if the file cannot be read or written, or may not hold such keys.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _locked(path.parent):
            contents = _Contents(version=1, keys=edit(read(path) or []))
            # A right that every key has is not written: older servers know of none.
            _replace(path, contents.model_dump_json(indent=1, exclude_defaults=True).encode())
    except ValidationError as error:
        raise SettingsError(f"These keys cannot be kept: {error.errors()[0]['msg']}.") from None
    except OSError as error:
        cure = f" {_MOUNT_FOLDER}" if error.errno == errno.EBUSY else ""
        raise SettingsError(
            f"Cannot write API_KEYS_FILE, {path}: {error.strerror}.{cure}"
        ) from error


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """The folder is locked, since the file itself is replaced."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _replace(path: Path, text: bytes) -> None:
    # Made with mode 0600, and beside the old one, so that it can take its place in one step.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
