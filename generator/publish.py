"""Lists into the store, and the generation live: nothing is visible before the last step."""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from shared.errors import StoreError
from shared.records import Handle, Manifest, UserLists
from shared.stores import Store

SAMPLE_SIZE = 200


class GenerationWriter:
    """Writes one generation, remembering a random sample of it to be read back."""

    def __init__(self, store: Store, tenant: str, seed: int) -> None:
        self._store = store
        self._random = random.Random(seed)  # noqa: S311 - a sample, not a secret
        self._sample: list[UserLists] = []
        self._seen = 0
        self.tenant = tenant
        self.generation = store.begin(tenant)
        self.counts: dict[str, int] = {}

    def write(self, model_handle: str, lists: Iterable[UserLists]) -> int:
        """Write lists of one model; returns how many."""
        written = self._store.write(self.tenant, self.generation, self._sampled(lists))
        self.counts[model_handle] = self.counts.get(model_handle, 0) + written
        return written

    def example_user_handle(self, model_handle: str) -> Handle | None:
        """Some user with similar users by this model, out of the sample; None if there is none."""
        handles = (
            one.user_handle
            for one in self._sample
            if one.model_handle == model_handle and one.similar_users
        )
        return next(handles, None)

    def publish(self, manifest: Manifest) -> None:
        """Verify counts and sample, then go live. Raises GenerationDamaged, LockHeld."""
        manifest.list_counts = self.counts
        self._store.publish(manifest, self._sample)

    def _sampled(self, lists: Iterable[UserLists]) -> Iterator[UserLists]:
        # Reservoir sampling (Vitter 1985, algorithm R): every list has the same chance.
        for one in lists:
            self._seen += 1
            if len(self._sample) < SAMPLE_SIZE:
                self._sample.append(one)
            elif (place := self._random.randrange(self._seen)) < SAMPLE_SIZE:
                self._sample[place] = one
            yield one


@contextmanager
def generation_writer(store: Store, tenant: str, seed: int) -> Iterator[GenerationWriter]:
    """A writer whose generation is discarded if the block fails."""
    writer = GenerationWriter(store, tenant, seed)
    try:
        yield writer
    except BaseException:
        with suppress(StoreError):
            store.discard(tenant, writer.generation)
        raise
