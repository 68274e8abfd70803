"""What every registered model says that it takes, against what it takes."""

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.load.files import load_tables
from generator.models.base import Model
from generator.models.registry import MODELS, model_class
from generator.models.run_options import RunOptions
from generator.process.memory import (
    BYTES_PER_MB,
    give_back,
    peak_bytes,
    resident_bytes,
    restart_peak,
)
from generator.synthetic import synthesize
from generator.validation.validation import validate_tables
from tests.datasets import make_dataset

BLOCKS = 16 * BYTES_PER_MB
LONG_BLOCKS = 96 * BYTES_PER_MB
"""A list of 1,000 takes 8 KB, and copies of it while it is made."""
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


@pytest.fixture(scope="module")
def dataset_with_heavy_users() -> Dataset:
    """8,000 users of a few courses, and ten who have viewed nearly all."""
    random = np.random.default_rng(0)
    popularity = 1 / np.arange(1, 3001) ** 0.8
    few = random.choice(3000, (8000, 6), p=popularity / popularity.sum())
    pairs = {(user, int(course)) for user, row in enumerate(few) for course in row}
    pairs |= {(user, course) for user in range(10) for course in range(2_800)}
    views = [(user, course, 60.0 * (1 + course % 7), "AB"[user % 2]) for user, course in pairs]
    return make_dataset(
        views=views,
        interests=[(user, f"t{tag}") for user in range(8000) for tag in {user % 90, user % 70}],
        course_tags=[(course, f"t{course % 90}") for course in range(3000)],
    )


@pytest.mark.parametrize("handle", MODELS)
def test_a_few_heavy_users_and_long_lists_stay_within_it_too(
    handle: str, dataset_with_heavy_users: Dataset
) -> None:
    model = small_steps(handle)
    allowed = model.memory_bytes(dataset_with_heavy_users) + model.library_bytes + LONG_BLOCKS
    give_back()
    before = resident_bytes()
    restart_peak()
    model.fit(dataset_with_heavy_users, RunOptions(threads=2, memory_budget_bytes=LONG_BLOCKS))
    for kind in model.serves:
        subjects = model.known_subjects(kind)[:2048]
        model.top_n(kind, subjects, 1000)
        if kind in model.reason_kinds:
            model.reasons(kind, subjects, model.top_n(kind, subjects, 10).indices)
    assert peak_bytes() - before <= allowed + NOISE
