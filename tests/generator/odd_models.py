"""A model that can be told to go wrong, and a registry that knows it."""

from typing import ClassVar, Literal

import numpy as np
import pytest

from generator.models import registry
from generator.models.tfidf_user_interest import TfidfUserInterest
from generator.nearest.top_n import TopN
from shared.errors import ModelError

ODD = "odd_user_interest"
Fault = Literal["fit", "list", "bug", "killed", "mixed up", "by lot"]


class OddUserInterest(TfidfUserInterest):
    """As its parent, until it is given a fault."""

    handle = ODD
    title = "Goes wrong when told to"
    fault: ClassVar[Fault | None] = None

    def _fit(self, dataset, run):
        match self.fault:
            case "fit":
                raise ModelError("nothing can be learned from this.")
            case "bug":
                raise ZeroDivisionError("division by zero")
            case "killed":
                raise KeyboardInterrupt
        super()._fit(dataset, run)

    def _similar_users(self, users, n):
        if self.fault == "mixed up":
            known = self.known_users()
            users = np.roll(known, len(known) // 3)[np.searchsorted(known, users)]
        return super()._similar_users(users, n)

    def _recommend(self, users, n):
        if self.fault == "list":
            raise ModelError("these lists cannot be made.")
        top = super()._recommend(users, n)
        if self.fault == "by lot":
            random = np.random.default_rng(len(users))
            lot = [random.permutation(len(self.dataset.courses))[:n] for _ in users]
            scores = np.tile(np.linspace(1, 0.5, n, dtype=np.float32), (len(users), 1))
            seen = self.dataset.seen[users].toarray()
            indices = np.array(lot, np.int32)
            indices[np.take_along_axis(seen, indices, axis=1)] = -1
            return TopN(indices, scores)
        return top


class LaterUserInterest(OddUserInterest):
    """The same, with a fault of its own."""

    handle = "later_user_interest"
    fault: ClassVar[Fault | None] = None


@pytest.fixture
def odd(monkeypatch) -> type[OddUserInterest]:
    """The class, which MODELS may name in this test; `odd.fault` is undone after it."""
    for model in (OddUserInterest, LaterUserInterest):
        path = f"{model.__module__}:{model.__name__}"
        monkeypatch.setitem(registry.MODELS, model.handle, path)
        monkeypatch.setattr(model, "fault", None)
    return OddUserInterest
