"""`make bench-load`: interactions from JSON lines and CSV, each reading in a process of its own."""

import argparse
import random
import sys
import tempfile
from pathlib import Path

from benchmarks.load.reading import read_apart
from benchmarks.targets import Target, conclude

# Of CSV what it was before quotes were understood, on the same two busy cores.
WANTED_ROWS_PER_SECOND = {"jsonl": 150_000, "csv": 171_000}


def main() -> int:
    options = _options()
    targets = []
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        for name, wanted in WANTED_ROWS_PER_SECOND.items():
            path = Path(folder) / f"events.{name}"
            _write(path, options.rows)
            rates, peaks = zip(*(read_apart(path) for _ in range(options.repeats)), strict=True)
            bytes_a_row = max(peaks) * 2**20 / options.rows
            print(
                f"{name}: {options.rows:,} rows, {path.stat().st_size / 2**20:,.0f} MiB; rows/s "
                f"{', '.join(f'{rate:,.0f}' for rate in rates)}; at most {max(peaks):,} MiB more "
                "than before"
            )
            targets += [
                Target(f"{name}, rows read", max(rates), wanted, "/s"),
                Target(f"{name}, memory a row", bytes_a_row, 600, " bytes", at_most=True),
            ]
    return conclude(targets)


def _write(path: Path, rows: int) -> None:
    """Times differ in every row, as in a log; the other columns repeat."""
    chance = random.Random(42)
    with path.open("w") as file:
        if path.suffix == ".csv":
            file.write("user_id,item_id,event,ts\n")
        for row in range(rows):
            user, course = chance.randrange(rows // 10), chance.randrange(8000)
            time = 1_593_878_903 + row
            if path.suffix == ".csv":
                file.write(f"{user},course-{course},view,{time}\n")
            else:
                file.write(
                    f'{{"user_id": {user}, "item_id": "course-{course}", "event": "view", '
                    f'"ts": {time}}}\n'
                )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.load", description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the files go, for a while")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
