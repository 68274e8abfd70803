"""A short evaluation before the full run: figures for the manifest, which the gate looks at."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.evaluation.assess import headline
from generator.evaluation.baselines import POPULAR, popular_beside
from generator.evaluation.bootstrap import LEVEL, compare, holm
from generator.evaluation.evaluate import MAIN_METRIC, Results, evaluate
from generator.evaluation.protocols import Tables, cut_by, few_users
from generator.models.base import Model
from generator.models.popular_course_view import PopularCourseView
from generator.plan import models_of
from generator.process.progress import Reporter
from shared.errors import DataError
from shared.records import BEATS_POPULAR, Evaluation, Figure, Manifest
from shared.settings import GeneratorSettings


@dataclass(frozen=True)
class Headlines:
    how: Evaluation
    figures: Mapping[str, list[Figure]]
    """Model handle -> its figures."""
    losing: frozenset[str]
    """Models whose lists find less than the most viewed courses would, and not by chance."""
    taught: Mapping[str, Model]
    """Handle -> a hybrid that has learned from the rehearsal, to be fitted."""

    def note(self, manifest: Manifest) -> None:
        """Put the figures on the cards of the models."""
        manifest.evaluation = self.how
        for card in manifest.served_models:
            card.evaluation = list(self.figures.get(card.model_handle, []))
            if figure := card.figure(MAIN_METRIC):
                card.measures[MAIN_METRIC] = figure.value
                card.measures[BEATS_POPULAR] = float(card.model_handle not in self.losing)


def headlines(
    tables: Tables,
    settings: GeneratorSettings,
    reporter: Reporter,
    stands_for: NDArray[np.int32] | None = None,
) -> Headlines | None:
    """Every model fitted on a part of the views and measured on the rest, beside `popular`.

    stands_for: int32 [courses], of duplicates which is listed. None, saying why, if there is
    nothing to hold out. Cost: one fit more of every model.
    """
    models = models_of(settings)
    tables = few_users(tables, settings.rehearsal_views)
    try:
        cut = cut_by(settings.evaluation_protocol, tables, seed=settings.seed)
        baselines = popular_beside([model.handle for model in models])
        results = evaluate(cut, models, baselines, settings, reporter, stands_for)
    except DataError as error:
        reporter.say(f"Not evaluated: {error}")
        return None
    figures = {one.handle: headline(one) for one in results.assessments}
    popular = {POPULAR: figures.pop(POPULAR, None) or figures[PopularCourseView.handle]}
    losing = _losing(results, settings)
    for handle in losing:
        reporter.say(f"{handle}: its lists find less than the most viewed courses would")
    how = Evaluation(results.how, len(results.split.users), popular)
    return Headlines(how, figures, frozenset(losing), results.taught)


def _losing(results: Results, settings: GeneratorSettings) -> list[str]:
    """Handles of the models that the most viewed courses beat by GATE_METRIC, user by user."""
    metric, popular = settings.gate_metric, results.popular
    if popular is None or metric not in popular.columns:
        return []
    others = [one for one in results.measured if one is not popular and metric in one.columns]
    against = [
        compare(
            [one.handle, popular.handle], [o.columns[metric] for o in (one, popular)], settings.seed
        )
        for one in others
    ]
    pairs = [pair for of_model in against for pair in of_model]
    corrected = holm(np.array([pair.p for pair in pairs]))
    return [
        pair.first
        for pair, p in zip(pairs, corrected, strict=True)
        if pair.difference.value < 0 and p < 1 - LEVEL
    ]
