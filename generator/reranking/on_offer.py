"""Courses that nobody can take any more, or that are not in the tenant's catalogue."""

from datetime import UTC, datetime, timedelta
from typing import Self

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.indices import UNDATED
from generator.reranking.rule import Given, Rule
from shared.clock import utc_now
from shared.errors import SettingsError

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECONDS_PER_DAY = 86_400_000_000


class OnOffer(Rule):
    """What is not on offer is left out before lists are ranked, and so costs no list a place.

    A course is on offer through the day of its `available_until`, in UTC, or for ever if it has
    none; with CATALOGUE_ATTRIBUTE only if that column of it names the tenant.
    """

    kinds = ("recommendations", "similar_courses", "resume")

    def __init__(self, ended: NDArray[np.bool_], elsewhere: NDArray[np.bool_]) -> None:
        """bool [courses]: what has ended, and what is not in the catalogue."""
        self._ended, self._elsewhere = int(ended.sum()), int((elsewhere & ~ended).sum())
        self.hidden = ended | elsewhere

    @classmethod
    def of(cls, given: Given) -> Self | None:
        ended = has_ended(given.dataset.available_until, utc_now())
        elsewhere = np.zeros(len(ended), bool)
        if given.settings.catalogue_attribute:
            elsewhere = ~_named(
                given.settings.catalogue_attribute, given.settings.tenant, given.dataset
            )
        return cls(ended, elsewhere) if (ended | elsewhere).any() else None

    @property
    def said(self) -> str:
        counts = {"have ended": self._ended, "are not in the catalogue": self._elsewhere}
        said = [f"{count:,} that {why}" for why, count in counts.items() if count]
        return f"without courses that are not on offer: {', '.join(said)}"


def has_ended(available_until: NDArray[np.int64], now: datetime) -> NDArray[np.bool_]:
    """bool: True from the day after, in UTC. int64: microseconds since 1970, or UNDATED."""
    today = int(now.timestamp() // 86_400)
    dated = available_until != UNDATED
    return np.asarray(dated & (available_until // MICROSECONDS_PER_DAY < today))


def first_end(dataset: Dataset, now: datetime | None = None) -> str | None:
    """The first day, as 2026-12-31, after which less is on offer; None if that is for ever."""
    until = dataset.available_until
    later = until[(until != UNDATED) & ~has_ended(until, now or utc_now())]
    if not len(later):
        return None
    return str((EPOCH + timedelta(microseconds=int(later.min()))).date())


def _named(name: str, tenant: str, dataset: Dataset) -> NDArray[np.bool_]:
    """bool [courses]: whose attribute of this name has the tenant among its labels."""
    for attribute in dataset.course_attributes:
        if attribute.name.casefold() == name.casefold() and attribute.kind != "number":
            label = attribute.labels.index_of([tenant])[0]
            if label < 0:
                break
            of_tenant = attribute.matrix[:, [label]].toarray().ravel()
            return np.asarray(of_tenant > 0)
    raise SettingsError(
        f"CATALOGUE_ATTRIBUTE is {name}, and no course has {tenant} in such a column of courses: "
        "nothing would be on offer. Name a column that lists the tenants of each course."
    )
