"""One model, or one blend of models, on one data set: what it reaches, and how long it takes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np

from benchmarks.quality.data_sets import DataSet
from generator.evaluation.metrics import accuracy
from generator.evaluation.protocols import Cut, Split, split_of
from generator.evaluation.rehearsal import rehearsal_of
from generator.hybrids.weighted_hybrid import WeightedHybrid
from generator.lists.candidates import Candidates
from generator.lists.ranked import ranked
from generator.models.base import Model
from generator.models.registry import model_class
from generator.models.run_options import RunOptions
from generator.process.memory import give_back
from shared.kinds import KindName
from shared.settings.generator import CANDIDATES_PER_USER

KIND: KindName = "recommendations"
HELD_OUT = "held_out_ndcg_at_10"


@dataclass(frozen=True)
class Outcome:
    recall: float
    ndcg: float
    """Means over all users of the split."""
    seconds: float
    """To fit and to list, of the components of a blend too."""
    measures: Mapping[str, float]

    def told(self) -> str:
        measures = ", ".join(f"{name} {value:g}" for name, value in self.measures.items())
        return f"{self.recall:.4f}  {self.ndcg:.4f}  {self.seconds:.0f} s  {measures}".rstrip()


class Trials:
    """Of one data set and one seed. Models leave their lists for the blends.

    before: a validation part cut off the training part as the test part was, on which blends learn
    their weights.
    """

    def __init__(self, data: DataSet, cut: Cut, run: RunOptions, blended: Sequence[str]) -> None:
        self._k, self._run = data.k, run
        self._split, self._before = split_of(cut), split_of(data.validation(cut))
        self._listed, self._rehearsed = (
            Candidates({KIND: blended}, CANDIDATES_PER_USER) for _ in range(2)
        )
        self.outcomes: dict[str, Outcome] = {}

    def alone(self, handle: str) -> Outcome:
        self.outcomes[handle] = self._measured(
            model_class(handle)(), self._split, self._run, self._listed
        )
        return self.outcomes[handle]

    def best_of(self, networks: Sequence[str]) -> str:
        """The network that was best on what it held out of training itself; only it is blended."""
        best = max(networks, key=lambda handle: self.outcomes[handle].measures.get(HELD_OUT, 0))
        for handle in set(networks) - {best}:
            self._listed.forget(handle)
        return best

    def rehearse(self, handle: str) -> float:
        """Fit a component on what comes before the validation part; seconds that it took."""
        model = model_class(handle)()
        return self._measured(model, self._before, self._run, self._rehearsed).seconds

    def blend(self, components: Sequence[str]) -> Outcome:
        """A hybrid of what was fitted alone and rehearsed so far; its time has theirs in it."""
        rehearsal = rehearsal_of(self._before, self._rehearsed, self._before.users)
        hybrid = WeightedHybrid().learn(rehearsal).over(self._listed)
        blended = self._measured(hybrid, self._split, self._run, Candidates({}, 1))
        parts = sum(self.outcomes[handle].seconds for handle in components)
        return Outcome(blended.recall, blended.ndcg, blended.seconds + parts, blended.measures)

    def _measured(
        self, model: Model, split: Split, run: RunOptions, candidates: Candidates
    ) -> Outcome:
        started = perf_counter()
        model.fit(split.train, run)
        listed = ranked(model, KIND, split.users, self._k, candidates)
        seconds = perf_counter() - started
        worth = accuracy(listed, split.held_out[split.users], [self._k])
        recall, ndcg = (
            float(np.mean(worth[f"{metric}_at_{self._k}"])) for metric in ("recall", "ndcg")
        )
        outcome = Outcome(recall, ndcg, seconds, model.measures)
        give_back()
        return outcome
