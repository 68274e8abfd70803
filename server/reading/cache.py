"""Rows that were read lately, in this process' memory."""

import threading
from collections import OrderedDict

from shared.records import Handle, Section, Text

CacheKey = tuple[str, str, Section, Handle]
"""tenant, generation, section, subject. The text of a row that is not there is empty: as good
to know."""

ENTRY_BYTES = 400
"""What an entry takes besides its text; measured with tracemalloc."""


class RowsCache:
    """The most recently used rows, as many as fit into `max_bytes`. Safe for several threads.

    A generation never changes, so nothing here gets old; it goes when the generation goes.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._bytes = 0
        self._texts: OrderedDict[CacheKey, Text] = OrderedDict()
        self._served: dict[str, str] = {}
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._texts)

    def get(self, key: CacheKey) -> Text | None:
        """None if nothing is known."""
        with self._lock:
            text = self._texts.get(key)
            if text is not None:
                self._texts.move_to_end(key)
            return text

    def put(self, key: CacheKey, text: Text) -> None:
        with self._lock:
            if self._served.get(key[0]) != key[1]:
                self._drop_others(key[0], key[1])
            self._remove(key)
            self._texts[key] = text
            self._bytes += ENTRY_BYTES + len(text)
            while self._bytes > self._max_bytes:
                self._remove(next(iter(self._texts)))

    def holds(self, tenant: str, generation: str) -> bool:
        """True if rows of that generation can be given without asking the store."""
        with self._lock:
            return any(
                key[:2] == (tenant, generation) and text for key, text in self._texts.items()
            )

    def _drop_others(self, tenant: str, generation: str) -> None:
        self._served[tenant] = generation
        for key in [key for key in self._texts if key[0] == tenant and key[1] != generation]:
            self._remove(key)

    def _remove(self, key: CacheKey) -> None:
        text = self._texts.pop(key, None)
        if text is not None:
            self._bytes -= ENTRY_BYTES + len(text)
