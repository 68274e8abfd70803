"""What users think of every course: ratings and sentiments together."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from generator.dataset.dataset import Dataset
from generator.reviews.ratings import CourseRatings, course_ratings
from generator.reviews.sentiment import CourseSentiments, course_sentiments

MEAN_DECIMALS = 2


@dataclass(frozen=True)
class Opinions:
    ratings: CourseRatings
    best: float
    """The highest rating that can be given."""
    sentiments: CourseSentiments

    def rating_of(self, course: int) -> dict[str, float] | None:
        """``{"mean", "count", "best"}``; None if nobody has rated it."""
        if not (count := int(self.ratings.counts[course])):
            return None
        mean = round(float(self.ratings.means[course]), MEAN_DECIMALS)
        return {"mean": mean, "count": count, "best": self.best}

    def sentiment_of(self, course: int) -> dict[str, float] | None:
        """``{"mean", "count"}``; None if no review of it is English."""
        if not (count := int(self.sentiments.counts[course])):
            return None
        mean = round(float(self.sentiments.means[course]), MEAN_DECIMALS)
        return {"mean": mean, "count": count}

    @property
    def said(self) -> str:
        """In one line, what they were made of."""
        rated, courses = int(self.ratings.counts.sum()), np.count_nonzero(self.ratings.counts)
        read, english = self.sentiments.read, self.sentiments.english
        line = f"{rated:,} ratings of {courses:,} courses"
        if rated:
            line += f", mean {self.ratings.prior_mean:.2f}"
        return line + f"; {english:,} of {read:,} review texts are English and have a sentiment"


def opinions_of(dataset: Dataset, progress: Callable[[int, int], None] | None = None) -> Opinions:
    """Of the users' last ratings and texts; ratings beyond the scale count as its ends."""
    shape, scale = (len(dataset.users), len(dataset.courses)), dataset.rating_scale
    ratings = dataset.ratings.copy()
    # A single 50 among stars varies more than all courses do, and would make them one.
    ratings.data = np.clip(ratings.data, scale.low, scale.high)
    return Opinions(
        course_ratings(ratings),
        scale.high,
        course_sentiments(dataset.reviews, shape, progress),
    )
