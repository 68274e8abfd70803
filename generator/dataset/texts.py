"""What is written about courses, for people and for models that read."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from generator.dataset.attributes import last_filled


@dataclass(frozen=True)
class CourseTexts:
    """One entry a course in each, in the order of row numbers: "" where there is none."""

    titles: Sequence[str]
    descriptions: Sequence[str]

    def __len__(self) -> int:
        """How many courses have a title or a description."""
        return sum(bool(title or text) for title, text in self._pairs)

    @property
    def joined(self) -> list[str]:
        """A course's title and description as one text, title first, a line break between."""
        return ["\n".join(part for part in pair if part) for pair in self._pairs]

    @property
    def nbytes(self) -> int:
        return sum(len(text.encode()) for pair in self._pairs for text in pair)

    @property
    def _pairs(self) -> list[tuple[str, str]]:
        return list(zip(self.titles, self.descriptions, strict=True))


@dataclass(frozen=True)
class Reviews:
    """What users wrote about courses and how they rated them: a row a review, in the order of
    the table."""

    users: NDArray[np.int32]
    courses: NDArray[np.int32]

    times: NDArray[np.int64]
    """int64: microseconds since 1970 in UTC; `UNDATED`, the smallest int64, without a date."""

    ratings: NDArray[np.float32]
    """float32, on the platform's own scale; NaN where there is none."""

    texts: Sequence[str]
    """"" where there is none."""

    def __len__(self) -> int:
        return len(self.users)

    @property
    def nbytes(self) -> int:
        arrays = self.users, self.courses, self.times, self.ratings
        return sum(a.nbytes for a in arrays) + sum(len(text.encode()) for text in self.texts)


def last_texts(column: pd.Series, rows: NDArray[np.int32], n_subjects: int) -> list[str]:
    """Each subject's last filled text."""
    written = [*column.cat.categories.tolist(), ""]
    return [written[code] for code in last_filled(column, rows, n_subjects).tolist()]


def texts_of_rows(column: pd.Series) -> list[str]:
    """The text of every row. One object a text, however many rows it is in."""
    written = [*column.cat.categories.tolist(), ""]
    return [written[code] for code in column.cat.codes.tolist()]
