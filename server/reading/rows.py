"""Stored rows on their way to the answers: from the cache, or measured from the store."""

import time
from collections.abc import Mapping, Sequence
from functools import partial

from server.reading.breaker import Breaker
from server.reading.cache import RowsCache
from server.watching.metrics import Metrics
from server.watching.tracing import Tracing
from shared.records import Key, Row, Text
from shared.stores import Store
from shared.stores.base import parsed_row


class ReadRows:
    """Reads rows for every request; safe for several threads."""

    def __init__(
        self,
        store: Store,
        cache: RowsCache | None,
        metrics: Metrics,
        tracing: Tracing | None,
        breaker: Breaker,
    ) -> None:
        self._store = store
        self._cache = cache
        self._metrics = metrics
        self._tracing = tracing
        self._breaker = breaker

    def __call__(self, tenant: str, generation: str, keys: Sequence[Key]) -> dict[Key, Row]:
        """Several rows, of any sections; those that are not there are left out.

        Raises GenerationMissing if the generation's rows are gone, and StoreUnavailable if the
        store has to be asked and does not answer.
        """
        texts = self.texts(tenant, generation, keys)
        return {key: parsed_row(key, text) for key, text in texts.items()}

    def texts(self, tenant: str, generation: str, keys: Sequence[Key]) -> Mapping[Key, Text]:
        """The same as it is stored, unparsed."""
        if self._cache is None:
            return self._from_store(tenant, generation, keys)
        known: dict[Key, Text] = {}
        missing: list[Key] = []
        for key in keys:
            text = self._cache.get((tenant, generation, *key))
            if text is None:
                missing.append(key)
            elif text:
                known[key] = text
        counted = self._metrics.of(tenant)
        if len(missing) < len(keys):
            counted.cache_hits(len(keys) - len(missing))
        if missing:
            counted.cache_misses(len(missing))
            read = self._from_store(tenant, generation, missing)
            known.update(read)
            for key in missing:
                self._cache.put((tenant, generation, *key), read.get(key, b""))
        return known

    def holds(self, tenant: str, generation: str) -> bool:
        """True if some users could be answered without the store."""
        return self._cache is not None and self._cache.holds(tenant, generation)

    def _from_store(self, tenant: str, generation: str, keys: Sequence[Key]) -> Mapping[Key, Text]:
        counted = self._metrics.of(tenant)
        read = partial(self._store.get_texts, tenant, generation, keys)
        if self._tracing is not None:
            database, section = type(self._store).__name__, keys[0][0] if keys else ""
            read = partial(self._tracing.store_read, database, section, len(keys), read)
        started = time.perf_counter()
        try:
            texts = self._breaker.call(read)
        except Exception:
            counted.store_errors(1)
            raise
        counted.store_seconds(time.perf_counter() - started)
        return texts
