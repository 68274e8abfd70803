"""What every registered model says that it takes, against what it takes."""

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.load.files import load_tables
from generator.memory import BYTES_PER_MB, give_back, peak_bytes, resident_bytes, restart_peak
from generator.models.base import Model, RunOptions
from generator.models.registry import MODELS, model_class
from generator.synthetic import synthesize
from generator.validation.validation import validate_tables

BLOCKS = 16 * BYTES_PER_MB
NOISE = 40 * BYTES_PER_MB
"""Libraries that are imported on the way, and what allocators keep."""

pytestmark = pytest.mark.xdist_group("models")


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    folder = tmp_path_factory.mktemp("platform")
    synthesize(folder, users=24_000, courses=2_000, views=60_000, file_format="parquet")
    return build_dataset(validate_tables(load_tables(str(folder))).tables)


def small_steps(handle: str) -> Model:
    """The model with many numbers and little training."""
    found = model_class(handle)
    quick = {"epochs": 1, "embedding_size": 128}
    return found(**{k: v for k, v in quick.items() if k in found.Options.model_fields})


@pytest.mark.parametrize("handle", MODELS)
def test_a_model_takes_no_more_than_it_says_and_not_much_less(
    handle: str, dataset: Dataset
) -> None:
    model = small_steps(handle)
    estimate = model.memory_bytes(dataset)
    give_back()
    before = resident_bytes()
    restart_peak()
    model.fit(dataset, RunOptions(threads=2, memory_budget_bytes=BLOCKS))
    for kind in model.serves:
        model.top_n(kind, np.arange(256), 20)
    taken = peak_bytes() - before
    assert taken <= estimate + model.library_bytes + BLOCKS + NOISE
    assert estimate <= 4 * taken + NOISE
