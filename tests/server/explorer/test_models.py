"""The figures that the page of models shows side by side."""

from server.explorer.models import metrics_of
from shared.records import Evaluation, Figure, Manifest, ModelCard


def manifest_with(baselines: dict[str, list[Figure]], **models: list[Figure]) -> Manifest:
    cards = [ModelCard(name, name, [], [], evaluation=figures) for name, figures in models.items()]
    made = Manifest("default", "g", "live", "", models=cards)
    made.evaluation = Evaluation("by hand", 9, baselines)
    return made


def ndcg(value: float) -> list[Figure]:
    return [Figure("ndcg", 10, value, value - 0.1, value + 0.1)]


def test_every_model_and_baseline_has_a_bar_as_long_as_the_best_interval_allows():
    (metric,) = metrics_of(manifest_with({"popular": ndcg(0.2)}, good=ndcg(0.5), bad=ndcg(0.1)))
    assert metric.name == "ndcg at 10"
    assert [(name, figure.value) for name, figure in metric.figures] == [
        ("good", 0.5),
        ("bad", 0.1),
        ("popular", 0.2),
    ]
    assert metric.best == 0.6


def test_a_baseline_that_is_a_model_too_is_shown_once():
    (metric,) = metrics_of(manifest_with({"popular": ndcg(0.2)}, most_viewed=ndcg(0.2)))
    assert [name for name, _ in metric.figures] == ["most_viewed"]
