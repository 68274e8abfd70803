"""The secret that signs sessions, and where those that ended before their time are remembered.

Both lie in files beside each other, so that a restart neither ends a session nor revives one, and
servers that share the folder share both. Without a disk both live in memory, as long as the server.
"""

import os
import re
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from server.access.session_tokens import forget_old_sessions
from shared.errors import SettingsError

ENDED = ".ended"
_SECRET = re.compile(rb"[0-9a-f]{64}\s*")


@dataclass(frozen=True, slots=True)
class SessionSecret:
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    ended: tuple[Path, ...] = ()
    """Files that name sessions which have ended; workers read and write all of them."""


@contextmanager
def session_secret(path: Path | None, say: Callable[[str], None]) -> Iterator[SessionSecret]:
    """The secret in `path`, made if there is none, for one server and its workers.

    Without a path, or if it can be neither read nor made, which is said, a new one that lives as
    long as the server. Raises SettingsError if what is there is no secret.
    """
    secret, ended = secrets.token_bytes(32), []
    try:
        if path is not None:
            secret = _read(path) or _made(path)
            ended = [path.with_name(path.name + ENDED)]
            forget_old_sessions(ended[0])
    except OSError as error:
        say(
            f"WARNING: SESSION_SECRET_FILE, {path}, can be neither read nor made "
            f"({error.strerror}), so who is signed in to the explorer signs in again after a "
            "restart. Name a file in a folder that this user may write to, or make one there: "
            "64 hexadecimal digits."
        )
    memory = os.memfd_create("kindred-sessions") if sys.platform == "linux" else None
    try:
        if memory is not None:
            # What the disk has no room for is known to the other workers all the same.
            ended.append(Path(f"/proc/{os.getpid()}/fd/{memory}"))
        yield SessionSecret(secret, tuple(ended))
    finally:
        if memory is not None:
            os.close(memory)


def _read(path: Path) -> bytes | None:
    with suppress(FileNotFoundError):
        text = path.read_bytes()
        if not _SECRET.fullmatch(text):
            raise SettingsError(
                f"SESSION_SECRET_FILE, {path}, holds no secret: 64 hexadecimal digits. Remove it, "
                "and the next start makes a new one."
            )
        return bytes.fromhex(text.decode())
    return None


def _made(path: Path) -> bytes:
    """A new secret, or that of a server that made one at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Made with mode 0600, and given its name when it is whole.
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_hex(32).encode())
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        Path(name).unlink()
    return _read(path) or secrets.token_bytes(32)
