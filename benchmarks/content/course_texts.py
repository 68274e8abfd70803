"""What `tfidf_course_text` takes on a large catalogue, and finds among courses that are new."""

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter, process_time

import numpy as np

from benchmarks.content.written import written_catalogue
from benchmarks.targets import Target
from generator.dataset.build import build_dataset
from generator.evaluation.metrics import accuracy
from generator.evaluation.protocols import new_courses, split_of
from generator.lists.ranked import blocks_of
from generator.load.files import load_tables
from generator.models.registry import model_class
from generator.models.run_options import RunOptions
from generator.process.memory import give_back, peak_bytes, restart_peak
from generator.validation.validation import validate_tables

COURSES = 395_000
N = 20
SECONDS, GIB = 120, 3
HANDLE = "tfidf_course_text"
COLLABORATIVE = (
    "tfidf_user_interest",
    "knn_collab_filtering_user_course_view",
    "als_collab_filtering_user_course_view",
    "popular_course_view",
)
NEW_COURSES_FOUND = 0.04
"""recall@10 on COCo. Of models that know a course by who viewed it, this is 0."""
WITHOUT_INTERESTS = {HANDLE: {"interests_weight": 0}}
"""COCo's interests are made from enrolments, and so tell of those that are held out."""


def costs(folder: Path, threads: int = 1) -> list[Target]:
    """Seconds and memory, from texts to the lists of all courses."""
    with (
        TemporaryDirectory() as written,
        # Each in a process of its own, so that the memory of one is not counted to the other.
        ProcessPoolExecutor(1, get_context("spawn"), max_tasks_per_child=1) as process,
    ):
        process.submit(_write, folder, Path(written)).result()
        seconds, peak = process.submit(_listed, Path(written), threads).result()
    name = f"{COURSES:,} course texts to lists"
    return [
        Target(f"{name}, seconds", seconds, SECONDS, " s", at_most=True),
        Target(f"{name}, memory", peak / 2**30, GIB, " GiB", at_most=True),
    ]


def found(folder: Path, threads: int = 1) -> list[Target]:
    """recall@10 where all views of a tenth of COCo's courses are held out."""
    split = split_of(new_courses(validate_tables(load_tables(str(folder / "coco"))).tables))
    recall = {}
    for handle in (HANDLE, *COLLABORATIVE):
        model = model_class(handle)(**WITHOUT_INTERESTS.get(handle, {}))
        model.fit(split.train, RunOptions(threads=threads))
        listed = model.recommend(split.users, 10).indices
        measured = accuracy(listed, split.held_out[split.users], [10])
        recall[handle] = float(measured["recall_at_10"].mean())
        ndcg = float(measured["ndcg_at_10"].mean())
        print(f"{handle}: recall@10 {recall[handle]:.4f}, NDCG@10 {ndcg:.4f} of new courses")
        give_back()
    return [Target("new courses found by their texts", recall[HANDLE], NEW_COURSES_FOUND)]


def _write(folder: Path, written: Path) -> None:
    written_catalogue(folder, COURSES).save(written)


def _listed(written: Path, threads: int) -> tuple[float, int]:
    """Seconds by the clock, and the most bytes that the process has held meanwhile."""
    dataset = build_dataset(validate_tables(load_tables(str(written))).tables)
    give_back()
    restart_peak()
    started, busy = perf_counter(), process_time()
    model = model_class(HANDLE)().fit(dataset, RunOptions(threads=threads))
    fitted = perf_counter()
    print(
        f"{HANDLE}: fitted in {fitted - started:.0f} s; {model.measures}, "
        f"{peak_bytes() / 2**30:.2f} GiB",
        flush=True,
    )
    entries = 0
    for courses in blocks_of(model.known_courses()):
        entries += int(np.count_nonzero(model.similar_courses(courses, N).indices >= 0))
    seconds = perf_counter() - started
    print(
        f"{HANDLE}: {entries:,} entries of {len(model.known_courses()):,} courses in "
        f"{seconds - (fitted - started):.0f} s; {process_time() - busy:.0f} s of processor time"
    )
    return seconds, peak_bytes()
