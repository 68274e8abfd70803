"""`make bench-refresh`: from an event to the list that it changed, while others come in."""

import argparse
import random
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.generate.platforms import REFERENCE, USERS, platform
from benchmarks.refresh.learners import Learners, background
from benchmarks.refresh.unlisted import folder_bytes, publish_unlisted
from benchmarks.targets import Target, conclude
from shared.records import Handle
from shared.settings import GeneratorSettings
from tests.processes import free_port

MODELS = (
    "tfidf_user_interest",
    "knn_collab_filtering_user_course_view",
    "als_collab_filtering_user_course_view",
    "markov_course_sequence",
    "segment_user_attribute",
    "tfidf_course_text",
    "weighted_hybrid",
)
WATCHED_SHARE = 0.1
"""Of the events whose lists are waited for: a look is a request, too."""


def main() -> int:
    options = _options()
    tables = platform(options.platforms, options.scale, options.seed, REFERENCE)
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder = Path(name)
        settings = GeneratorSettings(
            _env_file=None,
            data_url=str(tables),
            store_url=f"sqlite:///{folder}/store",
            models_folder=str(folder / "models"),
            set_aside_folder=str(folder / "aside"),
            models=list(options.models),
            evaluate=False,
        )
        users, courses = publish_unlisted(settings, options.models)
        kept_mb = folder_bytes(folder / "models") / 2**20
        print(f"{len(users):,} users; what is kept takes {kept_mb:,.0f} MiB", flush=True)
        seconds = _followed(options, settings, users, courses)
    p50, p95 = np.percentile(seconds, [50, 95])
    print(f"{len(seconds)} lists watched: slowest after {max(seconds):.1f} s")
    return conclude(
        [
            Target("event to changed list, p50", float(p50), 1, " s", at_most=True),
            Target("event to changed list, p95", float(p95), 3, " s", at_most=True),
        ]
    )


def _followed(
    options: argparse.Namespace,
    settings: GeneratorSettings,
    users: Sequence[Handle],
    courses: Sequence[Handle],
) -> list[float]:
    """Seconds from the answer to an event until a list was made of it, of a part of the events."""
    port = free_port()
    environment = {
        "STORE_URL": settings.store_url,
        "MODELS_FOLDER": settings.models_folder,
        "MODELS": ",".join(options.models),
        "DATA_URL": settings.data_url,
        "EVALUATE": "false",
        "SERVER_PORT": str(port),
        "SERVER_THREADS": "8",
    }
    drawn = random.Random(options.seed)
    learners = Learners(f"http://127.0.0.1:{port}", courses, options.seed)
    with (
        background(["run_server.py"], environment),
        background(["run_generator.py", "refresh", "--follow"], environment),
    ):
        # The first round loads the models; what is measured is the pace after it.
        learners.wait_for_server()
        print(f"first list after {learners.watch(users[0]):.1f} s", flush=True)
        watches: list[threading.Thread] = []
        seconds: list[float] = []
        started = time.monotonic()
        for number in range(int(options.rate * options.seconds)):
            time.sleep(max(0.0, started + number / options.rate - time.monotonic()))
            user = drawn.choice(users)
            if drawn.random() >= WATCHED_SHARE:
                learners.post(user)
                continue
            watch = threading.Thread(target=lambda u=user: seconds.append(learners.watch(u)))
            watch.start()
            watches.append(watch)
        for watch in watches:
            watch.join()
    return seconds


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-refresh", description=__doc__)
    parser.add_argument("--scale", type=float, default=1, help=f"1 is {USERS:,} users")
    parser.add_argument("--rate", type=float, default=50, help="events a second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=42)
    parser.add_argument("--models", nargs="+", default=list(MODELS))
    parser.add_argument("--platforms", type=Path, default=Path(".cache/platforms"))
    parser.add_argument("--folder", type=Path, default=None, help="on the disk to measure")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
