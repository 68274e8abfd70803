"""What the gate makes of figures on views that were held out, where the run evaluated."""

from collections.abc import Iterator

from generator.checks.likeness import ENOUGH_SUBJECTS
from shared.records import Manifest, ModelCard, figure_named
from shared.settings import GeneratorSettings


def losing_to_popular(card: ModelCard, new: Manifest, settings: GeneratorSettings) -> Iterator[str]:
    how = new.evaluation
    if not settings.gate_must_beat_popular or settings.leaves_out_losing_models:
        return
    if how is None or how.users < ENOUGH_SUBJECTS or not card.is_below_popular:
        return
    figure = card.figure(settings.gate_metric)
    popular = figure_named(how.baselines.get("popular", []), settings.gate_metric)
    if figure is not None and popular is not None:
        yield (
            f"{card.model_handle}: its {settings.gate_metric} is {figure.value:.4f}, and that of "
            f"the most viewed courses {popular.value:.4f} (GATE_MUST_BEAT_POPULAR)."
        )


def less_accurate(
    before: ModelCard, after: ModelCard, settings: GeneratorSettings
) -> Iterator[str]:
    """`before`: the card in the last generation with figures of the model, live or earlier."""
    then, now = before.figure(settings.gate_metric), after.figure(settings.gate_metric)
    if then is None or now is None:
        return
    # Few users give wide intervals, and a fall within them may be chance.
    if now.value >= then.value * settings.gate_min_metric_kept or now.high >= then.low:
        return
    yield (
        f"{before.model_handle}: its {settings.gate_metric} is {now.value:.4f} "
        f"[{now.low:.4f}, {now.high:.4f}] after {then.value:.4f} [{then.low:.4f}, "
        f"{then.high:.4f}], less than GATE_MIN_METRIC_KEPT ({settings.gate_min_metric_kept:.0%})."
    )
