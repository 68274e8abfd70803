"""`make bench-quality`: Kindred's models on public splits, beside what was published."""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.data_sets import DATA_SETS, DataSet
from benchmarks.quality.every_model import write_page
from benchmarks.quality.hybrids import HYBRIDS, beaten
from benchmarks.quality.trials import TRIALS, Trial
from benchmarks.targets import Target, conclude
from generator.evaluation.metrics import accuracy
from generator.evaluation.protocols import Split, split_of
from generator.models.registry import model_class
from generator.models.run_options import RunOptions
from generator.plan import plan_run
from generator.process.memory import BYTES_PER_MB, give_back
from generator.process.processors import available_threads
from shared.errors import SettingsError
from shared.settings import GeneratorSettings

DEPTH = 20


@dataclass(frozen=True)
class Outcome:
    trial: Trial
    reached: tuple[float, float]
    how: str


def main() -> int:
    asked = _options()
    folder = Path(asked.data)
    if asked.page:
        settings = GeneratorSettings(memory_budget_mb=asked.memory_mb, threads=asked.threads)
        return write_page(folder, asked.only, asked.models, asked.minutes, settings)
    chosen = [data for data in DATA_SETS if not asked.only or data.name in asked.only]
    present = [data for data in chosen if data.is_in(folder)]
    for data in chosen:
        if data not in present:
            print(f"{data.name} is not in {folder}: set DATA_FOLDER to a folder with {data.train}.")
    targets = [target for data in present for target in _on(data, folder, asked)]
    print()
    code = conclude(targets)
    return code if len(present) == len(chosen) else 1


def _on(data: DataSet, folder: Path, asked: argparse.Namespace) -> list[Target]:
    cut = data.cut(folder)
    split = split_of(cut)
    users = _some(split.users, asked.users)
    print(
        f"\n{data.name}: {data.protocol}. {len(users):,} of {len(split.users):,} users asked "
        f"about, {split.train.seen.nnz:,} views of {len(split.train.courses):,} courses to learn "
        "from.",
        flush=True,
    )
    outcomes = []
    for trial in (trial for trial in TRIALS if trial.data is data):
        if asked.models and trial.handle not in asked.models:
            continue
        if trial.heavy and not asked.heavy:
            print(_declined(trial, split, asked.memory_mb))
            continue
        outcomes.append(_run(trial, split, users, asked))
        print(f"  {trial.handle}: {outcomes[-1].how}", flush=True)
        give_back()
    _print_table(data, outcomes)
    targets = [target for one in outcomes for target in one.trial.targets(one.reached)]
    if asked.models and not set(asked.models) & set(HYBRIDS):
        return targets
    settings = GeneratorSettings(memory_budget_mb=asked.memory_mb, threads=asked.threads)
    return [*targets, *beaten(data, cut, split, settings, asked.models or HYBRIDS)]


def _some(users: NDArray[np.int32], wanted: int | None) -> NDArray[np.int32]:
    if wanted is None or wanted >= len(users):
        return users
    return np.sort(np.random.default_rng(0).choice(users, wanted, replace=False))


def _run(
    trial: Trial, split: Split, users: NDArray[np.int32], asked: argparse.Namespace
) -> Outcome:
    run = RunOptions(threads=asked.threads, memory_budget_bytes=asked.memory_mb * BYTES_PER_MB // 4)
    started = perf_counter()
    model = model_class(trial.handle)(**trial.options).fit(split.train, run)
    fitted = perf_counter()
    listed = model.recommend(users, DEPTH).indices
    done = perf_counter()
    found = accuracy(listed, split.held_out[users], [trial.data.k])
    reached = (
        float(found[f"recall_at_{trial.data.k}"].mean()),
        float(found[f"ndcg_at_{trial.data.k}"].mean()),
    )
    options = " ".join(f"{name}={value:g}" for name, value in trial.options.items()) or "defaults"
    how = f"{options}; fit {fitted - started:.0f} s, lists {done - fitted:.0f} s"
    return Outcome(trial, reached, how)


def _declined(trial: Trial, split: Split, memory_mb: int) -> str:
    """What a run of the generator says of a model that does not fit beside this data."""
    model = model_class(trial.handle)(**trial.options)
    try:
        plan = plan_run([model], split.train, GeneratorSettings(memory_budget_mb=memory_mb))
    except SettingsError as error:
        return f"  {trial.handle} not run, as a run of the generator says: {error}"
    return f"  {trial.handle} not run ({plan.block_bytes} bytes are left for blocks): add --heavy."


def _print_table(data: DataSet, outcomes: list[Outcome]) -> None:
    rows = [(*figures, f"  {who}") for who, figures in data.published.items()]
    rows += [(*one.reached, f"* {one.trial.handle}  ({one.how})") for one in outcomes]
    print(f"  recall@{data.k}  NDCG@{data.k}   * ours")
    for recall, ndcg, who in sorted(rows):
        print(f"  {recall:9.4f}  {ndcg:7.4f}   {who}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-quality", description=__doc__)
    parser.add_argument("--data", default=os.environ.get("DATA_FOLDER") or "../shared/data")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="data sets to run on")
    parser.add_argument("--models", nargs="*", metavar="HANDLE", help="models to run")
    parser.add_argument("--users", type=int, help="ask about so many by lot: a quick look")
    parser.add_argument("--heavy", action="store_true", help="EASE on 40,000 courses too: 7 GB")
    parser.add_argument(
        "--page",
        action="store_true",
        help="instead, measure every model at default options and write docs/models.md",
    )
    parser.add_argument(
        "--minutes", type=float, default=5, help="page: what a fit may take; 0 measures nothing"
    )
    parser.add_argument("--threads", type=int, default=available_threads())
    parser.add_argument("--memory-mb", type=int, default=4096)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
