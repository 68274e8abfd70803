"""Duplicates among labelled pairs of products, papers and songs: F1 on pairs that nobody has seen.

A matcher learns from the train and validation parts, thresholds and all; the test part is asked
once. The pairs are those of Ditto (Li et al. 2020), as records ``COL name VAL value COL ...``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time

import numpy as np
from numpy.typing import NDArray

from benchmarks.content.written import written_catalogue
from benchmarks.targets import Target
from generator.duplicates.candidates import candidate_pairs
from generator.duplicates.features import PairFeatures
from generator.duplicates.find import grouped
from generator.duplicates.learning import f1, learned
from generator.duplicates.records import Records
from generator.duplicates.titles import read_title
from generator.duplicates.weighted import Rows, of_words
from generator.process.memory import BYTES_PER_MB, peak_bytes, restart_peak

SOURCES = "entity_resolution"
COLUMN = re.compile(r"COL (\S+) VAL ?")
DESCRIPTION = "description"
TO_LEARN = ("train", "valid")
COURSES = 395_000
ONE_IN = 100
"""Of these courses one is a second version of another."""
ADDED = "This edition was revised and has new exercises."


@dataclass(frozen=True)
class PairSet:
    name: str
    title: str
    """The column that is the title of a record."""
    wanted: float
    by_tfidf: float
    """F1 of TF-IDF alone, and of Ditto's language model."""
    by_ditto: float


PAIR_SETS = (
    PairSet("abt_buy", "name", 0.75, 0.665, 0.893),
    PairSet("dblp_acm_dirty", "title", 0.95, 0.913, 0.990),
    PairSet("itunes_amazon", "Song_Name", 0.80, 0.605, 0.971),
)


@dataclass(frozen=True)
class Pairs:
    """Pairs of row numbers of `records`, and whether they are the same."""

    records: Records
    left: Rows
    right: Rows
    are_same: NDArray[np.bool_]


def duplicates(folder: Path, threads: int = 1) -> list[Target]:
    """F1 on each set's test part. FileNotFoundError where the data is not in `folder`."""
    targets = []
    for pair_set in PAIR_SETS:
        to_learn = read_pairs(folder / SOURCES, pair_set, TO_LEARN)
        features = PairFeatures(to_learn.records)
        matcher = learned(
            features.of(to_learn.left, to_learn.right), to_learn.are_same, features.names
        )
        test = read_pairs(folder / SOURCES, pair_set, ("test",))
        asked = PairFeatures(test.records)
        said = matcher.probabilities(asked.of(test.left, test.right)) >= matcher.threshold
        reached = f1(said, test.are_same)
        print(
            f"{pair_set.name}: F1 {reached:.3f} on {len(said):,} test pairs (pairs left out of "
            f"learning {matcher.learned_from['f1']:.3f}, TF-IDF alone {pair_set.by_tfidf:.3f}, "
            f"Ditto {pair_set.by_ditto:.3f}); blocking keeps "
            f"{blocking_recall(to_learn, threads):.3f} of the duplicates to learn from",
            flush=True,
        )
        targets.append(Target(f"duplicates {pair_set.name}: F1", reached, pair_set.wanted))
    return targets


def read_pairs(folder: Path, pair_set: PairSet, parts: Iterable[str]) -> Pairs:
    """Each different record of either side is one row."""
    rows: dict[tuple[str, str], int] = {}
    read: list[tuple[int, int, bool]] = []
    for part in parts:
        with (folder / f"{pair_set.name}_{part}.txt").open(encoding="utf-8") as lines:
            for line in lines:
                ours, theirs, label = line.rstrip("\n").split("\t")
                places = [
                    rows.setdefault(record, len(rows)) for record in (("a", ours), ("b", theirs))
                ]
                read.append((places[0], places[1], label == "1"))
    left, right, are_same = (np.array(column) for column in zip(*read, strict=True))
    records = _records([_values(text) for _, text in rows], pair_set.title)
    return Pairs(records, left.astype(np.int32), right.astype(np.int32), are_same)


def blocking_recall(pairs: Pairs, threads: int) -> float:
    """The share of the pairs that are the same which blocking would look at among all records."""
    records = pairs.records
    titles = [read_title(title) for title in records.titles]
    left, right = candidate_pairs(titles, of_words(records.descriptions), threads)
    looked_at = set(zip(left.tolist(), right.tolist(), strict=True))
    same = zip(pairs.left[pairs.are_same], pairs.right[pairs.are_same], strict=True)
    found = [(min(a, b), max(a, b)) in looked_at for a, b in same]
    return sum(found) / len(found)


def _values(text: str) -> dict[str, str]:
    parts = COLUMN.split(text)[1:]
    return {name: value.strip() for name, value in zip(parts[::2], parts[1::2], strict=True)}


def _records(values: Sequence[dict[str, str]], title: str) -> Records:
    others = [name for name in values[0] if name not in (title, DESCRIPTION)]
    return Records(
        [of_record[title] for of_record in values],
        [of_record.get(DESCRIPTION, "") for of_record in values],
        {name: [of_record[name] for of_record in values] for name in others},
    )


def cost_of_duplicates(folder: Path, threads: int = 2, courses: int = COURSES) -> list[Target]:
    """Minutes and memory of a catalogue of real-length texts, and how many of the versions planted
    in it are found. FileNotFoundError where its sources are not in `folder`."""
    written = written_catalogue(folder, courses - courses // ONE_IN)
    versions = np.random.default_rng(0).choice(len(written.titles), courses // ONE_IN, False)
    records = Records(
        [*written.titles, *(f"{written.titles[at]} 2020 (v2)" for at in versions)],
        [*written.descriptions, *(f"{written.descriptions[at]} {ADDED}" for at in versions)],
        {},
    )
    restart_peak()
    start, start_of_work = perf_counter(), process_time()
    groups = grouped(records, np.arange(len(records)), threads=threads)
    minutes, peak = (perf_counter() - start) / 60, peak_bytes() / BYTES_PER_MB
    places = len(written.titles) + np.arange(len(versions))
    found = float(np.mean(groups.stands_for[places] == groups.stands_for[versions]))
    print(
        f"duplicates among {len(records):,} courses: {len(groups):,} groups, "
        f"{process_time() - start_of_work:.0f} s of processor time",
        flush=True,
    )
    return [
        Target("duplicates: minutes", minutes, 5.0, at_most=True),
        Target("duplicates: memory", peak, 3072, " MiB", at_most=True),
        Target("duplicates: planted versions found", found, 0.95),
    ]
