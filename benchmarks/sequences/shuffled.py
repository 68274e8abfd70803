"""A test of honesty: who reads an order must lose what it is ahead by where there is none."""

from dataclasses import replace
from functools import cached_property

import numpy as np

from benchmarks.quality.data_sets import DataSet
from benchmarks.sequences.trials import Outcome, Trials
from benchmarks.targets import Target
from generator.dataset.interactions import Interactions
from generator.evaluation.protocols import Cut, Split
from generator.models.run_options import RunOptions

ORDERLESS = "ease_user_course_view"
LEAST_LOST = 0.8
"""Of the lead over a model that reads no order."""


class Shuffled(Trials):
    """The same users and courses held out; what they took up before is in any order."""

    def __init__(self, data: DataSet, cut: Cut, run: RunOptions) -> None:
        super().__init__(data, cut, run, [])
        self._split = shuffled(self._split, run.seed)

    @cached_property
    def orderless(self) -> Outcome:
        return self.alone(ORDERLESS)

    def lost(self, handle: str, ordered: Outcome) -> tuple[Outcome, Target]:
        """What the model reaches without an order, and how much of its lead that costs."""
        outcome, orderless = self.alone(handle), self.orderless
        lead = ordered.ndcg - orderless.ndcg
        share = (ordered.ndcg - outcome.ndcg) / lead if lead > 0 else 1.0
        name = f"{handle}, of its lead over {ORDERLESS} lost by shuffling"
        return outcome, Target(name, share, LEAST_LOST)


def shuffled(split: Split, seed: int) -> Split:
    views = split.train.interactions
    order = np.lexsort((np.random.default_rng(seed).random(len(views)), views.users))
    times_stay = Interactions(
        views.offsets, views.courses[order], views.times, views.seconds, views.completed
    )
    return replace(split, train=replace(split.train, interactions=times_stay))
