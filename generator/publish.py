"""Lists into the store, and the generation live: nothing is visible before the last step."""

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from typing import Protocol

from generator.evaluation.list_facts import ListCounter
from shared.errors import GenerationDamaged, GenerationMissing, StoreError
from shared.records import Handle, ListFacts, Manifest, ModelCard, UserLists
from shared.stores import Store

SAMPLE_SIZE = 1000
UNFINISHED = ("building", "ready")
"""States of a generation whose run died before the pointer was moved."""


class TakesLists(Protocol):
    """What a writer needs of a store; a dry run has something else that takes lists."""

    def write(self, tenant: str, generation: str, lists: Iterable[UserLists]) -> int: ...

    def save_progress(self, manifest: Manifest) -> None: ...


class GenerationWriter:
    """Writes one generation model by model, remembering a random sample of what it wrote."""

    def __init__(self, store: TakesLists, manifest: Manifest, seed: int) -> None:
        self._store = store
        self._random = random.Random(seed)  # noqa: S311 - a sample, not a secret
        self._seen = 0
        self.manifest = manifest
        self.sample: list[UserLists] = []

    def finished(self, model_handle: str) -> bool:
        """True if a run that died before was done with this model."""
        done = {card.model_handle for card in self.manifest.models} | {*self.manifest.list_counts}
        return model_handle in done

    def write(self, model_handle: str, blocks: Iterable[Iterable[UserLists]]) -> ListFacts:
        """Write all lists of one model; returns what they look like as a whole."""
        tenant, generation = self.manifest.tenant, self.manifest.generation
        counter = ListCounter()
        for lists in blocks:
            self._store.write(tenant, generation, self._sampled(counter.passing(lists)))
        facts = counter.facts
        self.manifest.list_counts[model_handle] = facts.users
        return facts

    def finish(self, card: ModelCard | None = None) -> None:
        """Remember what was written as done, so that a run that dies later need not repeat it."""
        if card is not None:
            self.manifest.models.append(card)
        self._store.save_progress(self.manifest)

    def example_user_handle(self) -> Handle | None:
        """Some user with similar users by the default model, out of the sample, if there is one."""
        model_handle = self.manifest.default_model_handle
        handles = (
            one.user_handle
            for one in self.sample
            if one.model_handle == model_handle and one.similar_users
        )
        return next(handles, None)

    def _sampled(self, lists: Iterable[UserLists]) -> Iterator[UserLists]:
        # Reservoir sampling (Vitter 1985, algorithm R): every list has the same chance.
        for one in lists:
            self._seen += 1
            if len(self.sample) < SAMPLE_SIZE:
                self.sample.append(one)
            elif (place := int(self._random.random() * self._seen)) < SAMPLE_SIZE:
                self.sample[place] = one
            yield one


@contextmanager
def generation_writer(
    store: Store, tenant: str, data_digest: str, config_digest: str, seed: int
) -> Iterator[GenerationWriter]:
    """A writer on a generation of this data and these settings, new or left over from a dead run.

    Other wrecks are removed first. If the block fails, what a next run can go on with stays;
    otherwise, and if it was the store that failed, the generation is discarded.
    """
    manifest = _left_over(store, tenant, data_digest, config_digest)
    if manifest is None:
        generation = store.begin(tenant, data_digest, config_digest)
        manifest = store.manifest(tenant, generation)
    writer = GenerationWriter(store, manifest, seed)
    try:
        yield writer
    except BaseException as error:
        if isinstance(error, StoreError) or not manifest.list_counts:
            with suppress(StoreError):
                store.discard(tenant, manifest.generation)
        raise


def _left_over(store: Store, tenant: str, data_digest: str, config_digest: str) -> Manifest | None:
    """The newest unfinished generation of this data and settings; other wrecks are removed."""
    found = None
    for wreck in reversed([m for m in store.generations(tenant) if m.state in UNFINISHED]):
        same = (wreck.data_digest, wreck.config_digest) == (data_digest, config_digest)
        if found is None and same and wreck.list_counts:
            with suppress(GenerationDamaged, GenerationMissing):
                found = store.resume(tenant, wreck.generation)
                continue
        store.discard(tenant, wreck.generation)
    return found
