"""`make bench-content`: what a course says, part by part, each target in a line."""

import argparse
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from benchmarks.targets import Target, conclude
from generator.process.processors import available_threads

PARTS = {
    "new-courses": "benchmarks.content.course_texts:found",
    "texts": "benchmarks.content.course_texts:costs",
    "encoding": "benchmarks.content.encoding:encoding",
    "reviews": "benchmarks.content.reviews:reviews",
    "diversity": "benchmarks.content.diversity:diversity",
    "duplicates": "benchmarks.content.duplicates:duplicates",
    "duplicates-cost": "benchmarks.content.duplicates:cost_of_duplicates",
}
"""Part -> what measures it: (folder of data, threads) -> targets. It raises FileNotFoundError where
its data is not in the folder."""


def main() -> int:
    asked = _options()
    targets, missing = [], False
    for part in asked.parts:
        print(f"\n{part}", flush=True)
        try:
            targets += _measured(part, Path(asked.data), asked.threads)
        except FileNotFoundError as error:
            missing = True
            print(f"{part} is not measured: {error}. Set DATA_FOLDER to a folder with its data.")
    print()
    return conclude(targets) or int(missing)


def _measured(part: str, folder: Path, threads: int) -> list[Target]:
    module, _, name = PARTS[part].partition(":")
    measure: Callable[[Path, int], list[Target]] = getattr(import_module(module), name)
    return measure(folder, threads)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-content", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[*PARTS])
    parser.add_argument("--data", default=os.environ.get("DATA_FOLDER") or "../shared/data")
    parser.add_argument("--threads", type=int, default=available_threads())
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
