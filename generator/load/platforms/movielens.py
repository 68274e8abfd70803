"""MovieLens as GroupLens publishes it: 100K (`u.data`), 1M and 10M (`.dat`), and those with
`ratings.csv`. A rating is the weight; genres, and tags that users gave, are tags."""

import numpy as np
import pandas as pd

from generator.load.platforms.export import Export
from generator.load.platforms.making import once, plain, table_of, texts
from generator.load.sources.formats import format_of
from generator.load.tags import tags_of
from generator.validation.raw_table import RawTable

NAMED = {"user": "userId", "item": "movieId", "weight": "rating", "time": "timestamp"}
NUMBERED = {"user": "1", "item": "2", "weight": "3", "time": "4"}
NO_GENRES = "(no genres listed)"
SIGN = "|"
# The flags of u.item, from its sixth column.
GENRES_100K = (
    *("unknown", "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime"),
    *("Documentary", "Drama", "Fantasy", "Film-Noir", "Horror", "Musical", "Mystery"),
    *("Romance", "Sci-Fi", "Thriller", "War", "Western"),
)
# As the README of these sets says.
LATIN = {"encoding": "latin-1", "quote": "none"}
MOVIE = ("movieid", "title", "genres")


def read(export: Export) -> list[RawTable]:
    """Raises DataError if there is no file of ratings."""
    ratings = export.named(r"ratings|u\.data")
    if not ratings:
        raise export.lacks("ratings.csv, ratings.dat or u.data")
    words = NAMED if _has_header(ratings[0]) else NUMBERED
    return [*export.interactions(ratings, words, "tsv"), *_movies(export), *_tags(export)]


def recognises(export: Export) -> bool:
    ratings = export.named("ratings")
    named = ratings and {"userId", "movieId", "rating"} <= {*export.columns(ratings[0])}
    return bool(named or export.named(r"u\.data") or (ratings and export.named("movies")))


def _movies(export: Export) -> list[RawTable]:
    if paths := export.named(r"u\.item"):
        return _movies_100k(export.numbered(paths, 24, {"sep": "pipe", **LATIN}))
    paths = export.named("movies")
    if not paths:
        return []
    raw = export.rows(paths, MOVIE) if _has_header(paths[0]) else export.numbered(paths, 3, LATIN)
    return _courses(raw, *(raw.frame[name] for name in raw.frame))


def _movies_100k(raw: RawTable) -> list[RawTable]:
    """Genres are columns of 0 and 1, the sixth and those behind it."""
    flags = [texts(raw.frame[str(place)]) == "1" for place in range(6, 6 + len(GENRES_100K))]
    genres = np.full(len(raw.frame), "", dtype=object)
    for genre, flag in zip(GENRES_100K, flags, strict=True):
        genres[flag] += f"{genre}{SIGN}"
    return _courses(raw, raw.frame["1"], raw.frame["2"], pd.Series(plain(genres)))


def _courses(
    raw: RawTable, handles: pd.Series, titles: pd.Series, genres: pd.Series
) -> list[RawTable]:
    genres = pd.Series(plain(np.where(texts(genres) == NO_GENRES, "", texts(genres))))
    return [
        table_of(raw, "courses", {"course_id": handles, "title": titles}),
        tags_of(raw, handles, genres, SIGN),
    ]


def _tags(export: Export) -> list[RawTable]:
    paths = export.named("tags")
    if not paths:
        return []
    if _has_header(paths[0]):
        raw = export.rows(paths, ("movieid", "tag"))
        handles, tags = raw.frame["movieid"], raw.frame["tag"]
    else:
        raw = export.numbered(paths, 4, {})
        handles, tags = raw.frame["2"], raw.frame["3"]
    table = table_of(raw, "course_tags", {"course_id": handles, "course_tags": tags})
    return [once(table, "said before of the movie")]


def _has_header(path: str) -> bool:
    return format_of(path) == "csv"
