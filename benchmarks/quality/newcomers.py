"""`make bench-cold`: what is listed for users of whom nothing or a few views are known.

A fifth of MovieLens-1M's users are held out whole; of each the first k films are known, and sex,
age and occupation; the next ten are to be foretold. Beside `maml_user_attribute` stand what is
viewed most, in all and by others at the same stage, both also by segment, a mean-embedding encoder
that is trained on the same tasks, and the autoencoder with the users folded in. `--part
validation` asks a fifth of the other users instead, to choose by.
"""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from time import process_time

import numpy as np
from numpy.typing import NDArray

from benchmarks.quality.data_sets import MOVIELENS
from benchmarks.quality.mean_encoder import MeanEncoder
from benchmarks.quality.measured import FILE, Measurements
from benchmarks.quality.newcomer_data import FILES, Newcomers, folds, movielens_with_people
from benchmarks.targets import Target, conclude
from generator.dataset.dataset import Dataset
from generator.evaluation.metrics import accuracy
from generator.models.autoencoder_user_course_view import AutoencoderUserCourseView
from generator.models.base import Model
from generator.models.maml_user_attribute import MamlUserAttribute
from generator.models.popular_course_view import PopularCourseView
from generator.models.run_options import RunOptions
from generator.models.segment_user_attribute import SegmentUserAttribute

KNOWN = (0, 1, 3, 5, 10)
K = 10
DEVIATIONS = 1.96
"""What is no more than noise, in standard errors of the mean difference."""
OURS = MamlUserAttribute.handle
POPULAR_AT_STAGE, ENCODER = "popular at the same stage", "mean-embedding encoder"
PerUser = NDArray[np.float64]
Figures = dict[tuple[str, int], PerUser]
"""(Who, known courses) -> NDCG@10 of each user asked about."""


def main() -> int:
    asked = _options()
    folder = Path(asked.data)
    if missing := [file for file in FILES if not (folder / file).exists()]:
        print(f"{missing[0]} is not in {folder}: set DATA_FOLDER to a folder that has it.")
        return 1
    dataset = movielens_with_people(folder)
    figures: Figures = {}
    for seed in asked.seeds:
        test, validation = folds(dataset, seed)
        print(f"seed {seed}", flush=True)
        run = RunOptions(seed=seed)
        chosen = validation if asked.part == "validation" else test
        for key, per_user in _figures(chosen, asked, run):
            figures[key] = np.concatenate([figures.get(key, np.zeros(0)), per_user])
    _print_table(figures, len(asked.seeds))
    if asked.page:
        _keep(figures, len(asked.seeds))
    return conclude(list(_targets(figures)))


def _figures(
    newcomers: Newcomers, asked: argparse.Namespace, run: RunOptions
) -> Iterator[tuple[tuple[str, int], PerUser]]:
    questions = {k: newcomers.knowing(k) for k in KNOWN}
    for name, lists_of in _contenders(newcomers, asked, run).items():
        if asked.only and name not in asked.only:
            continue
        started = process_time()
        for k, (known, held_out) in questions.items():
            users = np.flatnonzero(np.diff(held_out.indptr)).astype(np.int32)
            found = accuracy(lists_of(k, known, users), held_out[users], [K])
            yield (name, k), np.asarray(found[f"ndcg_at_{K}"], np.float64)
        print(f"  {name}: {process_time() - started:.0f} s", flush=True)


Lists = Callable[[int, Dataset, NDArray[np.int32]], NDArray[np.int32]]
"""How many are known, the data with these, users -> int32 [users, K]."""


def _contenders(
    newcomers: Newcomers, asked: argparse.Namespace, run: RunOptions
) -> dict[str, Lists]:
    train, options = newcomers.train, {"epochs": asked.epochs, **json.loads(asked.options)}
    everywhere: dict[str, Model] = {
        "most viewed": PopularCourseView(),
        SegmentUserAttribute.handle: SegmentUserAttribute(),
        "autoencoder, folded in": AutoencoderUserCourseView(epochs=asked.epochs),
        OURS: MamlUserAttribute(**options),
    }
    at_stage: dict[str, type[Model]] = {
        POPULAR_AT_STAGE: PopularCourseView,
        "segments at the same stage": SegmentUserAttribute,
    }
    encoder = MeanEncoder(MamlUserAttribute(**options), run)
    return {
        **{name: _fitted_once(model, train, run) for name, model in everywhere.items()},
        **{name: _fitted_at(model, newcomers, run) for name, model in at_stage.items()},
        ENCODER: lambda k, known, users: encoder.fitted_on(train).listed(known, users, K),
    }


def _fitted_once(model: Model, train: Dataset, run: RunOptions) -> Lists:
    def lists_of(k: int, known: Dataset, users: NDArray[np.int32]) -> NDArray[np.int32]:
        if not model.is_fitted:
            model.fit(train, run)
        return model.fold_in(known).recommend(users, K).indices

    return lists_of


def _fitted_at(model: type[Model], newcomers: Newcomers, run: RunOptions) -> Lists:
    def lists_of(k: int, known: Dataset, users: NDArray[np.int32]) -> NDArray[np.int32]:
        fitted = model().fit(newcomers.stage(k), run)
        return fitted.fold_in(known).recommend(users, K).indices

    return lists_of


def _print_table(figures: Figures, seeds: int) -> None:
    names = list(dict.fromkeys(name for name, _ in figures))
    print(f"\n  NDCG@{K} of the next ten by known courses, {seeds} seeds together")
    print(f"  {'  '.join(f'{k:6}' for k in KNOWN)}")
    for name in sorted(names, key=lambda name: sum(figures[name, k].mean() for k in KNOWN)):
        print(f"  {'  '.join(f'{figures[name, k].mean():.4f}' for k in KNOWN)}  {name}")
    users = "  ".join(f"{len(figures[names[0], k]):6,}" for k in KNOWN)
    print(f"  {users}  users asked about\n")


def _keep(figures: Figures, seeds: int) -> None:
    """Beside what else was measured, for docs/models.md."""
    kept, users = Measurements.read(FILE), len(next(iter(figures.values())))
    names = dict.fromkeys(name for name, _ in figures)
    kept.newcomers = {
        name: {str(k): round(float(figures[name, k].mean()), 4) for k in KNOWN} for name in names
    }
    kept.newcomers_cut = (
        f"{MOVIELENS.name}, a fifth of the users held out whole, ten films to be foretold; "
        f"{seeds} times by lot, {users:,} users together"
    )
    kept.write(FILE)


def _targets(figures: Figures) -> Iterator[Target]:
    """Never worse than each of the others at the same stage, by more than noise."""
    for (name, k), theirs in figures.items():
        if name == OURS or (OURS, k) not in figures:
            continue
        ours = figures[OURS, k]
        noise = DEVIATIONS * (ours - theirs).std() / np.sqrt(len(ours))
        yield Target(
            f"{OURS}, {k} known, beside {name} less noise of {noise:.4f}",
            float(ours.mean()),
            float(round(theirs.mean() - noise, 4)),
        )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-cold", description=__doc__)
    parser.add_argument("--data", default=os.environ.get("DATA_FOLDER") or "../shared/data")
    parser.add_argument("--seeds", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--epochs", type=int, default=20, help="of networks, at most")
    parser.add_argument("--options", default="{}", help=f"of {OURS}, as JSON, and of the encoder")
    parser.add_argument("--only", nargs="*", metavar="NAME", help="of those that are compared")
    parser.add_argument("--page", action="store_true", help="keep the figures for docs/models.md")
    parser.add_argument("--part", choices=["test", "validation"], default="test")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
