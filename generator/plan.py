"""What a run will do, decided once the data is in memory and before any model is fitted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from generator.dataset.dataset import Dataset
from generator.memory import BYTES_PER_MB, resident_bytes
from generator.models.base import Model, RunOptions
from generator.processors import available_threads
from generator.progress import Steps
from shared.errors import DataError, SettingsError
from shared.settings import Settings

LEAST_FOR_BLOCKS = 32 * BYTES_PER_MB
SHARE_FOR_BLOCKS = 0.5
"""Of what a model leaves: what a block takes is an estimate too."""


@dataclass(frozen=True)
class RunPlan:
    skipped: Mapping[str, str]
    """Model handle -> why it will not run: "needs ..."."""

    block_bytes: Mapping[str, int]
    """Model handle -> memory for the blocks of its products."""


def plan_run(models: Sequence[Model], dataset: Dataset, settings: Settings) -> RunPlan:
    """Which models have what they need, and fit into MEMORY_BUDGET_MB beside the data.

    Raises DataError if not one has what it needs, SettingsError if none of the others fits.
    """
    missing = {model.handle: model.missing_inputs(dataset) for model in models}
    if all(missing.values()):
        raise _nothing_to_run_on(missing, settings.data_url)
    skipped = {
        handle: f"needs {', '.join(inputs)}, which the data lacks"
        for handle, inputs in missing.items()
        if inputs
    }
    budget, held = settings.memory_budget_mb * BYTES_PER_MB, resident_bytes()
    too_large, block_bytes = {}, {}
    for model in models:
        if model.handle in skipped:
            continue
        needed = held + model.library_bytes + model.memory_bytes(dataset)
        if needed + LEAST_FOR_BLOCKS > budget:
            too_large[model.handle] = (
                f"needs about {needed // BYTES_PER_MB:,} MB of memory, and MEMORY_BUDGET_MB is "
                f"{settings.memory_budget_mb:,}"
            )
            continue
        block_bytes[model.handle] = int(SHARE_FOR_BLOCKS * (budget - needed))
        # An imported library stays, for the models that follow too.
        held += model.library_bytes
    if not block_bytes:
        reasons = "; ".join(f"{handle} {reason}" for handle, reason in too_large.items())
        raise SettingsError(f"No model fits: {reasons}. Raise MEMORY_BUDGET_MB.")
    return RunPlan(skipped | too_large, block_bytes)


def run_options(settings: Settings, steps: Steps, block_bytes: int) -> RunOptions:
    return RunOptions(
        seed=settings.seed,
        threads=settings.threads or available_threads(),
        memory_budget_bytes=block_bytes,
        progress=steps,
    )


def _nothing_to_run_on(missing: Mapping[str, Sequence[str]], data_url: str) -> DataError:
    listed = "; ".join(f"{handle} needs {', '.join(need)}" for handle, need in missing.items())
    return DataError(
        f"No model has anything to run on in {data_url}: {listed}. Add rows to user_interests "
        "(user_handle, interest_tag) or user_course_views (user_handle, course_id, level, "
        "view_time_seconds)."
    )
