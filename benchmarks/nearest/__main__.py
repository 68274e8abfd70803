"""`make bench-nearest`: exact nearest neighbours beside the libraries, in one run."""

import argparse
import sys
from importlib.metadata import version

from benchmarks.nearest import dense, sparse
from benchmarks.targets import conclude
from generator.process.processors import available_threads

MODULES = ("numpy", "sparse-dot-topn", "scikit-learn", "implicit", "faiss-cpu")


def main() -> int:
    options = _options()
    print("Versions: " + ", ".join(f"{name} {version(name)}" for name in MODULES))
    return conclude([*sparse.measure(options), *dense.measure(options)])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    numbers = {
        "users": (50_000, "sparse: users, all of them asked about"),
        "rows": (100_000, "dense: candidates"),
        "queries": (100_000, "dense: rows asked about"),
        "size": (64, "dense: numbers in a vector"),
        "n": (20, "length of a list"),
        "repeats": (3, "of which the median counts"),
        "threads": (available_threads(), "for all alike"),
        "seed": (42, "of the vectors"),
    }
    for name, (default, meaning) in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default, help=f"{meaning} [{default:,}]")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
