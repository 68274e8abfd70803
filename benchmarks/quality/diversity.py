"""What DIVERSITY brings and what it costs: a model's lists without it and with it."""

from dataclasses import dataclass, field
from time import process_time

import numpy as np
from numpy.typing import NDArray

from benchmarks.targets import Target
from generator.evaluation.beyond_accuracy import course_vectors, diversity
from generator.evaluation.metrics import accuracy
from generator.evaluation.protocols import Split
from generator.lists.ranked import ranked
from generator.models.base import Model
from generator.reranking.rules import NO_RULES, Rules, rules_of
from shared.settings import GeneratorSettings

WEIGHT, K, STORED = 0.3, 10, 20
MORE_DIVERSE, NDCG_KEPT = 1.33, 0.97


@dataclass(frozen=True)
class Measured:
    ndcg: float
    diversity: float
    seconds: float
    """Of a processor."""


@dataclass
class Diversified:
    """Each model that it is shown, on one split."""

    split: Split
    pairs: dict[str, tuple[Measured, Measured]] = field(default_factory=dict)
    """Handle -> without and with."""

    def look_at(self, model: Model) -> None:
        """A fitted model, which recommends courses; one that lists nobody any is passed over."""
        if not len(model.known_users()):
            return
        rules = rules_of(GeneratorSettings(diversity=WEIGHT), self.split.train)
        self.pairs[model.handle] = self._measured(model, NO_RULES), self._measured(model, rules)

    def print_table(self) -> None:
        print(f"  DIVERSITY={WEIGHT}: NDCG@{K}, diversity@{K} and seconds, without and with")
        for handle, (before, after) in self.pairs.items():
            print(
                f"    {before.ndcg:.4f} {after.ndcg:.4f} (x{_times(after.ndcg, before.ndcg):.3f})  "
                f"{before.diversity:.3f} {after.diversity:.3f} "
                f"(x{_times(after.diversity, before.diversity):.3f})  "
                f"{before.seconds:.1f} {after.seconds:.1f}  {handle}"
            )

    def targets(self, name: str, handle: str) -> list[Target]:
        before, after = self.pairs[handle]
        title = f"{name} {handle} at DIVERSITY={WEIGHT}"
        return [
            Target(
                f"{title}, diversity@{K} times", after.diversity / before.diversity, MORE_DIVERSE
            ),
            Target(f"{title}, NDCG@{K} kept", after.ndcg / before.ndcg, NDCG_KEPT),
        ]

    def _measured(self, model: Model, rules: Rules) -> Measured:
        users, train = self.split.users, self.split.train
        started = process_time()
        listed: NDArray[np.int32] = ranked(model, "recommendations", users, STORED, rules=rules)
        seconds = process_time() - started
        found = accuracy(listed, self.split.held_out[users], [K])[f"ndcg_at_{K}"]
        varied = diversity(listed, course_vectors(train), K)
        varied = varied[~np.isnan(varied)]
        mean = float(varied.mean()) if len(varied) else float("nan")
        return Measured(float(found.mean()), mean, seconds)


def _times(after: float, before: float) -> float:
    return after / before if before else float("nan")
