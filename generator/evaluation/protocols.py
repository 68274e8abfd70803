"""What is held out, and what may be learned from: tables in, one train and one test part out.

A pair is a user and a course they viewed. A course counts as taken up when it was first viewed, and
a pair is held out with all of its views, completions and reviews, so that no held-out course is a
seen one. Users are asked about only if training left them a view.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.dataset.indices import UNDATED, indices_of, microseconds
from generator.validation.columns import COURSES, TABLES, VIEWS
from shared.errors import DataError

Tables = Mapping[str, pd.DataFrame]
"""Validated tables, as `Validated.tables` has them."""
Order = Literal["file", "random"]

PAIRS = ("course_completions", "course_reviews")
"""Tables that tell of a pair what its views tell."""


@dataclass(frozen=True)
class Cut:
    """Tables cut in two. `train` can be cut again, for a validation part."""

    train: dict[str, pd.DataFrame]
    held_out: pd.DataFrame
    """Views that may not be learned from: user_handle, course_id, ..."""
    how: str
    """What was done, as one sentence for the report."""


@dataclass(frozen=True)
class Split:
    """What models learn from, and what their lists are measured by."""

    train: Dataset
    held_out: sp.csr_matrix
    """bool [users, courses] over the vocabularies of `train`, with no pair that was seen there."""
    how: str = "given"

    @cached_property
    def users(self) -> NDArray[np.int32]:
        """int32: users with something held out and something left to learn from."""
        views = self.train.view_seconds
        asked = (np.diff(self.held_out.indptr) > 0) & (np.diff(views.indptr) > 0)
        return np.flatnonzero(asked).astype(np.int32)

    def listed_as(self, listed_for: NDArray[np.int32] | None) -> "Split":
        """The same question where one course is listed in the place of several.

        listed_for: int32 [courses], or None. Held out is what is listed for a held-out course,
        unless the user has seen something that it is listed for: then no list can have it.
        """
        if listed_for is None:
            return self
        seen, held = (_renamed(pairs, listed_for) for pairs in (self.train.seen, self.held_out))
        held.data &= ~np.asarray(seen[held.nonzero()], bool).ravel()
        held.eliminate_zeros()
        return replace(self, held_out=held)

    @property
    def without_history(self) -> int:
        """Users with something held out of whom training has no view: they are left out."""
        return int((np.diff(self.held_out.indptr) > 0).sum()) - len(self.users)


def _renamed(pairs: sp.csr_matrix, names: NDArray[np.int32]) -> sp.csr_matrix:
    """bool, as `pairs`: each column's entries are in column ``names[column]``."""
    renamed = (pairs.astype(bool).data, names[pairs.indices], pairs.indptr)
    matrix = sp.csr_matrix(renamed, shape=pairs.shape)
    matrix.sum_duplicates()
    return matrix


def split_of(cut: Cut, rating_scale: tuple[float, float] | None = None) -> Split:
    """The matrices of a cut. Users and courses of the test part keep their row numbers.

    rating_scale: as `build_dataset` has it.
    """
    # Categories survive the cutting of rows, so the vocabularies of `train` know the test part too.
    train = build_dataset(cut.train, rating_scale=rating_scale)
    rows = indices_of(train.users, cut.held_out["user_handle"])
    columns = indices_of(train.courses, cut.held_out["course_id"])
    shape = (len(train.users), len(train.courses))
    pairs = sp.csr_matrix((np.ones(len(rows), bool), (rows, columns)), shape=shape)
    # What training has is no test, whoever made the parts.
    held_out = (pairs > train.seen).tocsr()
    held_out.sort_indices()
    held_out.prune()
    return Split(train, held_out, cut.how)


def leave_last_out(
    tables: Tables, seed: int = 42, order: Literal["file", "random"] = "file"
) -> Cut:
    """Hold out the course that each user took up last; users of a single course keep it.

    Views without a date come before all others. Where no view has one, `order` decides: that of
    the file, or a random one of this seed.
    """
    views = _views(tables)
    undated = bool(views["view_date"].isna().all())
    times = microseconds(views["view_date"])
    how = "each user's last new course is held out, by view date"
    if undated and order == "random":
        times = np.random.default_rng(seed).permutation(len(views))
        how = f"each user's last new course is held out, in a random order (seed {seed}: no dates)"
    elif undated:
        how = "each user's last new course is held out, in the order of the file (no dates)"
    user, pair, first = _pairs(views, times)
    by_time = np.lexsort((pair, first[pair], user))
    ends = np.append(np.flatnonzero(np.diff(user[by_time])), len(user) - 1)
    last_row, first_row = (by_time[rows] for rows in (ends, np.append(0, ends[:-1] + 1)))
    several = pair[last_row] != pair[first_row]
    held_out = np.isin(pair, pair[last_row[several]])
    return _cut(tables, held_out, how)


def time_split(tables: Tables, share: float = 0.2) -> Cut:
    """Hold out every course taken up in the last `share` of all first views, over all users.

    What happened after that moment cannot be learned from either: later rows of any table with a
    date are dropped. Raises DataError if no view has a date.
    """
    views = _views(tables)
    _, pair, first = _pairs(views, microseconds(views["view_date"]))
    if not (first > UNDATED).any():
        raise DataError(
            "No view has a view_date, so there is no moment to cut at: fill the column, or use "
            "--protocol leave-last-out."
        )
    dated = np.sort(first[first > UNDATED])
    moment = dated[min(int(len(dated) * (1 - share)), len(dated) - 1)]
    cut = _cut(tables, first[pair] >= moment, "")
    train = {name: _before(name, table, moment) for name, table in cut.train.items()}
    date = pd.Timestamp(moment, unit="us")
    how = f"courses taken up from {date:%Y-%m-%d %H:%M} are held out"
    return replace(cut, train=train, how=how)


def random_share(tables: Tables, share: float = 0.2, seed: int = 42) -> Cut:
    """Hold out this share of each user's courses, by lot and rounded; everybody keeps one."""
    views = _views(tables)
    user, pair, _ = _pairs(views, np.zeros(len(views), np.int64))
    owner = user[np.unique(pair, return_index=True)[1]]
    lots = np.lexsort((np.random.default_rng(seed).random(len(owner)), owner))
    counts = np.bincount(owner)
    rank = np.arange(len(owner)) - (np.cumsum(counts) - counts)[owner[lots]]
    wanted = np.minimum(np.rint(share * counts), counts - 1)
    held_out = np.isin(pair, lots[rank < wanted[owner[lots]]])
    how = f"{share:.0%} of each user's courses are held out, by lot (seed {seed})"
    return _cut(tables, held_out, how)


def new_courses(tables: Tables, share: float = 0.1, seed: int = 42) -> Cut:
    """Hold out everything that anybody did with this share of the viewed courses, by lot.

    What these courses are called, are about and carry stays: they are as new as the day they were
    put on offer. At least one is held out, and one is left. Raises DataError if there are not two.
    """
    views = _views(tables)
    viewed = np.unique(views["course_id"].cat.codes.to_numpy())
    if len(viewed) < 2:
        raise DataError("All views are of one course, and none is left to learn from.")
    count = min(max(int(np.rint(share * len(viewed))), 1), len(viewed) - 1)
    lots = np.random.default_rng(seed).permutation(len(viewed))
    held = views["course_id"].cat.categories[viewed[np.sort(lots[:count])]]
    how = (
        f"all views of {count:,} of {len(viewed):,} courses are held out, by lot (seed {seed}): "
        "nobody has viewed them yet"
    )
    kept = {name: tables[name][~tables[name]["course_id"].isin(held)] for name in _telling(tables)}
    is_held = views["course_id"].isin(held)
    return Cut({**tables, **kept}, views[is_held], how)


def given_tables(tables: Tables, test_views: pd.DataFrame) -> Cut:
    """Train and test as they were given; `test_views` has the columns of user_course_views.

    Handles that only the test part has become part of the catalogue.
    """
    views, test = _views(tables).copy(), test_views.copy()
    for column in ("user_handle", "course_id"):
        ours, theirs = views[column].cat.categories, test[column].cat.categories
        if ours.dtype != theirs.dtype:
            raise DataError(
                f"{column} is a number in one part and text in the other: set USER_HANDLE_TYPE and "
                "COURSE_HANDLE_TYPE."
            )
        both = ours.union(theirs)
        views[column] = views[column].cat.set_categories(both)
        test[column] = test[column].cat.set_categories(both)
    return Cut({**tables, VIEWS: views}, test, "train and test as given")


def cut_by(
    protocol: str,
    tables: Tables,
    share: float | None = None,
    seed: int = 42,
    order: Order = "file",
) -> Cut:
    """The cut of a named protocol: time, leave-last-out, new-courses, or auto, which is time if
    there are dates.

    `share` is for time and new-courses, which have their own where it is None; `seed` is for
    new-courses, and with `order` for leave-last-out.
    """
    of_share = {} if share is None else {"share": share}
    if protocol == "new-courses":
        return new_courses(tables, seed=seed, **of_share)
    dated = _views(tables)["view_date"].notna().any()
    if protocol == "time" or (protocol == "auto" and dated):
        return time_split(tables, **of_share)
    return leave_last_out(tables, seed, order)


def of_users(tables: Tables, users: pd.Index) -> dict[str, pd.DataFrame]:
    """Only the rows of these users; whom and what the other rows name stays in the vocabularies."""
    return {
        name: table[table["user_handle"].isin(users)] if "user_handle" in table else table
        for name, table in tables.items()
    }


def few_users(tables: Tables, views: int) -> Tables:
    """The rows of users by lot who have at most so many views together; 0 keeps everybody.

    The lot is drawn by handle: the same users night after night, whoever comes and goes.
    """
    if not views or VIEWS not in tables or len(tables[VIEWS]) <= views:
        return tables
    handles = tables[VIEWS]["user_handle"]
    users = handles.cat.categories
    lots = np.argsort(pd.util.hash_array(users.to_numpy(), categorize=False), kind="stable")
    counts = np.bincount(handles.cat.codes, minlength=len(users))
    return of_users(tables, users[lots[np.cumsum(counts[lots]) <= views]])


def _views(tables: Tables) -> pd.DataFrame:
    if VIEWS not in tables or tables[VIEWS].empty:
        raise DataError("There is nothing to evaluate by: user_course_views is missing or empty.")
    return tables[VIEWS]


def _pairs(
    views: pd.DataFrame, times: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """User and pair of every row, and when each pair was first viewed.

    Pairs are numbered by their first row, so that a higher number breaks a tie of times as later.
    """
    user = views["user_handle"].cat.codes.to_numpy(np.int64)
    course = views["course_id"].cat.codes.to_numpy(np.int64)
    keys = user * (course.max(initial=0) + 1) + course
    pair = pd.factorize(keys)[0].astype(np.int64)
    first = np.full(pair.max(initial=-1) + 1, np.iinfo(np.int64).max)
    np.minimum.at(first, pair, times)
    return user, pair, first


def _cut(tables: Tables, held_out: NDArray[np.bool_], how: str) -> Cut:
    views = tables[VIEWS]
    test = views[held_out]
    others = {name: _without_pairs(tables[name], test) for name in _telling(tables)[1:]}
    return Cut({**tables, **others, VIEWS: views[~held_out]}, test, how)


def _telling(tables: Tables) -> list[str]:
    """Views, and the other tables that tell what a user did with a course."""
    return [VIEWS, *(name for name in PAIRS if name in tables)]


def _without_pairs(table: pd.DataFrame, held_out: pd.DataFrame) -> pd.DataFrame:
    """The rows of a table of users and courses that tell of no pair in `held_out`."""
    keys = ["user_handle", "course_id"]
    held, told = (pd.MultiIndex.from_frame(part[keys].astype(object)) for part in (held_out, table))
    return table[~told.isin(held)]


def _before(name: str, table: pd.DataFrame, moment: int) -> pd.DataFrame:
    """The rows from before `moment`, in microseconds since 1970, or from nobody knows when."""
    if name == COURSES.name:
        # Its dates are no events: they say until when a course is on offer.
        return table
    dates = [column.name for column in TABLES[name].columns if column.kind == "date"]
    for date in dates:
        table = table[microseconds(table[date]) < moment]
    return table
