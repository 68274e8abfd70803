"""`python -m benchmarks.quality.ratings`: how near foretold ratings are, over five random folds.

MovieLens latest-small has 100,004 ratings by 671 users of 9,066 films. Each fold is foretold once
from the four others, users and films that these do not hold too.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from statistics import fmean, stdev
from time import process_time

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.targets import Target, conclude
from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.dataset.rating_scale import guessed_scale
from generator.evaluation.metrics import rmse
from generator.load.files import load_tables
from generator.models.mf_user_course_view import MfUserCourseView
from generator.models.run_options import RunOptions
from generator.reviews.ratings import course_ratings
from generator.validation.validation import validate_tables
from generator.validation.values import SECONDS_OF_ONE_WEIGHT

FOLDS = 5
FOLDER = "ml_latest_small"
WANTED = 0.890
MEASURED_ELSEWHERE = {
    "Surprise, baseline (measured)": 0.893,
    "Surprise, SVD (measured)": 0.896,
    "Surprise, KNN with baseline (measured)": 0.897,
}
Pairs = tuple[NDArray[np.int32], NDArray[np.int32]]


def main() -> int:
    asked = _options()
    folder = Path(asked.data) / FOLDER
    if not folder.exists():
        print(f"{FOLDER} is not in {asked.data}: set DATA_FOLDER to a folder that has it.")
        return 1
    dataset = _dataset(folder)
    errors: dict[str, list[float]] = {name: [] for name in _FORETELLERS}
    for number, (train, held_out) in enumerate(_folds(dataset, asked.seed), start=1):
        for name, foretell in _FORETELLERS.items():
            started = process_time()
            foretold = foretell(train, held_out.nonzero(), asked.seed)
            errors[name].append(rmse(foretold, held_out.data))
            seconds = process_time() - started
            print(f"  fold {number}: {errors[name][-1]:.4f}  {name} ({seconds:.0f} s)", flush=True)
    figures = MEASURED_ELSEWHERE | {f"* {name}": fmean(of) for name, of in errors.items()}
    print("  RMSE     * ours, mean of the folds")
    for name, value in sorted(figures.items(), key=lambda of_name: of_name[1]):
        print(f"  {value:.4f}   {name}")
    ours = errors[MfUserCourseView.handle]
    print(f"  standard deviation between folds: {stdev(ours):.4f}\n")
    return conclude(
        [Target(f"{FOLDER} {MfUserCourseView.handle} RMSE", fmean(ours), WANTED, at_most=True)]
    )


def _dataset(folder: Path) -> Dataset:
    """Its reader makes view times of ratings; here they are what they were."""
    tables = validate_tables(load_tables(str(folder), platform="movielens")).tables
    dataset = build_dataset(tables)
    ratings = dataset.view_seconds.copy()
    ratings.data /= SECONDS_OF_ONE_WEIGHT
    return replace(dataset, ratings=ratings, rating_scale=guessed_scale(ratings.data))


def _folds(dataset: Dataset, seed: int) -> Iterator[tuple[Dataset, sp.csr_matrix]]:
    """What is learned from, and float32 [users, courses], the ratings to foretell."""
    ratings = dataset.ratings
    fold = np.random.default_rng(seed).permutation(ratings.nnz) % FOLDS
    rows = np.repeat(np.arange(ratings.shape[0]), np.diff(ratings.indptr))
    for number in range(FOLDS):
        parts = []
        for chosen in (fold != number, fold == number):
            entries = ratings.data[chosen], (rows[chosen], ratings.indices[chosen])
            parts.append(sp.csr_matrix(entries, shape=ratings.shape))
        given, held_out = parts
        seconds = given.copy()
        seconds.data[:] = SECONDS_OF_ONE_WEIGHT
        yield replace(dataset, ratings=given, view_seconds=seconds), held_out


def _by_mean(train: Dataset, pairs: Pairs, seed: int) -> NDArray[np.float64]:
    return np.full(len(pairs[0]), train.ratings.data.mean(dtype=np.float64))


def _by_course(train: Dataset, pairs: Pairs, seed: int) -> NDArray[np.float64]:
    return course_ratings(train.ratings).means[pairs[1]]


def _by_factors(train: Dataset, pairs: Pairs, seed: int) -> NDArray[np.float32]:
    model = MfUserCourseView(loss="squared").fit(train, RunOptions(seed=seed))
    return model.values(*pairs)


_FORETELLERS: dict[str, Callable[[Dataset, Pairs, int], NDArray[np.floating]]] = {
    "the mean of all ratings": _by_mean,
    "the Bayesian mean of each film": _by_course,
    MfUserCourseView.handle: _by_factors,
}


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.ratings")
    parser.add_argument("--data", default=os.environ.get("DATA_FOLDER") or "../shared/data")
    parser.add_argument("--seed", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
