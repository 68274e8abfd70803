"""All models on one split, side by side with the baselines."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.duplicates.stage import duplicates_in
from generator.evaluation.assess import DEPTH, Assessment, assess
from generator.evaluation.baselines import MOST_VIEWED
from generator.evaluation.bootstrap import Comparison, compare
from generator.evaluation.metrics import hits_of, ndcg
from generator.evaluation.protocols import Cut, Split, of_users, split_of
from generator.evaluation.rehearsal import taught
from generator.evaluation.slices import Slice, slices
from generator.evaluation.tune import Tuning
from generator.hybrids.base import Hybrid
from generator.lists.candidates import NO_CANDIDATES, Candidates
from generator.lists.ranked import ranked
from generator.models.base import Model
from generator.plan import in_order_of_use, plan_run, run_options
from generator.process.progress import Reporter, Steps
from generator.process.time_limit import UNLIMITED, TimeBudget
from generator.reranking.rules import NO_RULES, Rules, rules_of
from shared.errors import DataError
from shared.settings import GeneratorSettings

if TYPE_CHECKING:
    from generator.evaluation.choose import Choice

MAIN_METRIC = "ndcg_at_10"
CURVE_SHARES = (0.25, 0.5)
"""Of the users, learned from; those asked about are the first quarter, and in every share."""


@dataclass
class Results:
    """Everything that a report says."""

    how: str
    split: Split
    assessments: list[Assessment]
    seed: int
    comparisons: list[Comparison] = field(default_factory=list)
    slices: list[Slice] = field(default_factory=list)
    curves: dict[str, dict[float, float]] = field(default_factory=dict)
    """Handle -> share of the users learned from -> NDCG@10 of one fixed quarter of the users."""
    tunings: list[Tuning] = field(default_factory=list)
    choice: "Choice | None" = None
    """Of these models among others, if they were chosen."""
    hybrids: Sequence[Hybrid] = ()
    candidates: Candidates = NO_CANDIDATES
    """What the components of `hybrids` have listed."""
    rules: Rules = NO_RULES
    """What was done to lists after the models had ranked them."""
    stands_for: NDArray[np.int32] | None = None
    """int32 [courses]: of duplicates which is listed."""

    @cached_property
    def taught(self) -> Mapping[str, Hybrid]:
        """Handle -> a hybrid that has learned from all users asked about, to be fitted."""
        return taught(self.hybrids, self.split, self.candidates)

    @property
    def measured(self) -> list[Assessment]:
        """Those that list courses, best first."""
        listing = [one for one in self.assessments if one.listed is not None]
        return sorted(listing, key=lambda one: -one.value(MAIN_METRIC))

    def assessment(self, handle: str) -> Assessment | None:
        return next((one for one in self.assessments if one.handle == handle), None)

    def fitted_within(self, seconds: float) -> set[str]:
        """Handles of the models that list courses and took less than this to fit."""
        return {one.handle for one in self.measured if one.fit_seconds < seconds}

    @property
    def popular(self) -> Assessment | None:
        """The most viewed courses: the baseline, or the model that is the same."""
        return next((one for one in self.measured if one.handle in MOST_VIEWED), None)

    def loses_to_popular(self, one: Assessment) -> bool:
        """True if its NDCG@10 is below that of the most viewed courses, and not by chance."""
        popular = self.popular
        if popular is None or one.value(MAIN_METRIC) >= popular.value(MAIN_METRIC):
            return False
        return self.is_real(one, popular)

    def is_real(self, one: Assessment, other: Assessment) -> bool:
        """Whether their difference in NDCG@10 is not chance, as the table of comparisons has it."""
        both = {one.handle, other.handle}
        return any({pair.first, pair.second} == both and pair.is_real for pair in self.comparisons)


def evaluate(
    cut: Cut,
    models: Sequence[Model],
    baselines: Sequence[Model],
    settings: GeneratorSettings,
    reporter: Reporter,
    stands_for: NDArray[np.int32] | None = None,
    budget: TimeBudget = UNLIMITED,
) -> Results:
    """Fit and measure each in turn; those that lack an input or do not fit into memory are skipped.

    stands_for: int32 [courses], of duplicates which is listed; None looks for them here. budget:
    what fitting may take; hybrids, which come last, are made of what there is. Raises DataError if
    nobody is left to ask about.
    """
    with reporter.stage("cut and matrices"):
        split = split_of(cut, settings.rating_scale)
    if stands_for is None:
        stands_for = duplicates_in(split.train, settings, reporter).stands_for
    split, rules = _by_rules(split, settings, stands_for)
    if not len(split.users):
        raise DataError(
            f"Nobody can be asked about: {cut.how}, and no user has a view on both sides of the "
            "cut. Try another --protocol or --share."
        )
    plan = plan_run([*models, *baselines], split.train, settings)
    candidates = Candidates.for_hybrids(models, max(DEPTH, settings.candidates_per_user))
    assessments = []
    for model in (*in_order_of_use(models), *baselines):
        is_baseline = model in baselines
        reason = plan.skipped.get(model.handle)
        if budget.is_spent and not model.uses:
            reason = reason or "no time was left for it"
        if reason:
            assessments.append(
                Assessment(model.handle, model.title, is_baseline, reason, options=model.options)
            )
            continue
        run = run_options(settings, Steps(), plan.block_bytes[model.handle])
        assessments.append(
            assess(model, split, run, reporter, is_baseline, candidates, rules, budget)
        )
    results = Results(
        cut.how,
        split,
        assessments,
        settings.seed,
        slices=slices(split),
        hybrids=[model for model in models if isinstance(model, Hybrid)],
        candidates=candidates,
        rules=rules,
        stands_for=stands_for,
    )
    with reporter.stage("compare"):
        results.comparisons = compare(
            [one.handle for one in results.measured],
            [one.columns[MAIN_METRIC] for one in results.measured],
            settings.seed,
        )
    return results


def _by_rules(
    split: Split, settings: GeneratorSettings, stands_for: NDArray[np.int32] | None
) -> tuple[Split, Rules]:
    """The rules for lists that are made from this split, and the split as they have it."""
    rules = rules_of(settings, split.train, stands_for)
    return replace(split.listed_as(rules.listed_for), train=rules.offered(split.train)), rules


def learning_curves(
    cut: Cut,
    results: Results,
    models: Sequence[Model],
    settings: GeneratorSettings,
    reporter: Reporter,
) -> dict[str, dict[float, float]]:
    """Handle -> share of users learned from -> NDCG@10, always of the same quarter of the users.

    Cost: each model is fitted again for every share but the whole.
    """
    everybody = results.split.train.users
    order = np.random.default_rng(settings.seed).permutation(len(everybody)).astype(np.int32)
    asked = np.isin(results.split.users, _first(order, CURVE_SHARES[0]))
    users = results.split.users[asked]
    curves: dict[str, dict[float, float]] = {}
    if not len(users) or not models:
        return curves
    for share in CURVE_SHARES:
        kept = pd.Index(everybody.handles(_first(order, share)))
        part = split_of(
            Cut(of_users(cut.train, kept), cut.held_out, cut.how), settings.rating_scale
        )
        plan = plan_run(models, part.train, settings)
        part, rules = _by_rules(part, settings, results.stands_for)
        for model in models:
            one = results.assessment(model.handle)
            if one is None or model.handle in plan.skipped:
                continue
            with reporter.stage(f"{model.handle} on {share:.0%} of the users") as steps:
                run = run_options(settings, steps, plan.block_bytes[model.handle])
                fitted = type(model)(**model.options).fit(part.train, run)
                listed = ranked(fitted, "recommendations", users, DEPTH, rules=rules)
            found = float(ndcg(hits_of(listed, part.held_out[users]), 10).mean())
            whole = float(one.columns[MAIN_METRIC][asked].mean())
            curves.setdefault(model.handle, {1.0: whole})[share] = found
    return {handle: dict(sorted(curve.items())) for handle, curve in curves.items()}


def _first(order: NDArray[np.int32], share: float) -> NDArray[np.int32]:
    return order[: int(np.ceil(share * len(order)))]
