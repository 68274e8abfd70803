"""Which models to run on this data: tried for so many minutes, on a validation part alone.

every model that is asked for    -> its figures and deep lists, the quick ones first
a blend of those that recommend  -> their weights -> a blend of those that count
the best single model            -> gives way to that blend, and to other hybrids, only where
                                    these are better and not by chance
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.evaluation.assess import Assessment, assess
from generator.evaluation.baselines import popular_beside
from generator.evaluation.bootstrap import compare
from generator.evaluation.evaluate import MAIN_METRIC, Results, evaluate
from generator.evaluation.neighbours import NEIGHBOURS
from generator.evaluation.protocols import Cut
from generator.evaluation.rehearsal import rehearsal_of
from generator.hybrids.weighted_hybrid import WeightedHybrid
from generator.models.base import Model
from generator.models.registry import model_class
from generator.models.run_options import RunOptions
from generator.process.progress import Reporter
from generator.process.time_limit import TimeBudget
from shared.errors import DataError
from shared.kinds import KINDS
from shared.settings import GeneratorSettings

BLEND = WeightedHybrid.handle
LEAST_PART = 0.05
"""Of the whole; what counts less is not worth a fit every night."""
ALIKE = f"neighbours_in_common_at_{NEIGHBOURS}"


@dataclass(frozen=True)
class Choice:
    """What to set, and why."""

    tried: Results
    """On the validation part."""
    blend: Assessment
    """Of the models that count in one of all."""
    parts: Mapping[str, float]
    """Handle -> weight in that blend, their sum 1."""
    reasons: Mapping[str, str]
    """Handle of a chosen model -> what it is there for."""

    @property
    def options(self) -> dict[str, dict[str, Any]]:
        """What MODEL_OPTIONS has to say."""
        if BLEND not in self.reasons:
            return {}
        weights = {handle: round(part, 3) for handle, part in self.parts.items()}
        return {BLEND: {"components": list(self.parts), "weights": weights}}


def choose(
    validation: Cut,
    models: Sequence[Model],
    minutes: float,
    settings: GeneratorSettings,
    reporter: Reporter,
) -> Choice:
    """Try the models, and say which are worth a night.

    validation: a part of the training part; what is asked about in the end is not looked at. A
    fit that takes more than half of the minutes left is given up. Raises DataError if nobody can be
    asked about, or no model recommends anything.
    """
    quick_first = sorted(models, key=lambda model: model.library_bytes)
    others = [model for model in quick_first if model.handle != BLEND]
    recommending = [m.handle for m in others if "recommendations" in m.serves and not m.uses]
    if not recommending:
        raise DataError("None of these models recommends courses: name others, or --models all.")
    of_all = WeightedHybrid(components=recommending)
    tried = evaluate(
        validation,
        [*others, of_all],
        popular_beside(recommending),
        settings,
        reporter,
        budget=TimeBudget(60 * minutes),
    )
    if not any(one.handle in recommending for one in tried.measured):
        reasons = "; ".join(
            f"{one.handle} {one.skipped}" for one in tried.assessments if one.skipped
        )
        raise DataError(
            f"No model was tried in {minutes:g} minutes: {reasons}. Allow more by --minutes, or "
            "name others by --models."
        )
    parts = _parts(of_all, tried)
    counting = [handle for handle, part in parts.items() if part >= LEAST_PART]
    of_some = WeightedHybrid(components=counting)
    run = RunOptions(seed=settings.seed)
    blend = assess(
        of_some, tried.split, run, reporter, candidates=tried.candidates, rules=tried.rules
    )
    return Choice(tried, blend, _parts(of_some, tried), _reasons(tried, blend, settings.seed))


def _parts(blend: WeightedHybrid, tried: Results) -> Mapping[str, float]:
    """Handle -> its weight, learned from all users asked about."""
    rehearsal = rehearsal_of(tried.split, tried.candidates, tried.split.users)
    learned = WeightedHybrid(**blend.options).learn(rehearsal).over(tried.candidates)
    return learned.fit(tried.split.train, RunOptions()).parts


def _reasons(tried: Results, blend: Assessment, seed: int) -> dict[str, str]:
    """Handle -> what a model is there for, what others are made from first."""
    measured = [one for one in tried.measured if not one.is_baseline and one.handle != BLEND]
    best = next(one for one in measured if not _made_from(one))
    for challenger in (blend, *(one for one in measured if _made_from(one))):
        if _is_better(challenger, best, seed):
            best = challenger
    ran = {one.handle for one in tried.assessments if one.skipped is None}
    counting = [handle for handle in _made_from(best) if handle in ran]
    reasons = dict.fromkeys(counting, f"counts in {best.handle}")
    alike = [one for one in tried.assessments if ALIKE in one.figures]
    if nearest := max(alike, key=lambda one: one.value(ALIKE), default=None):
        for handle in (*_made_from(nearest), nearest.handle):
            reasons.setdefault(handle, "has the users who are most alike")
    reasons[best.handle] = "has the best recommendations"
    for kind in KINDS:
        if not any(kind in model_class(handle).serves for handle in reasons):
            serving = (one.handle for one in measured if kind in model_class(one.handle).serves)
            reasons |= dict.fromkeys(list(serving)[:1], f"has {KINDS[kind].title}")
    return reasons


def _made_from(one: Assessment) -> Sequence[str]:
    """Handles of its components; none of a model that is no hybrid."""
    return model_class(one.handle)(**one.options).uses


def _is_better(one: Assessment, than: Assessment, seed: int) -> bool:
    pair = [one, than]
    (found,) = compare([a.handle for a in pair], [a.columns[MAIN_METRIC] for a in pair], seed)
    return found.is_real and found.difference.value > 0
