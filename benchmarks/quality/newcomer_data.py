"""MovieLens-1M with what its users say of themselves, and newcomers among them."""

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from benchmarks.quality.data_sets import MOVIELENS
from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.dataset.interactions import Interactions
from generator.dataset.take_ups import TakeUps, take_ups
from generator.load.files import load_tables
from generator.validation.validation import validate_tables

PEOPLE, NUMBERS = "users.dat", "sas_to_original_users.txt"
FILES = [Path(MOVIELENS.train).with_name(name) for name in (PEOPLE, NUMBERS)]
HELD_OUT_SHARE = 0.2
NEXT = 10
"""Courses after the known ones that are to be foretold."""


@dataclass(frozen=True)
class Newcomers:
    """Users held out whole, of whom the first courses are known, and all others."""

    dataset: Dataset
    """All views of everybody."""
    held_out: NDArray[np.int32]
    """int32: users of whom nothing is learned."""

    @property
    def train(self) -> Dataset:
        """Everybody is there with their attributes, and the held-out users have no view."""
        taken = self._taken
        return with_views(self.dataset, taken, ~np.isin(taken.users, self.held_out))

    def knowing(self, k: int) -> tuple[Dataset, sp.csr_matrix]:
        """The same with the first `k` courses of each held-out user, and bool [users, courses]:
        the next ones, of those who took up so many."""
        taken, place = self._taken, places_of(self._taken)
        is_out = np.isin(taken.users, self.held_out)
        known = with_views(self.dataset, taken, ~is_out | (place < k))
        enough = np.bincount(taken.users, minlength=len(self.dataset.users)) >= k + NEXT
        asked = is_out & (place >= k) & (place < k + NEXT) & enough[taken.users]
        ones = np.ones(int(asked.sum()), bool)
        shape = self.dataset.view_seconds.shape
        pairs = taken.users[asked], taken.courses[asked]
        return known, sp.csr_matrix((ones, pairs), shape=shape)

    def stage(self, k: int) -> Dataset:
        """What all others took up as the next courses after their first `k`, and nothing else."""
        taken, place = self._taken, places_of(self._taken)
        others = ~np.isin(taken.users, self.held_out)
        return with_views(self.dataset, taken, others & (place >= k) & (place < k + NEXT))

    @property
    def _taken(self) -> TakeUps:
        return take_ups(self.dataset.interactions, len(self.dataset.courses))


def places_of(taken: TakeUps) -> NDArray[np.int64]:
    """int64: how many courses its user took up before each."""
    starts = np.searchsorted(taken.users, taken.users)
    places: NDArray[np.int64] = np.arange(len(taken.users)) - starts
    return places


def with_views(dataset: Dataset, taken: TakeUps, kept: NDArray[np.bool_]) -> Dataset:
    """The same users, courses and attributes with these take-ups, and no other view."""
    chosen, whole = taken.views[kept], dataset.interactions
    counts = np.bincount(whole.users[chosen], minlength=len(dataset.users))
    interactions = Interactions(
        np.concatenate([[0], np.cumsum(counts)]),
        whole.courses[chosen],
        whole.times[chosen],
        whole.seconds[chosen],
        whole.completed[chosen],
    )
    places = whole.users[chosen], whole.courses[chosen]
    seconds = sp.csr_matrix((whole.seconds[chosen], places), shape=dataset.view_seconds.shape)
    seconds.sort_indices()
    levels = sp.csr_matrix(dataset.viewed_levels.shape, dtype=np.int8)
    return replace(dataset, interactions=interactions, view_seconds=seconds, viewed_levels=levels)


def movielens_with_people(folder: Path) -> Dataset:
    """The sequences of `MOVIELENS`, and sex, age and occupation of everybody."""
    sequences = folder / MOVIELENS.train
    with tempfile.TemporaryDirectory() as written:
        _views(sequences).to_csv(Path(written) / "user_course_views.csv", index=False)
        _people(sequences.parent).to_csv(Path(written) / "users.csv", index=False)
        tables = load_tables(written)
    return build_dataset(validate_tables(tables).tables)


def folds(dataset: Dataset, seed: int) -> Iterator[Newcomers]:
    """A fifth of the users by lot to be asked about once, and a fifth of the others to choose by.

    The second one knows nothing of the first one's users.
    """
    everybody = np.flatnonzero(np.diff(dataset.view_seconds.indptr)).astype(np.int32)
    order = np.random.default_rng(seed).permutation(everybody)
    test = order[: int(HELD_OUT_SHARE * len(order))]
    others = order[len(test) :]
    validation = others[: int(HELD_OUT_SHARE * len(others))]
    taken = take_ups(dataset.interactions, len(dataset.courses))
    yield Newcomers(dataset, np.sort(test))
    without_test = with_views(dataset, taken, ~np.isin(taken.users, test))
    yield Newcomers(without_test, np.sort(validation))


def _views(sequences: Path) -> pd.DataFrame:
    """One an hour long for each number of a line, whose user is the line's; 0 is none."""
    lines = [line.split() for line in sequences.read_text().splitlines()]
    users = np.repeat(np.arange(1, len(lines) + 1), [len(line) for line in lines])
    courses = np.array([number for line in lines for number in line])
    views = pd.DataFrame({"user_handle": users, "course_id": courses, "view_time_seconds": 3600})
    return views[views["course_id"] != "0"].assign(level="", view_date="", author_handle="")


def _people(folder: Path) -> pd.DataFrame:
    columns = ["number", "gender", "age", "occupation"]
    people = pd.read_csv(
        folder / PEOPLE, sep="::", engine="python", header=None, usecols=range(4), names=columns
    )
    numbers = pd.read_csv(folder / NUMBERS, sep=" ", header=None, names=["user_handle", "number"])
    # A label, and not a number whose neighbours are alike.
    people["occupation"] = "occupation " + people["occupation"].astype(str)
    return numbers.merge(people, on="number").drop(columns="number")
