"""One evaluation of quick models on the sample data, for all who look at its results."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from generator.evaluation.baselines import EASE, comparators
from generator.evaluation.evaluate import Results, evaluate, learning_curves
from generator.evaluation.protocols import Cut, time_split
from generator.load.files import load_tables
from generator.models.registry import make_models
from generator.process.progress import Reporter
from generator.validation.validation import Validated, validate_tables
from shared.settings import GeneratorSettings

SAMPLE = Path(__file__).parents[3] / "data" / "sample"
QUICK = ["tfidf_user_interest", "knn_collab_filtering_user_course_view"]


@dataclass(frozen=True)
class Evaluated:
    cut: Cut
    results: Results


@pytest.fixture(scope="session")
def sample() -> Validated:
    return validate_tables(load_tables(str(SAMPLE)))


@pytest.fixture(scope="session")
def evaluated(sample: Validated) -> Evaluated:
    cut, settings, reporter = (
        time_split(sample.tables),
        GeneratorSettings(_env_file=None),
        Reporter(),
    )
    models, baselines = make_models(QUICK, {}), comparators([EASE])
    results = evaluate(cut, models, baselines, settings, reporter)
    results.curves = learning_curves(cut, results, [*models, *baselines], settings, reporter)
    return Evaluated(cut, results)
