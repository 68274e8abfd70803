"""What a run will do, decided once the data is in memory and before any model is fitted."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from generator.dataset.dataset import Dataset
from generator.models.base import Model
from generator.models.registry import handles_of, make_models
from generator.models.run_options import RunOptions
from generator.process.memory import BYTES_PER_MB, resident_bytes
from generator.process.processors import available_threads
from generator.process.progress import Steps
from shared.errors import DataError, SettingsError
from shared.kinds import KINDS, KindName
from shared.settings import GeneratorSettings

LEAST_FOR_BLOCKS = 32 * BYTES_PER_MB
SHARE_FOR_BLOCKS = 0.5
"""Of what a model leaves: what a block takes is an estimate too."""


@dataclass(frozen=True)
class RunPlan:
    skipped: Mapping[str, str]
    """Model handle -> why it will not run: "needs ..."."""

    block_bytes: Mapping[str, int]
    """Model handle -> memory for the blocks of its products."""

    without_courses: Collection[str] = field(default_factory=frozenset)
    """Handles of the models whose recommendations are left out."""

    def kinds(self, model: Model) -> list[KindName]:
        """The kinds of lists to make with a model, in the order of the table."""
        left_out = {"recommendations"} if model.handle in self.without_courses else set()
        return [kind for kind in KINDS if kind in model.serves and kind not in left_out]


def models_of(settings: GeneratorSettings) -> list[Model]:
    """Those that MODELS names and fallbacks that it does not, which always run; hybrids last.

    Raises SettingsError.
    """
    named = handles_of(settings.models)
    beside = handles_of(settings.fallback_models) if settings.fallback_models else []
    handles = list(dict.fromkeys([*named, *beside]))
    return in_order_of_use(make_models(handles, settings.model_options))


def in_order_of_use(models: Iterable[Model]) -> list[Model]:
    """In the same order but for those that are made from others: they come after these."""
    known = {model.handle: model for model in models}

    def layer(model: Model) -> int:
        used = (known[handle] for handle in model.uses if handle in known)
        return max((1 + layer(component) for component in used), default=0)

    return sorted(known.values(), key=layer)


def plan_run(
    models: Sequence[Model],
    dataset: Dataset,
    settings: GeneratorSettings,
    losing: Collection[str] = (),
) -> RunPlan:
    """Which models have what they need, and fit into MEMORY_BUDGET_MB beside the data.

    losing: handles of the models that find less than the most viewed courses would. Raises
    DataError if not one has what it needs, SettingsError if none of the others fits.
    """
    missing = {model.handle: model.missing_inputs(dataset) for model in models}
    if all(missing.values()):
        raise _nothing_to_run_on(missing, settings.data_url)
    skipped = {
        handle: f"needs {', '.join(inputs)}, which the data lacks"
        for handle, inputs in missing.items()
        if inputs
    }
    without_courses = frozenset(losing if settings.leaves_out_losing_models else ())
    skipped |= {
        model.handle: "finds less than the most viewed courses would (GATE_LOSING_MODEL=skip)"
        for model in models
        if model.handle in without_courses and model.serves == ("recommendations",)
    }
    too_large, block_bytes = _memory_of_models(
        [model for model in models if model.handle not in skipped], dataset, settings
    )
    skipped |= too_large
    for model in models:
        if model.uses and not set(block_bytes) & set(model.uses):
            block_bytes.pop(model.handle, None)
            skipped.setdefault(
                model.handle, f"blends {', '.join(model.uses)}, and none of them runs"
            )
    if not block_bytes:
        reasons = "; ".join(f"{handle} {reason}" for handle, reason in too_large.items())
        raise SettingsError(f"No model fits: {reasons}. Raise MEMORY_BUDGET_MB.")
    return RunPlan(skipped, block_bytes, without_courses)


def run_options(settings: GeneratorSettings, steps: Steps, block_bytes: int) -> RunOptions:
    return RunOptions(
        seed=settings.seed,
        threads=settings.threads or available_threads(),
        memory_budget_bytes=block_bytes,
        progress=steps,
        say=steps.say,
        vectors_folder=Path(settings.vectors_folder),
        thumbnails_folder=settings.thumbnails_folder,
        training_folder=Path(settings.training_folder, settings.tenant),
        vectors_bytes=settings.vectors_mb * BYTES_PER_MB,
    )


def _memory_of_models(
    models: Sequence[Model], dataset: Dataset, settings: GeneratorSettings
) -> tuple[dict[str, str], dict[str, int]]:
    """Why some do not fit, and what is left for the blocks of each of the others, in bytes."""
    budget, held = settings.memory_budget_mb * BYTES_PER_MB, resident_bytes()
    too_large, block_bytes = {}, {}
    loaded: set[str] = set()
    for model in models:
        library_bytes = 0 if model.library in loaded else model.library_bytes
        needed = held + library_bytes + model.memory_bytes(dataset)
        if needed + LEAST_FOR_BLOCKS > budget:
            too_large[model.handle] = (
                f"needs about {needed // BYTES_PER_MB:,} MB of memory, and MEMORY_BUDGET_MB is "
                f"{settings.memory_budget_mb:,}"
            )
            continue
        block_bytes[model.handle] = int(SHARE_FOR_BLOCKS * (budget - needed))
        # An imported library stays, for the models that follow too.
        held += library_bytes
        loaded |= {model.library} - {""}
    return too_large, block_bytes


def _nothing_to_run_on(missing: Mapping[str, Sequence[str]], data_url: str) -> DataError:
    listed = "; ".join(f"{handle} needs {', '.join(need)}" for handle, need in missing.items())
    return DataError(
        f"No model has anything to run on in {data_url}: {listed}. Add rows to user_interests "
        "(user_handle, interest_tag) or user_course_views (user_handle, course_id, level, "
        "view_time_seconds)."
    )
