"""`make bench-publish`: lists into the stores, beside the bare libraries, in turns."""

import argparse
import gc
import sys
import tempfile
from pathlib import Path
from statistics import median

from benchmarks.publish import dynamodb, sqlite
from benchmarks.publish.rows import random_lists
from benchmarks.targets import Target, conclude
from tests.dynamodb_local import running_dynamodb_local, what_is_missing


def main() -> int:
    options = _options()
    # As the generator does while it lists.
    gc.disable()
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        targets = _on_sqlite(options, Path(folder))
        if missing := what_is_missing():
            print(f"Nothing is measured on DynamoDB: {missing}")
            return conclude(targets) or 1
        return conclude(targets + _on_dynamodb(options, Path(folder)))


def _on_sqlite(options: argparse.Namespace, folder: Path) -> list[Target]:
    lists = random_lists(options.rows)
    size = sum(len(one.to_json()) for one in lists) / len(lists)
    print(f"SQLite, {len(lists):,} rows of {size:,.0f} bytes, rows/s:")
    written, whole, bare = [], [], []
    for turn in range(options.repeats):
        bare.append(sqlite.bare_rows_per_second(folder / f"bare-{turn}.sqlite", lists))
        write, publish = sqlite.rows_per_second(folder / f"store-{turn}", lists)
        written.append(write)
        whole.append(publish)
        print(f"  bare {bare[-1]:>10,.0f}   write {write:>10,.0f}   whole {publish:>10,.0f}")
    print(
        f"  median: bare {median(bare):,.0f}, write {median(written):,.0f}, "
        f"with seal, verification and pointer {median(whole):,.0f}"
    )
    return [Target("SQLite, rows written", median(written), 150_000, "/s")]


def _on_dynamodb(options: argparse.Namespace, folder: Path) -> list[Target]:
    lists = random_lists(options.dynamodb_rows)
    print(f"DynamoDB Local, {len(lists):,} rows, {dynamodb.THREADS} threads, rows/s:")
    ratios = []
    with running_dynamodb_local(folder / "dynamodb.log") as endpoint:
        # Java compiles what it runs often; the first turn is not counted.
        for turn in range(options.repeats + 1):
            bare = dynamodb.bare_rows_per_second(endpoint, lists)
            ours = dynamodb.rows_per_second(endpoint, lists)
            print(
                f"  bare {bare:>8,.0f}   Kindred {ours:>8,.0f}{'' if turn else '   (warming up)'}"
            )
            ratios += [ours / bare] if turn else []
    return [Target("DynamoDB Local, of a bare loop", median(ratios), 0.9, "x")]


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.publish", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000, help="into SQLite")
    parser.add_argument("--dynamodb-rows", type=int, default=20_000)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--folder", type=Path, help="where the SQLite files go, for a while")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
