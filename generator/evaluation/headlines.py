"""A short evaluation before the full run: figures for the manifest, which the gate looks at."""

from collections.abc import Mapping
from dataclasses import dataclass

from generator.evaluation.assess import headline
from generator.evaluation.baselines import Popular
from generator.evaluation.evaluate import MAIN_METRIC, evaluate
from generator.evaluation.protocols import Tables, cut_by
from generator.models.registry import make_models
from generator.progress import Reporter
from shared.errors import DataError
from shared.records import Evaluation, Figure, Manifest
from shared.settings import Settings


@dataclass(frozen=True)
class Headlines:
    how: Evaluation
    figures: Mapping[str, list[Figure]]
    """Model handle -> its figures."""
    losing: frozenset[str]
    """Models whose lists find less than the most viewed courses would."""

    def note(self, manifest: Manifest) -> None:
        """Put the figures on the cards of the models."""
        manifest.evaluation = self.how
        for card in manifest.served_models:
            card.evaluation = list(self.figures.get(card.model_handle, []))
            if figure := card.figure(MAIN_METRIC):
                card.measures[MAIN_METRIC] = figure.value
                card.measures["beats_popular"] = float(card.model_handle not in self.losing)


def headlines(tables: Tables, settings: Settings, reporter: Reporter) -> Headlines | None:
    """Every model fitted on a part of the views and measured on the rest, beside `popular`.

    None, saying why, if there is nothing to hold out. Cost: one fit more of every model.
    """
    models = make_models(settings.models, settings.model_options)
    try:
        cut = cut_by(settings.evaluation_protocol, tables, seed=settings.seed)
        results = evaluate(cut, models, [Popular()], settings, reporter)
    except DataError as error:
        reporter.say(f"Not evaluated: {error}")
        return None
    figures = {one.handle: headline(one) for one in results.assessments}
    popular = {Popular.handle: figures.pop(Popular.handle)}
    losing = [one.handle for one in results.measured if results.loses_to_popular(one)]
    for handle in losing:
        reporter.say(f"{handle}: its lists find less than the most viewed courses would")
    how = Evaluation(results.how, len(results.split.users), popular)
    return Headlines(how, figures, frozenset(losing))
