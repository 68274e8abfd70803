"""Lists go to the store a block at a time, however many there are."""

import tracemalloc

import numpy as np
import pytest

from generator.lists import ranked
from generator.lists.ranked import blocks_of, listed_block
from generator.models.base import Model
from generator.nearest.top_n import TopN
from generator.publish import GenerationWriter
from shared.stores import open_store
from tests.datasets import make_dataset

USERS = 40_000
N = 20
BYTES_OF_ALL_LISTS = USERS * N * 2 * 32
"""Each entry is a handle and a score, and a Python float takes 24 bytes and its place 8."""


class Everybody(Model):
    handle = "everybody"
    title = "A fake that lists as much as it can"
    needs = ("interests",)

    def _fit(self, dataset, run):
        pass

    def _knows(self):
        return np.ones(len(self.dataset.users), bool)

    def _similar_users(self, users, n):
        indices = (users[:, None] + 1 + np.arange(n)) % len(self.dataset.users)
        return TopN(indices.astype(np.int32), np.linspace(1, 0.1, n) * np.ones((len(users), 1)))


@pytest.mark.parametrize(("users_per_block", "streams"), [(1024, True), (USERS, False)])
def test_memory_holds_a_block_of_lists(tmp_path, monkeypatch, users_per_block, streams):
    monkeypatch.setattr(ranked, "SUBJECTS_PER_BLOCK", users_per_block)
    users = list(range(USERS))
    model = Everybody().fit(make_dataset([(0, "a")], users=users))
    store = open_store(f"sqlite:///{tmp_path}/store")
    with store.lock("default"):
        generation = store.begin("default")
        writer = GenerationWriter(store, store.manifest("default", generation), seed=1)
        tracemalloc.start()
        written = sum(
            writer.write(
                "similar_users/everybody",
                listed_block(model, "similar_users", block, N),
            )
            for block in blocks_of(model.known_users())
        )
        taken = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        store.discard("default", generation)
    store.close()
    assert written == USERS
    assert (taken < BYTES_OF_ALL_LISTS // 2) == streams
