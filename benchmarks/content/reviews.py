"""Whether ratings help with what people like, on MovieLens, and how fast reviews are read."""

from pathlib import Path
from time import process_time

import numpy as np
import pandas as pd
import scipy.sparse as sp

from benchmarks.targets import Target
from generator.dataset.indices import indices_of, microseconds
from generator.dataset.texts import Reviews
from generator.evaluation.metrics import accuracy
from generator.evaluation.protocols import Cut, Split, Tables, split_of
from generator.load.files import load_tables
from generator.models.registry import model_class
from generator.models.run_options import RunOptions
from generator.reviews.sentiment import course_sentiments
from generator.validation.columns import VIEWS
from generator.validation.validation import validate_tables

RATINGS = "ml_latest_small/ratings.csv"
TEXTS = "course_catalogues/edx_courses.csv"
COLUMNS = {"user": "userId", "item": "movieId", "time": "timestamp"}
REVIEWS = "course_reviews"
HELD_OUT = 0.2
LIKED = 4.0
MODELS = (
    "knn_collab_filtering_user_course_view",
    "als_collab_filtering_user_course_view",
    "ease_user_course_view",
    "bspm_user_course_view",
)
TEXTS_READ = 20_000
TEXTS_PER_SECOND = 3_000


def reviews(folder: Path, threads: int = 1) -> list[Target]:
    """NDCG@10 of what users then rated with four stars or more, with ratings over without; and
    texts a second. FileNotFoundError where the data is not in `folder`."""
    tables = rated_views(folder / RATINGS)
    split = split_of(last_held_out(tables, HELD_OUT))
    liked = liked_later(tables, split)
    targets = []
    for handle in MODELS:
        with_ratings, without = (
            _ndcg_of_liked(handle, split, liked, reviews, threads) for reviews in (True, False)
        )
        print(f"{handle}: NDCG@10 of what is liked {with_ratings:.4f}, views alone {without:.4f}")
        targets.append(Target(f"ratings in {handle}", with_ratings / without, 1.0, " times"))
    speed = _texts_per_second(folder / TEXTS)
    return [*targets, Target("review texts a second", speed, TEXTS_PER_SECOND)]


def rated_views(path: Path) -> Tables:
    """Every rating as a view of the same length and as a review, with its time."""
    stars = pd.read_csv(path)["rating"].to_numpy(float)
    views = validate_tables(load_tables(str(path), COLUMNS)).tables[VIEWS]
    reviewed = views[["user_handle", "course_id"]].assign(
        review_date=views["view_date"], rating=stars
    )
    return {VIEWS: views, REVIEWS: reviewed}


def last_held_out(tables: Tables, share: float) -> Cut:
    """Each user's last `share` of rated views. (They rate in one sitting: a cut at one moment
    leaves a few users on both sides.)"""
    users = tables[VIEWS]["user_handle"].cat.codes.to_numpy()
    order = np.lexsort((np.arange(len(users)), microseconds(tables[VIEWS]["view_date"]), users))
    counts = np.bincount(users)
    place = np.arange(len(users)) - np.repeat(np.cumsum(counts) - counts, counts)
    held_out = np.zeros(len(users), bool)
    held_out[order] = place >= np.ceil((1 - share) * counts[users[order]])
    train = {name: table[~held_out] for name, table in tables.items()}
    return Cut(train, tables[VIEWS][held_out], f"each user's last {share:.0%} is held out")


def liked_later(tables: Tables, split: Split) -> sp.csr_matrix:
    """bool [users, courses]: of what is held out that which was rated with four stars or more."""
    rated = tables[REVIEWS][tables[REVIEWS]["rating"] >= LIKED]
    pairs = (
        indices_of(split.train.users, rated["user_handle"]),
        indices_of(split.train.courses, rated["course_id"]),
    )
    stars = sp.csr_matrix((np.ones(len(rated), bool), pairs), shape=split.held_out.shape)
    liked = split.held_out.multiply(stars).tocsr().astype(bool)
    liked.sort_indices()
    return liked


def _ndcg_of_liked(
    handle: str, split: Split, liked: sp.csr_matrix, reviews: bool, threads: int
) -> float:
    users = np.flatnonzero(np.diff(liked.indptr))
    model = model_class(handle)(reviews=reviews).fit(split.train, RunOptions(threads=threads))
    listed = model.recommend(users, 10).indices
    return float(accuracy(listed, liked[users], [10])["ndcg_at_10"].mean())


def _texts_per_second(path: Path) -> float:
    """Of processor time, on made-up reviews: two sentences of a catalogue each, all different."""
    random = np.random.default_rng(1)
    described = pd.read_csv(path)["course_description"].dropna()
    sentences = [s for text in described for s in text.split(". ") if 20 < len(s) < 200]
    drawn = random.integers(len(sentences), size=(TEXTS_READ, 2))
    texts = [f"{sentences[one]}. {sentences[other]}." for one, other in drawn]
    rows = np.arange(TEXTS_READ, dtype=np.int32)
    of_nobody = np.zeros(TEXTS_READ)
    written = Reviews(rows, rows, rows.astype(np.int64), of_nobody.astype(np.float32), texts)
    started = process_time()
    course_sentiments(written, (TEXTS_READ, TEXTS_READ))
    return TEXTS_READ / (process_time() - started)
