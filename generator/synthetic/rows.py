"""What the rows of all synthetic tables have in common: times, and exact copies."""

from datetime import date

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

DAY_SECONDS = 86_400


def days(first_day: date, day: NDArray[np.int64]) -> pa.Array:
    start = np.datetime64(first_day, "D")
    return pa.array(start + day.astype("timedelta64[D]"), pa.date32())


def times(
    first_day: date, seconds: NDArray[np.int64], missing: NDArray[np.bool_] | None = None
) -> pa.Array:
    start = np.datetime64(first_day, "s")
    return pa.array(start + seconds.astype("timedelta64[s]"), pa.timestamp("s"), mask=missing)


def with_copies(rng: np.random.Generator, batch: pa.RecordBatch, copies: int) -> pa.RecordBatch:
    """So many rows a second time, each right after itself."""
    every = np.arange(batch.num_rows)
    chosen = rng.permutation(every)[:copies]
    return batch.take(pa.array(np.sort(np.append(every, chosen))))
