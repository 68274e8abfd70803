"""Stored lists on their way to the answers: from the cache, or measured from the store."""

import time
from collections.abc import Mapping, Sequence
from functools import partial

from server.reading.breaker import Breaker, Clock
from server.reading.cache import ListsCache, Text
from server.watching.metrics import Metrics
from server.watching.tracing import Tracing
from shared.records import Handle, UserLists
from shared.stores import Store
from shared.stores.base import parsed_lists


class ReadLists:
    """Reads lists for every request; safe for several threads."""

    def __init__(
        self,
        store: Store,
        cache: ListsCache | None,
        metrics: Metrics,
        tracing: Tracing | None,
        clock: Clock,
    ) -> None:
        self._store = store
        self._cache = cache
        self._metrics = metrics
        self._tracing = tracing
        self._breaker = Breaker(clock)

    def __call__(
        self, tenant: str, generation: str, model_handle: str, user_handles: Sequence[Handle]
    ) -> dict[Handle, UserLists]:
        """The lists of several users; users without lists from this model are left out.

        Raises GenerationMissing if the generation's lists are gone, and StoreUnavailable if the
        store has to be asked and does not answer.
        """
        texts = self.texts(tenant, generation, model_handle, user_handles)
        return {handle: parsed_lists(handle, model_handle, text) for handle, text in texts.items()}

    def texts(
        self, tenant: str, generation: str, model_handle: str, user_handles: Sequence[Handle]
    ) -> Mapping[Handle, Text]:
        """The same as it is stored, unparsed."""
        if self._cache is None:
            return self._from_store(tenant, generation, model_handle, user_handles)
        known: dict[Handle, Text] = {}
        missing: list[Handle] = []
        for handle in user_handles:
            text = self._cache.get((tenant, generation, model_handle, handle))
            if text is None:
                missing.append(handle)
            elif text:
                known[handle] = text
        counted = self._metrics.of(tenant)
        if len(missing) < len(user_handles):
            counted.cache_hits(len(user_handles) - len(missing))
        if missing:
            counted.cache_misses(len(missing))
            read = self._from_store(tenant, generation, model_handle, missing)
            known.update(read)
            for handle in missing:
                text = read.get(handle, b"")
                self._cache.put((tenant, generation, model_handle, handle), text)
        return known

    def holds(self, tenant: str, generation: str) -> bool:
        """True if some users could be answered without the store."""
        return self._cache is not None and self._cache.holds(tenant, generation)

    def _from_store(
        self, tenant: str, generation: str, model_handle: str, user_handles: Sequence[Handle]
    ) -> Mapping[Handle, Text]:
        counted = self._metrics.of(tenant)
        read = partial(self._store.get_texts, tenant, generation, model_handle, user_handles)
        if self._tracing is not None:
            database, users = type(self._store).__name__, len(user_handles)
            read = partial(self._tracing.store_read, database, model_handle, users, read)
        started = time.perf_counter()
        try:
            texts = self._breaker.call(read)
        except Exception:
            counted.store_errors(1)
            raise
        counted.store_seconds(time.perf_counter() - started)
        return texts
