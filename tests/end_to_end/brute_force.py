"""The documented formulas of two models from the CSV files alone: dense, float64, on their own."""

from pathlib import Path

import numpy as np
import pandas as pd

Scores = dict[str, np.ndarray]
"""Kind -> [subjects, entries]; -inf where nothing may be listed."""


class Tables:
    def __init__(self, folder: Path) -> None:
        interests = pd.read_csv(folder / "user_interests.csv")
        views = pd.read_csv(folder / "user_course_views.csv").drop_duplicates()
        course_tags = pd.read_csv(folder / "course_tags.csv")
        interests["tag"] = interests.interest_tag.str.strip().str.casefold()
        course_tags["tag"] = course_tags.course_tags.str.strip().str.casefold()
        self.users = sorted({*interests.user_handle, *views.user_handle})
        self.courses = sorted({*views.course_id, *course_tags.course_id})
        tags = sorted({*interests.tag, *course_tags.tag.dropna()})
        self.follows = self._matrix(interests.user_handle, self.users, interests.tag, tags) > 0
        tagged = course_tags.dropna(subset="tag")
        self.tagged = self._matrix(tagged.course_id, self.courses, tagged.tag, tags) > 0
        self.seconds = self._matrix(
            views.user_handle, self.users, views.course_id, self.courses, views.view_time_seconds
        )
        self.seen = self._matrix(views.user_handle, self.users, views.course_id, self.courses) > 0

    def handles(self, entity: str) -> list:
        return self.users if entity == "user" else self.courses

    @staticmethod
    def _matrix(rows, row_names, columns, column_names, values=None):
        row_of = {name: index for index, name in enumerate(row_names)}
        column_of = {name: index for index, name in enumerate(column_names)}
        matrix = np.zeros((len(row_names), len(column_names)))
        np.add.at(
            matrix,
            ([row_of[row] for row in rows], [column_of[column] for column in columns]),
            1 if values is None else values.to_numpy(float),
        )
        return matrix

    def tfidf(self, k: int) -> Scores:
        followers = self.follows.any(axis=1)
        weight = np.log((1 + followers.sum()) / (1 + self.follows.sum(axis=0))) + 1
        users, courses = _unit(self.follows * weight), _unit(self.tagged * weight)
        similar = _without_self(users @ users.T)
        by_likeness = np.sort(similar, axis=1)[:, ::-1]
        cut_in_a_tie = (by_likeness[:, k - 1] - by_likeness[:, k] < 1e-6) & (by_likeness[:, k] > 0)
        assert cut_in_a_tie.mean() < 0.02
        votes = _votes(similar, k) @ np.log1p(self.seconds / 60)
        return {
            "similar_users": similar,
            # Who has a vote is drawn by lot where the cut is in a tie: nothing to compare with.
            "recommendations": np.where(self.seen | cut_in_a_tie[:, None], -np.inf, votes),
            "similar_courses": _without_self(courses @ courses.T),
            "course_users": np.where(self.seen, -np.inf, users @ courses.T).T,
        }

    def knn(self, shrink: float, damping: float) -> Scores:
        minutes = np.log1p(self.seconds / 60)
        similar = _without_self(_damped_cosines(minutes, shrink))
        views_each = (minutes > 0).sum() / (minutes > 0).any(axis=1).sum()
        votes = _votes(similar, int(np.clip(2000 // views_each, 200, 500))) @ minutes
        votes /= np.maximum((minutes > 0).sum(axis=0), 1) ** damping
        return {
            "similar_users": similar,
            "recommendations": np.where(self.seen, -np.inf, votes),
            "similar_courses": _without_self(_damped_cosines(minutes.T, shrink)),
        }


def _votes(similar: np.ndarray, k: int) -> np.ndarray:
    """Each user's similarities to the k nearest, 0 for all others."""
    votes = np.where(similar > 0, similar, 0)
    for row in votes:
        nearest = np.lexsort((np.arange(len(row)), -row))
        row[nearest[k:]] = 0
    return votes


def _damped_cosines(minutes: np.ndarray, shrink: float) -> np.ndarray:
    entries, rows = (minutes > 0).sum(axis=0), (minutes > 0).any(axis=1).sum()
    vectors = minutes * (np.log((1 + rows) / (1 + entries)) + 1)
    length = np.sqrt((vectors**2).sum(axis=1, keepdims=True)) + shrink
    return (vectors / length) @ (vectors / length).T


def _unit(vectors: np.ndarray) -> np.ndarray:
    length = np.sqrt((vectors**2).sum(axis=1, keepdims=True))
    return np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)


def _without_self(similar: np.ndarray) -> np.ndarray:
    np.fill_diagonal(similar, -np.inf)
    return similar
