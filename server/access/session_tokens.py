"""What a session's cookie holds: which key signed in, and a signature that only servers can make.

The key of the signature is made of the server's secret and of the stored hash of the API key: who
has read either alone can make no session, and a session ends with its key.
"""

import fcntl
import hmac
import logging
import os
import secrets
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from itsdangerous import BadData, URLSafeTimedSerializer

SESSION_SECONDS = 12 * 3600
_SALT = "kindred explorer"

_log = logging.getLogger(__name__)


class SessionTokens:
    """Safe to use from several threads and processes."""

    def __init__(self, secret: bytes, ended: Iterable[Path]) -> None:
        """`ended` are files that name sessions which have ended, shared by all workers."""
        self._secret = secret
        self._ended = EndedSessions(ended)

    def issue(self, key_id: str, key_hash: bytes) -> str:
        session = secrets.token_hex(8)
        return f"{key_id}.{self._serializer(key_hash).dumps([key_id, session])}"

    def is_valid(self, token: str, key_id: str, key_hash: bytes) -> bool:
        """Whether this key's session is under way."""
        session = self._session(token, key_id, key_hash)
        return session is not None and session not in self._ended

    def end(self, token: str, key_id: str, key_hash: bytes) -> None:
        """From now on the token opens nothing, here and in every worker."""
        session = self._session(token, key_id, key_hash)
        if session is not None and session not in self._ended:
            self._ended.add(session)

    def _session(self, token: str, key_id: str, key_hash: bytes) -> str | None:
        try:
            signed = self._serializer(key_hash).loads(
                token.partition(".")[2], max_age=SESSION_SECONDS
            )
        except BadData:
            return None
        signed_by, session = signed
        return str(session) if signed_by == key_id else None

    def _serializer(self, key_hash: bytes) -> URLSafeTimedSerializer:
        return URLSafeTimedSerializer(hmac.digest(self._secret, key_hash, "sha256"), salt=_SALT)


class EndedSessions:
    """Sessions that ended before their time was up, one a line of each file: `SESSION UNTIL`."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = list(files)
        self._sizes: dict[Path, int] = {}
        self._ended: set[str] = set()

    def __contains__(self, session: str) -> bool:
        for file in self._files:
            self._follow(file)
        return session in self._ended

    def add(self, session: str) -> None:
        self._ended.add(session)
        line = f"{session} {time.time() + SESSION_SECONDS:.0f}\n".encode()
        failures = [error for file in self._files if (error := _append(file, line))]
        if failures:
            _log.warning(
                "That a session has ended cannot be kept: %s. It may be taken for valid again by "
                "another server, or after a restart.",
                failures[0],
            )

    def _follow(self, file: Path) -> None:
        with suppress(OSError):
            size = file.stat().st_size
            if size != self._sizes.get(file, 0):
                self._ended |= {session for session, _ in _lines(file)}
                self._sizes[file] = size


def forget_old_sessions(file: Path) -> None:
    """Empty a file none of whose sessions could still be valid."""
    with suppress(OSError), _locked(file) as descriptor:
        if all(until < time.time() for _, until in _lines(file)):
            os.truncate(descriptor, 0)


def _append(file: Path, line: bytes) -> OSError | None:
    try:
        with _locked(file) as descriptor:
            os.write(descriptor, line)
    except OSError as error:
        return error
    return None


@contextmanager
def _locked(file: Path) -> Iterator[int]:
    descriptor = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield descriptor
    finally:
        os.close(descriptor)


def _lines(file: Path) -> list[tuple[str, float]]:
    """Those that are whole."""
    lines = (line.split() for line in file.read_text("ascii", "replace").splitlines())
    return [(line[0], float(line[1])) for line in lines if len(line) == 2 and line[1].isdecimal()]
