"""What models take, each measured in a process of its own.

Where other tests have run, what they freed and the libraries that they loaded come and go under the
measure: one model took 91 MB, and 150 MB on a machine that reclaims cold pages. So each runs in a
fork of a process that has only imported, first on next to nothing, and is measured then.
"""

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

from generator.dataset.dataset import Dataset
from generator.hybrids.lightgbm_ranker import LightgbmRanker
from generator.models.base import Model
from generator.models.registry import MODELS, model_class
from generator.models.run_options import RunOptions
from generator.process.memory import give_back, peak_bytes, resident_bytes, restart_peak
from tests.planted import plant_tribes
from tests.quick_hybrids import learned_by_lot, with_lists_of_others
from tests.quick_models import quick_model


@dataclass(frozen=True)
class Asked:
    """How many subjects of each kind a model is asked for, and for how much."""

    subjects: int
    n: int
    with_reasons: bool = False


@dataclass(frozen=True)
class Taken:
    """Bytes beyond what was resident before."""

    by_library: int
    by_model: int


@contextmanager
def processes_of_their_own() -> Iterator[ProcessPoolExecutor]:
    """Whatever is submitted runs in a new process, which ends with it."""
    fresh = multiprocessing.get_context("forkserver")
    fresh.set_forkserver_preload([__name__, *(model_class(handle).__module__ for handle in MODELS)])
    with ProcessPoolExecutor(1, mp_context=fresh, max_tasks_per_child=1) as executor:
        yield executor


def small_steps(handle: str) -> Model:
    """The model with many numbers and little training."""
    return quick_model(handle, epochs=1, embedding_size=128, trees=1)


def taken_by(handle: str, dataset: Dataset, budget_bytes: int, asked: Asked) -> Taken:
    """What fitting and listing take under a budget for blocks, on two threads."""
    run = RunOptions(threads=2, memory_budget_bytes=budget_bytes)
    few = plant_tribes().dataset
    at_first = resident_bytes()
    fit_and_ask(with_lists_of_others(small_steps(handle), few, run), few, run, asked)
    model = with_lists_of_others(small_steps(handle), dataset, run)
    give_back()
    before = resident_bytes()
    restart_peak()
    fit_and_ask(model, dataset, run, asked)
    return Taken(before - at_first, peak_bytes() - before)


def fit_and_ask(model: Model, dataset: Dataset, run: RunOptions, asked: Asked) -> None:
    if isinstance(model, LightgbmRanker):
        # What it learns from is the most that it takes, and is gone when it is fitted.
        learned_by_lot(model, model._candidates, dataset)
    model.fit(dataset, run)
    for kind in model.serves:
        subjects = model.known_subjects(kind)[: asked.subjects]
        model.top_n(kind, subjects, asked.n)
        if asked.with_reasons and kind in model.reason_kinds:
            model.reasons(kind, subjects, model.top_n(kind, subjects, 10).indices)
