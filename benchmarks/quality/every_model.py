"""Every model at default options on five data sets, and the page that says which to take when."""

from collections.abc import Sequence
from math import inf
from pathlib import Path

from benchmarks.quality.data_sets import BEAUTY, COCO, MOOCCUBEX, MOVIELENS, SAMPLE, DataSet
from benchmarks.quality.measured import FILE, Measured, Measurements
from benchmarks.quality.page import PAGE, page_of
from generator.evaluation.assess import Assessment
from generator.evaluation.baselines import POPULAR, popular_beside
from generator.evaluation.choose import ALIKE
from generator.evaluation.evaluate import MAIN_METRIC, Results, evaluate
from generator.models.registry import MODELS, make_models, model_class
from generator.process.progress import Reporter
from generator.process.time_limit import TimeBudget
from shared.clock import utc_now
from shared.settings import GeneratorSettings

SETS = (SAMPLE, COCO, MOOCCUBEX, MOVIELENS, BEAUTY)


def write_page(
    folder: Path,
    only: Sequence[str] | None,
    handles: Sequence[str] | None,
    minutes: float,
    settings: GeneratorSettings,
) -> int:
    """Measure, keep what was measured beside what was before, and write docs/models.md.

    only: names of data sets; handles: of models. A fit that takes longer than `minutes` is given
    up, and so it says. 0 minutes write the page from what was measured before.
    """
    kept = Measurements.read(FILE)
    for data in SETS if minutes else ():
        if only and data.name not in only:
            continue
        if not data.is_in(folder):
            print(f"{data.name} is not in {folder}: set DATA_FOLDER to a folder with {data.train}.")
            continue
        print(f"\n{data.name}", flush=True)
        results = _measured(data, folder, handles or list(MODELS), minutes, settings)
        split = results.split
        kept.cuts[data.name] = (
            f"{data.protocol}; {len(split.users):,} users asked about, {split.train.seen.nnz:,} "
            f"views of {len(split.train.courses):,} courses to learn from"
        )
        found = {
            one.handle: _kept(one, results) for one in results.assessments if one.handle != POPULAR
        }
        kept.figures[data.name] = kept.figures.get(data.name, {}) | found
        kept.write(FILE)
    PAGE.write_text(page_of(kept), encoding="utf-8")
    print(f"Written: {PAGE.name}")
    return 0


def _measured(
    data: DataSet, folder: Path, handles: Sequence[str], minutes: float, settings: GeneratorSettings
) -> Results:
    """Hybrids bring their components along."""
    parts = [part for handle in handles for part in model_class(handle)().uses]
    models = make_models([*handles, *parts], {})
    baselines = popular_beside([model.handle for model in models])
    budget = TimeBudget(inf, most=60 * minutes)
    return evaluate(data.cut(folder), models, baselines, settings, Reporter(), budget=budget)


def _kept(one: Assessment, results: Results) -> Measured:
    day = f"{utc_now():%Y-%m-%d}"
    if one.skipped:
        return Measured(day, why_not=one.skipped)
    ndcg = one.figures.get(MAIN_METRIC)
    return Measured(
        day,
        ndcg=round(ndcg.value, 4) if ndcg else None,
        low=round(ndcg.low, 4) if ndcg else None,
        high=round(ndcg.high, 4) if ndcg else None,
        recall=round(one.value("recall_at_10"), 4) if ndcg else None,
        in_common=round(one.value(ALIKE), 4) if ALIKE in one.figures else None,
        loses=bool(ndcg) and results.loses_to_popular(one),
        slices={
            f"{part.group}: {part.name}": round(part.figures(one)[MAIN_METRIC], 4)
            for part in results.slices
            if one.listed is not None
        },
    )
