"""`make bench-generate`: the complete generator on the reference platform, and on parts of it."""

import argparse
import os
import sys
from pathlib import Path

from benchmarks.generate.growth import exponent, print_growth, total
from benchmarks.generate.kept import keep_reference
from benchmarks.generate.platforms import REFERENCE, platform
from benchmarks.generate.runs import Run, run_generator
from benchmarks.targets import Target, conclude
from generator.synthetic.shape import EXTREMES

MODELS = (
    "tfidf_user_interest",
    "knn_collab_filtering_user_course_view",
    "dnn_collab_filtering_user_course_level",
    "als_collab_filtering_user_course_view",
    "weighted_hybrid",
)


def main() -> int:
    options = _options()
    budget = {"MEMORY_BUDGET_MB": str(options.memory_budget_mb)}
    print(f"{os.cpu_count()} processors; MEMORY_BUDGET_MB={options.memory_budget_mb}")
    runs = []
    for scale in sorted(options.scale):
        tables = platform(options.folder, scale, options.seed, options.shape)
        print(f"\n{options.shape}, seed {options.seed}, scale {scale:g}: {tables}", flush=True)
        run = run_generator(tables, scale, options.models, budget)
        print(f"process: {run.seconds:,.1f} s, peak {run.peak_mb:,.0f} MB from outside")
        apart = ", ".join(f"{what} {seconds:,.1f} s" for what, seconds in run.on_top.items())
        print(f"of these on top, not in the target: {apart}", flush=True)
        runs.append(run)
        if scale == 1 and options.shape == REFERENCE:
            keep_reference(run.manifest.stages, options.models)
    if len(runs) > 1:
        print_growth(runs)
    return conclude([*_of_size(runs[-1], options), *_of_growth(runs)])


def _of_size(run: Run, options: argparse.Namespace) -> list[Target]:
    ran = sum(card.skipped is None for card in run.manifest.models)
    minutes = (run.seconds - sum(run.on_top.values())) / 60
    targets = [Target("models that ran", ran, len(options.models))]
    if run.scale == 1:
        targets += [
            Target("minutes, users", minutes, 15, " min", at_most=True, stretch=8),
            Target("peak memory", run.peak_mb / 1024, 8, " GiB", at_most=True, stretch=4),
        ]
    return targets


def _of_growth(runs: list[Run]) -> list[Target]:
    if len(runs) < 2:
        return []
    first, last = runs[0], runs[-1]
    ratio = last.scale / first.scale
    growth = {
        of_all_pairs: exponent(total(first, of_all_pairs), total(last, of_all_pairs), ratio)
        for of_all_pairs in (False, True)
    }
    memory = exponent(first.peak_mb, last.peak_mb, ratio)
    return [
        # A tenth is for noise: stages of seconds on a machine that does other things too.
        Target("growth exponent, all but all-pairs", growth[False], 1.1, at_most=True),
        Target("growth exponent, all-pairs", growth[True], 2.1, at_most=True),
        Target("growth exponent, peak memory", memory, 1.0, at_most=True),
    ]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.generate", description=__doc__)
    parser.add_argument(
        "--scale",
        type=float,
        nargs="+",
        default=[0.25, 0.5, 1.0],
        help="parts of 267,000 users x 395,000 courses x 2.8 million interactions",
    )
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--shape", choices=[REFERENCE, *EXTREMES], default=REFERENCE)
    parser.add_argument("--models", nargs="+", default=list(MODELS), help="model handles")
    parser.add_argument("--memory-budget-mb", type=int, default=4096)
    parser.add_argument(
        "--folder", type=Path, default=Path(".cache/platforms"), help="where the tables are kept"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
