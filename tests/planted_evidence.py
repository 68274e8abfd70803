"""What in planted data may speak for an entry of a list, looked up in the plainest way."""

import numpy as np

from tests.planted import Planted


def supported(planted: Planted, kind: str) -> np.ndarray:
    """bool [users, listed, what may speak for it]: every pair that the kind's name allows."""
    watched = planted.dataset.view_seconds.toarray() > 0
    if kind == "shared_courses":
        return watched[:, None] & watched[None]
    if kind == "shared_assessments":
        assessed = planted.dataset.assessments.toarray() > 0
        return assessed[:, None] & assessed[None]
    if kind == "followed_tags":
        follows = tags_of(planted, "user")
        return np.repeat(follows[:, None], watched.shape[1], axis=1)
    if kind == "watched_courses":
        return np.repeat(watched[:, None], watched.shape[1], axis=1)
    assert kind == "neighbours"
    others = ~np.eye(len(watched), dtype=bool)
    return others[:, None] & watched.T[None]


def tags_of(planted: Planted, entity: str) -> np.ndarray:
    data = planted.dataset
    return (data.interests if entity == "user" else data.course_tags).toarray() > 0


def read_of_courses(planted: Planted) -> list[str]:
    """Title, description and tags of each course, every word between blanks."""
    data, tags = planted.dataset, planted.dataset.course_tags
    words = zip(data.texts.titles, data.texts.descriptions, tags.toarray() > 0, strict=True)
    return [
        f" {title} | {text} | {' | '.join(data.tags.handles(np.flatnonzero(carried)))} ".replace(
            "-", " "
        )
        for title, text, carried in words
    ]


def read_of_users(planted: Planted, texts: list[str]) -> list[str]:
    """What they follow, and all that is written of what they watched."""
    data = planted.dataset
    follows, watched = data.interests.toarray() > 0, data.view_seconds.toarray() > 0
    return [
        f" {' | '.join(data.tags.handles(np.flatnonzero(tags)))} ".replace("-", " ")
        + "|".join(texts[course] for course in np.flatnonzero(courses))
        for tags, courses in zip(follows, watched, strict=True)
    ]
