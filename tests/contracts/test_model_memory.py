"""What every registered model says that it takes, against what it takes."""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.load.files import load_tables
from generator.models.registry import MODELS, model_class
from generator.process.memory import BYTES_PER_MB
from generator.synthetic import synthesize
from generator.validation.validation import validate_tables
from tests.datasets import make_dataset
from tests.model_memory import Asked, processes_of_their_own, small_steps, taken_by
from tests.quick_models import ONE_OF_EACH_BASE

BLOCKS = 16 * BYTES_PER_MB
NOISE = 40 * BYTES_PER_MB
"""What allocators keep, and BLAS for its threads."""
SUBJECTS, LONG = 2048, 1000
LONG_LISTS = 2 * SUBJECTS * LONG * 8
"""The answer itself, and its parts while it is put together."""


@pytest.fixture(scope="module")
def process() -> Iterator[ProcessPoolExecutor]:
    with processes_of_their_own() as executor:
        yield executor


def made_up(folder: Path, users: int, views: int) -> Dataset:
    synthesize(folder, users=users, courses=2_000, views=views, file_format="parquet")
    return build_dataset(validate_tables(load_tables(str(folder))).tables)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    return made_up(tmp_path_factory.mktemp("platform"), 24_000, 60_000)


@pytest.fixture(scope="module")
def dataset_of_a_quarter(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """For networks, which read each view many times."""
    return made_up(tmp_path_factory.mktemp("quarter"), 6_000, 15_000)


@pytest.mark.parametrize("handle", MODELS)
def test_a_model_takes_no_more_than_it_says_and_not_much_less(
    handle: str,
    dataset: Dataset,
    dataset_of_a_quarter: Dataset,
    process: ProcessPoolExecutor,
) -> None:
    if model_class(handle).library == "tensorflow":
        dataset = dataset_of_a_quarter
    if model_class(handle).missing_inputs(dataset):
        pytest.skip("made-up platforms have no pictures; the test below has")
    estimate = small_steps(handle).memory_bytes(dataset)
    taken = process.submit(taken_by, handle, dataset, BLOCKS, Asked(1024, 20)).result()
    assert taken.by_library <= model_class(handle).library_bytes + NOISE
    assert taken.by_model <= estimate + BLOCKS + NOISE
    assert estimate <= 4 * taken.by_model + NOISE


@pytest.fixture(scope="module")
def dataset_with_heavy_users() -> Dataset:
    """4,000 users of a few courses, and ten who have viewed nearly all."""
    random = np.random.default_rng(0)
    popularity = 1 / np.arange(1, 3001) ** 0.8
    few = random.choice(3000, (4000, 6), p=popularity / popularity.sum())
    pairs = {(user, int(course)) for user, row in enumerate(few) for course in row}
    pairs |= {(user, course) for user in range(10) for course in range(2_800)}
    views = [(user, course, 60.0 * (1 + course % 7), "AB"[user % 2]) for user, course in pairs]
    return make_dataset(
        views=views,
        interests=[(user, f"t{tag}") for user in range(4000) for tag in {user % 90, user % 70}],
        course_tags=[(course, f"t{course % 90}") for course in range(3000)],
        completions=[(user, course) for user, course in pairs if course % 3 == 0],
    )


@pytest.mark.parametrize("handle", ONE_OF_EACH_BASE)
def test_a_few_heavy_users_and_long_lists_stay_within_it_too(
    handle: str, dataset_with_heavy_users: Dataset, process: ProcessPoolExecutor
) -> None:
    estimate = small_steps(handle).memory_bytes(dataset_with_heavy_users)
    asked = Asked(SUBJECTS, LONG, with_reasons=True)
    taken = process.submit(taken_by, handle, dataset_with_heavy_users, BLOCKS, asked).result()
    assert taken.by_model <= estimate + BLOCKS + LONG_LISTS + NOISE
