"""Validated tables -> vocabularies and matrices."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.attributes import Attribute, attributes_of, last_filled
from generator.dataset.dataset import Dataset
from generator.dataset.indices import (
    UNDATED,
    indices_of,
    last_of_each,
    links,
    microseconds,
    rows_by_time,
    vocabulary_of,
)
from generator.dataset.prerequisites import prerequisites_of
from generator.dataset.rating_scale import RatingScale, guessed_scale
from generator.dataset.texts import CourseTexts, Reviews, last_texts, texts_of_rows
from generator.dataset.views import ViewRows
from generator.dataset.vocabulary import Vocabulary
from generator.validation.absent_columns import with_all_columns
from generator.validation.columns import TABLES, Kind
from shared.errors import DataError

# A level is kept as int8: 1 + its index.
MAX_LEVELS = 127

Tables = Mapping[str, pd.DataFrame]


def build_dataset(
    tables: Tables,
    view_times_are_measured: bool = True,
    rating_scale: tuple[float, float] | None = None,
    like: Dataset | None = None,
) -> Dataset:
    """Matrices over the users and courses of all tables, from `Validated.tables`.

    Any table may be absent or empty. rating_scale: the lowest and the highest rating; None guesses
    them. like: the data whose courses, tags and levels are numbered here, all others left out. The
    cost is a few passes over the views and a few copies of their columns. Raises
    DataError if there are more than 127 different levels.
    """
    every = {name: with_all_columns(tables.get(name), name) for name in TABLES}
    users = vocabulary_of(_columns(every, "user_handle"))
    courses = like.courses if like else vocabulary_of(_columns(every, "course_handle"))
    tags = like.tags if like else vocabulary_of(_columns(every, "tag"))
    levels = like.levels if like else vocabulary_of(_columns(every, "level"))
    if len(levels) > MAX_LEVELS:
        raise DataError(
            f"user_course_views has {len(levels)} different levels, and at most {MAX_LEVELS} are "
            "possible: its column level seems to hold something else."
        )
    views = ViewRows.of(every["user_course_views"], users, courses, levels)
    listed = _pairs(every["course_completions"], users, courses).astype(bool)
    reviews = _reviews(every["course_reviews"], users, courses)
    catalogue, course_tags = every["courses"], every["course_tags"]
    interests = every["user_interests"]
    ratings = _last_ratings(reviews, views.shape)
    prerequisites, circular = prerequisites_of(every["course_prerequisites"], courses)
    assessments, assessment_times = _last_scores(every["user_assessment_scores"], users, tags)
    texts, image_paths = (like.texts, like.image_paths) if like else _texts(catalogue, courses)
    return Dataset(
        users=users,
        courses=courses,
        tags=tags,
        levels=levels,
        interests=_tagged(interests["user_handle"], users, interests["interest_tag"], tags),
        course_tags=_tagged(course_tags["course_id"], courses, course_tags["course_tags"], tags),
        view_seconds=views.seconds_of_pairs(),
        viewed_levels=views.last_levels(),
        interactions=views.interactions(listed),
        assessments=assessments,
        assessment_times=assessment_times,
        completions=views.completed_pairs() + listed,
        prerequisites=prerequisites,
        ratings=ratings,
        reviews=reviews,
        texts=texts,
        image_paths=image_paths,
        available_until=_last_dates(catalogue, courses),
        course_authors=last_filled(
            every["user_course_views"]["author_handle"], views.courses, len(courses)
        ),
        course_attributes=_attributes(catalogue, courses, "courses"),
        user_attributes=_attributes(every["users"], users, "users"),
        rating_scale=RatingScale(*rating_scale) if rating_scale else guessed_scale(ratings.data),
        circular_prerequisites=circular,
        view_times_are_measured=view_times_are_measured,
    )


def _columns(tables: Tables, kind: Kind) -> list[pd.Series]:
    return [
        table[column.name]
        for name, table in tables.items()
        for column in TABLES[name].columns
        if column.kind == kind
    ]


def _tagged(
    handles: pd.Series, subjects: Vocabulary, named: pd.Series, tags: Vocabulary
) -> sp.csr_matrix:
    """float32 [subjects, tags]; a row without a tag only makes its subject known."""
    rows, columns = indices_of(subjects, handles), indices_of(tags, named)
    tagged = columns >= 0
    return links(rows[tagged], columns[tagged], (len(subjects), len(tags)))


def _pairs(table: pd.DataFrame, users: Vocabulary, courses: Vocabulary) -> sp.csr_matrix:
    """float32 [users, courses]: 1 where a row has the two."""
    rows = indices_of(users, table["user_handle"])
    return links(rows, indices_of(courses, table["course_id"]), (len(users), len(courses)))


def _last_scores(
    table: pd.DataFrame, users: Vocabulary, tags: Vocabulary
) -> tuple[sp.csr_matrix, NDArray[np.int64]]:
    """float32 [users, tags], the last by date, where rows without one come first, then by row.

    Beside it int64, one for each of its entries: when that was.
    """
    rows = indices_of(users, table["user_handle"])
    columns = indices_of(tags, table["assessment_tag"])
    shape = (len(users), len(tags))
    times = microseconds(table["user_assessment_date"])
    last = last_of_each(rows_by_time(times), rows, columns, shape)
    scores = table["user_assessment_score"].to_numpy(np.float32)[last]
    return sp.csr_matrix((scores, (rows[last], columns[last])), shape=shape), times[last]


def _last_dates(catalogue: pd.DataFrame, courses: Vocabulary) -> NDArray[np.int64]:
    """int64 [courses]: the last row's that has a date."""
    dates = np.full(len(courses), UNDATED)
    filled = catalogue["available_until"].notna().to_numpy()
    rows = indices_of(courses, catalogue["course_id"])[filled]
    # Of several assignments to one place numpy keeps the last.
    dates[rows] = microseconds(catalogue["available_until"])[filled]
    return dates


def _texts(catalogue: pd.DataFrame, courses: Vocabulary) -> tuple[CourseTexts, Sequence[str]]:
    """Titles and descriptions of all courses, and where their pictures are."""
    rows = indices_of(courses, catalogue["course_id"])
    titles, descriptions, image_paths = (
        last_texts(catalogue[name], rows, len(courses))
        for name in ("title", "description", "image_path")
    )
    return CourseTexts(titles, descriptions), image_paths


def _reviews(table: pd.DataFrame, users: Vocabulary, courses: Vocabulary) -> Reviews:
    return Reviews(
        users=indices_of(users, table["user_handle"]),
        courses=indices_of(courses, table["course_id"]),
        times=microseconds(table["review_date"]),
        ratings=table["rating"].to_numpy(np.float32),
        texts=texts_of_rows(table["review_text"]),
    )


def _last_ratings(reviews: Reviews, shape: tuple[int, int]) -> sp.csr_matrix:
    """float32 of `shape`: by date, where reviews without one come first, then by row."""
    by_time = rows_by_time(reviews.times)
    rated = by_time[~np.isnan(reviews.ratings[by_time])]
    last = last_of_each(rated, reviews.users, reviews.courses, shape)
    cells = (reviews.users[last], reviews.courses[last])
    return sp.csr_matrix((reviews.ratings[last], cells), shape=shape)


def _attributes(table: pd.DataFrame, subjects: Vocabulary, name: str) -> tuple[Attribute, ...]:
    columns = TABLES[name].columns_among(table)
    names = [column.name for column in columns if column.kind == "attribute"]
    return attributes_of(table, names, subjects, TABLES[name].columns[0].name)
