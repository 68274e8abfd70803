"""`make test` injects a few of each fault that comes at random, `make test-faults` all of them."""

import os


def few_or_all(few: int, every: int) -> int:
    return every if os.environ.get("FAULTS") == "all" else few
