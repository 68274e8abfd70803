"""`make bench-sequences`: models that read the order, alone and blended, on public sequences."""

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from statistics import fmean

from benchmarks.quality.data_sets import DataSet
from benchmarks.sequences.goals import (
    BEST_NETWORK,
    BLEND,
    BLEND_WITH_NETWORK,
    BLENDED,
    DATA_SETS,
    GOALS,
    MINUTES_FOR_A_NETWORK,
    NETWORKS,
    SEQUENCE_MODELS,
)
from benchmarks.sequences.shuffled import Shuffled
from benchmarks.sequences.trials import Outcome, Trials
from benchmarks.targets import Target, conclude
from generator.evaluation.protocols import Cut
from generator.models.run_options import RunOptions
from generator.process.memory import BYTES_PER_MB
from generator.process.processors import available_threads


def main() -> int:
    asked = _options()
    folder = Path(asked.data)
    chosen = [data for data in DATA_SETS if not asked.only or data.name in asked.only]
    targets: list[Target] = []
    for data in chosen:
        if data.is_in(folder):
            targets += _on(data, folder, asked)
        else:
            print(f"{data.name} is not in {folder}: set DATA_FOLDER to a folder with {data.train}.")
    print()
    code = conclude(targets)
    return code if all(data.is_in(folder) for data in chosen) else 1


def _on(data: DataSet, folder: Path, asked: argparse.Namespace) -> list[Target]:
    cut = data.cut(folder)
    print(f"\n{data.name}: {data.protocol}.\n  seed  recall@{data.k}  NDCG@{data.k}", flush=True)
    of_seeds: dict[str, list[Outcome]] = defaultdict(list)
    for seed in asked.seeds:
        for who, outcome in _with_seed(data, cut, seed, asked):
            print(f"  {seed:4}  {outcome.told()}  {who}", flush=True)
            of_seeds[who].append(outcome)
    _print_means(data, of_seeds, asked.seeds)
    lost = _without_order(data, cut, of_seeds, asked) if asked.shuffled else ()
    return [*_targets(data, of_seeds), *lost]


def _without_order(
    data: DataSet, cut: Cut, of_seeds: Mapping[str, Sequence[Outcome]], asked: argparse.Namespace
) -> Iterator[Target]:
    """With the first seed, each model that was run alone."""
    trials = Shuffled(data, cut, _run_options(asked.seeds[0], asked))
    for handle in SEQUENCE_MODELS:
        if handle in of_seeds:
            outcome, target = trials.lost(handle, of_seeds[handle][0])
            print(f"  shuffled  {outcome.told()}  {handle}", flush=True)
            yield target


def _with_seed(
    data: DataSet, cut: Cut, seed: int, asked: argparse.Namespace
) -> Iterator[tuple[str, Outcome]]:
    """Who, and what it reached; of components that nobody asked for too, where they are blended."""
    run = _run_options(seed, asked)
    handles = [name for name in SEQUENCE_MODELS if not asked.models or name in asked.models]
    blended = () if asked.without_blends else BLENDED
    trials = Trials(data, cut, run, [*blended, *NETWORKS])
    for handle in dict.fromkeys([*blended, *handles]):
        yield handle, trials.alone(handle)
    networks = [handle for handle in handles if handle in NETWORKS]
    if networks:
        best = trials.best_of(networks)
        yield BEST_NETWORK, trials.outcomes[best]
    if blended:
        yield from _blends(trials, best if networks else None)


def _run_options(seed: int, asked: argparse.Namespace) -> RunOptions:
    return RunOptions(
        seed=seed,
        threads=asked.threads,
        memory_budget_bytes=asked.memory_mb * BYTES_PER_MB // 4,
        say=partial(print, "       ", flush=True),
    )


def _blends(trials: Trials, network: str | None) -> Iterator[tuple[str, Outcome]]:
    for handle in BLENDED:
        trials.rehearse(handle)
    yield BLEND, trials.blend(BLENDED)
    if network:
        trials.rehearse(network)
        yield BLEND_WITH_NETWORK, trials.blend([*BLENDED, network])


def _print_means(
    data: DataSet, of_seeds: Mapping[str, Sequence[Outcome]], seeds: Sequence[int]
) -> None:
    rows = [(*figures, f"  {who}") for who, figures in data.published.items()]
    for who, outcomes in of_seeds.items():
        seconds = fmean(outcome.seconds for outcome in outcomes)
        rows.append((*_means(outcomes), f"* {who}, {seconds:.0f} s to fit and list"))
    print(f"  recall@{data.k}  NDCG@{data.k}   * ours, means of seeds {' '.join(map(str, seeds))}")
    for recall, ndcg, who in sorted(rows):
        print(f"  {recall:9.4f}  {ndcg:7.4f}   {who}", flush=True)


def _targets(data: DataSet, of_seeds: Mapping[str, Sequence[Outcome]]) -> Iterator[Target]:
    for goal in GOALS:
        if goal.data is data and goal.who in of_seeds:
            yield from goal.targets(_means(of_seeds[goal.who]))
    if BEST_NETWORK in of_seeds:
        minutes = max(outcome.seconds for outcome in of_seeds[BEST_NETWORK]) / 60
        name = f"{data.name} {BEST_NETWORK}, fit and lists"
        yield Target(name, minutes, MINUTES_FOR_A_NETWORK, " min", at_most=True)


def _means(outcomes: Sequence[Outcome]) -> tuple[float, float]:
    return (
        fmean(outcome.recall for outcome in outcomes),
        fmean(outcome.ndcg for outcome in outcomes),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-sequences", description=__doc__)
    parser.add_argument("--data", default=os.environ.get("DATA_FOLDER") or "../shared/data")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="data sets to run on")
    parser.add_argument(
        "--models", nargs="*", choices=SEQUENCE_MODELS, metavar="HANDLE", help="models to run"
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3], metavar="NUMBER")
    parser.add_argument("--without-blends", action="store_true", help="each model alone")
    parser.add_argument(
        "--shuffled", action="store_true", help="each model again, on orders that are shuffled"
    )
    parser.add_argument("--threads", type=int, default=available_threads())
    parser.add_argument("--memory-mb", type=int, default=4096)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
