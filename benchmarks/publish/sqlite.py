"""How fast lists go into SQLite, beside nothing but `executemany` of the same rows."""

import sqlite3
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from shared.records import ListRow
from shared.stores import open_store

TENANT = "default"


def rows_per_second(folder: Path, lists: Sequence[ListRow]) -> tuple[float, float]:
    """Of `write` alone, and of the whole: begin, write, seal, verify, move the pointer."""
    store = open_store(f"sqlite:///{folder}")
    row_counts = dict(Counter(row.section for row in lists))
    with store.lock(TENANT):
        start = time.perf_counter()
        generation = store.begin(TENANT)
        manifest = store.manifest(TENANT, generation)
        before = time.perf_counter()
        store.write(TENANT, generation, lists)
        written = time.perf_counter()
        manifest.row_counts = row_counts
        store.publish(manifest, lists[:: max(1, len(lists) // 1000)])
        end = time.perf_counter()
        store.close()
    return len(lists) / (written - before), len(lists) / (end - start)


def bare_rows_per_second(file: Path, lists: Sequence[ListRow]) -> float:
    """Ready texts into one table, in one transaction, without an index."""
    rows = [(row.subject, 1, row.to_json().decode()) for row in lists]
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE TABLE rows (subject, section_index, row TEXT)")
        start = time.perf_counter()
        with connection:
            connection.executemany("INSERT INTO rows VALUES (?, ?, ?)", rows)
        return len(rows) / (time.perf_counter() - start)
