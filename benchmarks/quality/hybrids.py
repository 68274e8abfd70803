"""Hybrids beside each model that they blend: what they learn, and whether it pays."""

from collections.abc import Callable, Container, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.activity import by_activity
from benchmarks.quality.data_sets import COCO, MOOCCUBEX, MOVIELENS, DataSet
from benchmarks.quality.diversity import Diversified
from benchmarks.targets import Target
from generator.evaluation.protocols import Cut, Split, split_of
from generator.evaluation.rehearsal import rehearsal_of, taught
from generator.hybrids.base import Hybrid
from generator.lists.candidates import Candidates
from generator.lists.ranked import ranked
from generator.models.base import Model
from generator.models.registry import make_models, model_class
from generator.models.sequence import SequenceModel
from generator.plan import plan_run, run_options
from generator.process.memory import give_back
from generator.process.progress import Steps
from shared.kinds import KindName
from shared.settings import GeneratorSettings

HYBRIDS = {
    "weighted_hybrid": (COCO, MOOCCUBEX),
    "progressive_hybrid": (COCO, MOOCCUBEX),
    "lightgbm_ranker": (COCO, MOVIELENS, MOOCCUBEX),
    "ensemble_similar_users": (COCO, MOOCCUBEX),
}
"""Handle -> where it is to be better than each of its components."""
BESIDE = dict.fromkeys(("progressive_hybrid", "lightgbm_ranker"), ("weighted_hybrid",))
"""Handle -> hybrids of some of the same components that it is to be better than too."""
WANTED = {
    (MOVIELENS.name, "lightgbm_ranker"): 0.190,
    (MOOCCUBEX.name, "lightgbm_ranker"): 0.216,
}
"""What NDCG@10 is to be, without a network."""
K = 10
FIGURES: dict[KindName, str] = {
    "recommendations": f"NDCG@{K}",
    "similar_users": f"neighbours in common@{K}",
}
"""What lists of a kind are compared by."""


def beaten(
    data: DataSet,
    cut: Cut,
    split: Split,
    settings: GeneratorSettings,
    only: Container[str] = tuple(HYBRIDS),
) -> Iterator[Target]:
    """Each hybrid's figure on a data set against that of the best of its components.

    It learns on a validation part of the training part, as a run does in its rehearsal.
    """
    for handle in (name for name, sets in HYBRIDS.items() if data in sets and name in only):
        components = make_models(_quick_components(handle), {})
        hybrid, *beside = make_models([handle, *BESIDE.get(handle, ())], {})
        validation = data.validation(cut)
        before, rehearsed = split_of(validation), _candidates_for(hybrid, settings)
        kind = hybrid.serves[0]
        _reached(components, kind, before, settings, rehearsed)
        every = taught([*beside, hybrid], before, rehearsed)
        learned = every[handle]
        candidates, varied = _candidates_for(hybrid, settings), Diversified(split)
        is_varied = data is COCO and handle == "weighted_hybrid"
        shown = varied.look_at if is_varied else _passed_over
        models = [*components, *every.values()]
        per_user = _reached(models, kind, split, settings, candidates, shown)
        reached = {name: float(values.mean()) for name, values in per_user.items()}
        measures = ", ".join(f"{name} {value:.3f}" for name, value in learned.measures.items())
        print(f"  {handle}, learned where {validation.how}: {measures}", flush=True)
        for name, value in sorted(reached.items(), key=lambda of_model: of_model[1]):
            print(f"    {value:7.4f}  {name}", flush=True)
        blended = reached.pop(handle)
        yield Target(f"{data.name} {handle} {FIGURES[kind]}", blended, max(reached.values()))
        if wanted := WANTED.get((data.name, handle)):
            yield Target(f"{data.name} {handle} {FIGURES[kind]}, wanted", blended, wanted)
        if handle == "progressive_hybrid":
            yield from by_activity(data.name, handle, per_user, split)
        if varied.pairs:
            varied.print_table()
            yield from varied.targets(data.name, handle)


def _quick_components(handle: str) -> list[str]:
    """All but networks that read sequences: what they add is for `make bench-sequences` to say."""
    used = model_class(handle).uses
    return [name for name in used if not issubclass(model_class(name), SequenceModel)]


def _candidates_for(hybrid: Model, settings: GeneratorSettings) -> Candidates:
    return Candidates.for_hybrids([hybrid], settings.candidates_per_user)


def _passed_over(_: Model) -> None:
    """Where nothing else is measured of a model."""


def _reached(
    models: Sequence[Model],
    kind: KindName,
    split: Split,
    settings: GeneratorSettings,
    candidates: Candidates,
    shown: Callable[[Model], None] = _passed_over,
) -> dict[str, NDArray[np.float64]]:
    """The figure of each user, by handle of the models that run; these leave their candidates."""
    plan = plan_run(models, split.train, settings)
    reached = {}
    for model in (model for model in models if model.handle not in plan.skipped):
        if isinstance(model, Hybrid):
            model.over(candidates)
        model.fit(split.train, run_options(settings, Steps(), plan.block_bytes[model.handle]))
        listed = ranked(model, kind, split.users, K, candidates)
        rehearsal = rehearsal_of(split, candidates, split.users, kind)
        reached[model.handle] = rehearsal.measure(listed, rehearsal.held_out)
        shown(model)
        give_back()
    return reached
