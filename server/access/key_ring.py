"""The keys as a running server knows them: the file, looked at again every few seconds."""

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from server.access.api_keys import Identity, Keys
from server.access.key_file import KeysOutOfSight, parse, read_bytes
from shared.errors import SettingsError

_log = logging.getLogger(__name__)


class KeyRing:
    """Safe to use from several threads: one of them looks at the file, the others go on.

    Once there was a file, a key is needed until the server ends: a file that is lost or damaged
    leaves the keys known before, and if none were known yet, nobody gets in. Nor does anybody once
    it is certain that the keys are others by now: one of those known may have been revoked.
    """

    def __init__(self, path: Path, refresh_seconds: float, clock: Callable[[], float]) -> None:
        self._path = path
        self._refresh_seconds = refresh_seconds
        self._clock = clock
        self._lock = threading.Lock()
        self._text: bytes | None = None
        self._complaint: str | None = None
        self.keys: Keys | None = None
        self.is_guarded = False
        """Must a caller show a key?"""
        self._look()

    @property
    def is_readable(self) -> bool:
        """False as long as there is a file of which no state could be read yet."""
        return self.keys is not None or not self.is_guarded

    @property
    def trouble(self) -> str:
        """Why the file cannot be used as it is now; "" if it can."""
        return self._complaint or ""

    @property
    def tenants(self) -> list[str]:
        return self.keys.tenants if self.keys else []

    def identify(self, key: str) -> Identity | None:
        return self.keys.identify(key) if self.keys else None

    def of_id(self, key_id: str) -> tuple[Identity, bytes] | None:
        return self.keys.of_id(key_id) if self.keys else None

    def follow_file(self) -> None:
        """Look at the file again if the last look was long enough ago."""
        due = self._clock() - self._looked_at >= self._refresh_seconds
        if due and self._lock.acquire(blocking=False):
            try:
                self._look()
            finally:
                self._lock.release()

    def _look(self) -> None:
        self._looked_at = self._clock()
        try:
            text = read_bytes(self._path)
            if text is None and self.is_guarded:
                raise SettingsError(f"API_KEYS_FILE, {self._path}, is gone.")
            if text is not None and text != self._text:
                self.is_guarded = True
                self.keys = Keys(parse(text, self._path))
                self._text = text
                _log.info("API keys in use now: %d.", len(self.keys))
            self._complaint = None
        except KeysOutOfSight as error:
            self.is_guarded, self.keys, self._text = True, None, None
            self._complain(str(error))
        except SettingsError as error:
            self.is_guarded = True
            self._complain(str(error))

    def _complain(self, complaint: str) -> None:
        if complaint != self._complaint:
            self._complaint = complaint
            kept = "Nobody gets in until it is mended."
            if self.keys is not None:
                kept = f"The {len(self.keys)} keys known before stay in use."
            _log.error("%s %s", complaint, kept)
