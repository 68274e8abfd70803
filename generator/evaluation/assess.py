"""One model on one split: fitted, asked about everybody, and measured."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.evaluation.baselines import MOST_VIEWED
from generator.evaluation.beyond_accuracy import (
    Lists,
    course_coverage,
    course_vectors,
    diversity,
    novelty,
    popularity_lift,
    user_coverage,
)
from generator.evaluation.bootstrap import Interval, intervals
from generator.evaluation.metrics import CUT_OFFS, PerUser, accuracy
from generator.evaluation.neighbours import NEIGHBOURS, agreement
from generator.evaluation.protocols import Split
from generator.evaluation.rehearsal import cross_fitted
from generator.hybrids.base import Hybrid
from generator.lists.candidates import NO_CANDIDATES, Candidates
from generator.lists.ranked import ranked
from generator.models.base import Model
from generator.models.run_options import RunOptions
from generator.process.attempts import attempt
from generator.process.memory import (
    BYTES_PER_MB,
    give_back,
    peak_bytes,
    resident_bytes,
    restart_peak,
)
from generator.process.progress import Reporter
from generator.process.time_limit import UNLIMITED, TimeBudget
from generator.reranking.rules import NO_RULES, Rules
from shared.records import Figure

DEPTH = max(CUT_OFFS)


@dataclass
class Assessment:
    """What one model did. Rows of every column are `Split.users`."""

    handle: str
    title: str
    is_baseline: bool = False
    skipped: str | None = None
    """Why there is nothing here, if there is nothing."""
    options: Mapping[str, Any] = field(default_factory=dict)
    """What it was fitted with, defaults included."""
    measures: Mapping[str, float] = field(default_factory=dict)
    """What it learned about itself; a hybrid, from the second half of the users."""
    listed: Lists | None = None
    """int32 [users, 20]: the courses, or None if the model lists none."""
    columns: dict[str, PerUser] = field(default_factory=dict)
    """Metric -> one number a user."""
    figures: dict[str, Interval] = field(default_factory=dict)
    """Metric -> mean and interval; metrics of the lists as a whole have an interval of no width."""
    fit_seconds: float = 0.0
    list_seconds: float = 0.0
    peak_mb: float = 0.0
    """MiB above what the process held before."""

    @property
    def counts_as_baseline(self) -> bool:
        """True of the most viewed courses too, whoever lists them: others are held against them."""
        return self.is_baseline or self.handle in MOST_VIEWED

    def value(self, name: str) -> float:
        """NaN if it was not measured."""
        found = self.figures.get(name)
        return found.value if found else float("nan")


def assess(
    model: Model,
    split: Split,
    run: RunOptions,
    reporter: Reporter,
    is_baseline: bool = False,
    candidates: Candidates = NO_CANDIDATES,
    rules: Rules = NO_RULES,
    budget: TimeBudget = UNLIMITED,
) -> Assessment:
    """Fit on the training part, list for everybody who is asked about, and measure.

    A model that refuses this data, breaks on it, or whose fit takes too much of the budget, is
    skipped, with its reason. A hybrid is made from `candidates`, where those before it have left
    theirs. Lists keep to `rules`.
    """
    found = Assessment(model.handle, model.title, is_baseline, options=model.options)
    neighbours, known = None, np.zeros(0, np.int32)
    # A copy, so that what it learns goes when this is over: memory is planned for one at a time.
    model = type(model)(**model.options)
    give_back()
    before = resident_bytes()
    restart_peak()
    with attempt(reporter.say) as outcome:
        with reporter.stage(f"evaluate {model.handle}") as steps:
            start = time.monotonic()
            if isinstance(model, Hybrid):
                listed, learned = cross_fitted(model, split, run, candidates, DEPTH, rules)
                found.measures = learned.measures
                if model.serves[0] == "recommendations":
                    found.listed = listed
                else:
                    neighbours = listed[:, :NEIGHBOURS]
                    known = candidates.known(model.serves[0], model.uses)
            else:
                model.fit(split.train, replace(run, progress=budget.limit(steps)))
                found.measures = model.measures
            found.fit_seconds = time.monotonic() - start
        if model.is_fitted:
            with reporter.stage(f"evaluate {model.handle}, lists"):
                if "recommendations" in model.serves:
                    found.listed = ranked(
                        model, "recommendations", split.users, DEPTH, candidates, rules
                    )
                if "similar_users" in model.serves:
                    neighbours = ranked(model, "similar_users", split.users, NEIGHBOURS, candidates)
                    known = model.known_users()
        found.list_seconds = time.monotonic() - start - found.fit_seconds
    if outcome.failed is not None:
        candidates.forget(model.handle)
        return Assessment(model.handle, model.title, is_baseline, outcome.failed, model.options)
    found.peak_mb = max(peak_bytes() - before, 0) / BYTES_PER_MB
    if found.listed is not None:
        _measure_courses(found, found.listed, split)
    if neighbours is not None:
        _measure_neighbours(found, neighbours, known, split, run.seed)
    names, columns = list(found.columns), list(found.columns.values())
    found.figures |= dict(zip(names, intervals(columns, run.seed), strict=True))
    return found


def headline(assessment: Assessment) -> list[Figure]:
    """The figures that are kept in the manifest, rounded for it."""
    return [
        Figure(name.rpartition("_at_")[0], int(name.rpartition("_at_")[2]), *_rounded(found))
        for name in HEADLINES
        if (found := assessment.figures.get(name)) and np.isfinite(found.value)
    ]


HEADLINES = (
    *(f"{name}_at_{k}" for k in CUT_OFFS for name in ("ndcg", "recall", "hit_rate")),
    *(f"{name}_at_10" for name in ("course_coverage", "user_coverage", "novelty", "diversity")),
    f"neighbours_in_common_at_{NEIGHBOURS}",
    f"neighbours_by_lot_at_{NEIGHBOURS}",
)


def _rounded(found: Interval) -> tuple[float, float, float]:
    return round(found.value, 6), round(found.low, 6), round(found.high, 6)


def _measure_courses(found: Assessment, listed: Lists, split: Split) -> None:
    train, vectors = split.train, course_vectors(split.train)
    viewing = int((np.diff(train.seen.indptr) > 0).sum())
    found.columns |= accuracy(listed, split.held_out[split.users])
    for k in CUT_OFFS:
        found.columns[f"user_coverage_at_{k}"] = user_coverage(listed)
        found.columns[f"novelty_at_{k}"] = novelty(listed, train.viewers, viewing, k)
        found.columns[f"diversity_at_{k}"] = diversity(listed, vectors, k)
        found.figures[f"course_coverage_at_{k}"] = _exact(
            course_coverage(listed, len(train.courses), k)
        )
        found.figures[f"popularity_lift_at_{k}"] = _exact(
            popularity_lift(listed, train, split.users, k)
        )


def _measure_neighbours(
    found: Assessment, neighbours: Lists, known: NDArray[np.int32], split: Split, seed: int
) -> None:
    # A hybrid's components are asked about some users alone, and list others.
    pool = np.union1d(known, neighbours[neighbours >= 0]).astype(np.int32)
    shares = agreement(split.users, neighbours, pool, split.train, split.held_out, seed)
    found.columns[f"neighbours_in_common_at_{NEIGHBOURS}"] = shares.neighbours
    found.columns[f"neighbours_by_lot_at_{NEIGHBOURS}"] = shares.by_lot
    found.columns[f"neighbours_as_active_at_{NEIGHBOURS}"] = shares.as_active


def _exact(value: float) -> Interval:
    return Interval(value, value, value)
