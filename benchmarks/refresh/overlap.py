"""`python -m benchmarks.refresh.overlap`: fresh lists beside those of a run on the same rows.

A run learns anew, so that lists change of users who did nothing too: what these have in common in
the two runs says how near a fresh list can come.
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from benchmarks.targets import Target, conclude
from generator import pipeline
from generator.process.progress import Reporter
from generator.refresh.follow import refresh_all
from generator.refresh.refresher import Refresher
from shared.events import Event, open_log
from shared.fresh import open_fresh
from shared.kinds import RECOMMENDATIONS
from shared.records import Handle, Key, ListRow, Row, list_section
from shared.settings import GeneratorSettings
from shared.stores import open_store
from shared.stores.base import parsed_row

WANTED = {
    "tfidf_user_interest": 1.0,
    "knn_collab_filtering_user_course_view": 1.0,
    "ease_user_course_view": 1.0,
    "als_collab_filtering_user_course_view": 0.9,
}
OTHERS = ("itemknn_user_course_view", "markov_course_sequence", "weighted_hybrid")
FIRST, EVENTS_EACH = 10, 3
AT = "2026-12-01T00:00:0{}.000000Z"


def main() -> int:
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        shares = _shares(options, Path(folder))
    for handle, (of_refresh, of_run) in shares.items():
        print(f"{handle}  {of_refresh:.3f}; of who did nothing, run to run, {of_run:.3f}")
    return conclude(
        [
            Target(f"overlap@{FIRST} of {handle}", round(shares[handle][0], 3), wanted)
            for handle, wanted in WANTED.items()
            if handle in shares
        ]
    )


def _shares(options: argparse.Namespace, folder: Path) -> dict[str, tuple[float, float]]:
    """Handle -> how much of a run's first recommendations those of a refresh have, of users who
    viewed three of what was recommended to them; and those of the run before, of others."""
    url, reporter = f"sqlite:///{folder}/store", Reporter()
    reporter.speak("auto", quiet=True)
    store, log, fresh = open_store(url), open_log(url), open_fresh(url)
    assert log is not None
    assert fresh is not None
    settings = GeneratorSettings(
        _env_file=None,
        data_url=str(options.data),
        store_url=url,
        models_folder=str(folder / "models"),
        set_aside_folder=str(folder / "aside"),
        vectors_folder=str(folder / "vectors"),
        models=[*WANTED, *OTHERS],
        evaluate=False,
    )
    night = pipeline.generate(settings, store, reporter, True, log).generation
    directory = store.get_many("default", night, [("user_directory", 0)])
    handles: Sequence[Handle] = next(iter(directory.values())).facts["handles"]  # type: ignore[union-attr]
    drawn = random.Random(options.seed).sample(handles, min(2 * options.users, len(handles)))
    users, others = drawn[: options.users], drawn[options.users :]
    for user in users:
        row = store.get("default", night, (_section("weighted_hybrid"), user))
        courses = row.entries[:EVENTS_EACH] if isinstance(row, ListRow) else []
        log.append(
            "default",
            [
                Event(f"{user}-{place}", "view", user, AT.format(place), course, seconds=1200.0)
                for place, course in enumerate(courses)
            ],
        )
    refresh_all(Refresher(settings, store, log, fresh, reporter), reporter)
    later = pipeline.generate(settings, store, reporter, True, log).generation
    shares: dict[str, tuple[float, float]] = {}
    for handle in settings.models:
        keys = [(_section(handle), user) for user in users]
        made = fresh.get_many("default", night, keys)
        rows = {key: parsed_row(key, text.text) for key, text in made.items()}
        keys_of_others = [(_section(handle), user) for user in others]
        before = store.get_many("default", night, keys_of_others)
        again = store.get_many("default", later, [*keys, *keys_of_others])
        if again:
            shares[handle] = _mean_share(rows, again), _mean_share(before, again)
    return shares


def _mean_share(rows: Mapping[Key, Row], again: Mapping[Key, Row]) -> float:
    """Of the subjects that have a list in both."""
    return float(np.mean([_share(row, again[key]) for key, row in rows.items() if key in again]))


def _section(handle: str) -> str:
    return list_section(RECOMMENDATIONS.name, handle)


def _share(row: Row, again: Row) -> float:
    assert isinstance(row, ListRow)
    assert isinstance(again, ListRow)
    expected = again.entries[:FIRST]
    return len({*row.entries[:FIRST]} & {*expected}) / max(len(expected), 1)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.refresh.overlap")
    parser.add_argument("--data", type=Path, default=Path("data/sample"))
    parser.add_argument("--users", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
