"""What worker processes leave for each other: those that end, too, and where nothing can be."""

import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from server.watching.figures import Tally, tallies_of
from server.watching.metrics import Metrics
from server.watching.shared_counts import SharedCounts

SPAWN = multiprocessing.get_context("spawn")


def tally(metrics: Metrics) -> Tally:
    return tallies_of(metrics.collect())["a"]


def total(metrics: Metrics, name: str) -> float:
    samples = [sample for family in metrics.collect() for sample in family.samples]
    return sum(sample.value for sample in samples if sample.name == name)


def _count_and_end(folder: Path, killed: bool) -> None:
    metrics = Metrics(folder)
    for _ in range(7):
        metrics.answered("a", "/x", "200", 0.003)
    if killed:
        os._exit(1)


@pytest.mark.parametrize(("killed", "left"), [(False, 7), (True, 0)])
def test_a_process_that_ends_leaves_its_last_counts_and_a_killed_one_does_not(
    tmp_path, killed, left
):
    ours = Metrics(tmp_path)
    other = SPAWN.Process(target=_count_and_end, args=(tmp_path, killed))
    other.start()
    other.join(60)
    ours.answered("a", "/x", "200", 0.003)
    assert tally(ours).requests == left + 1
    assert total(ours, "kindred_worker_starts_total") == 2
    assert total(ours, "kindred_workers") == 1


def test_what_was_counted_is_seen_by_the_others_once_it_is_written(tmp_path):
    seven, counted = {"c": [(("a",), [7])]}, {"c": [(("a",), [3])]}
    ours = SharedCounts(tmp_path, lambda: counted)
    other = SharedCounts(tmp_path, lambda: seven)
    ours.write()
    other.write()
    assert [*ours.of_others()] == [{"c": [[["a"], [7]]]}]
    counted["c"] = [(("a",), [4])]
    assert [*other.of_others()] == [{"c": [[["a"], [3]]]}]
    ours.write()
    assert [*other.of_others()] == [{"c": [[["a"], [4]]]}]
    assert len([*tmp_path.iterdir()]) == 2


def test_nothing_is_written_where_nothing_is_new(tmp_path):
    ours = SharedCounts(tmp_path, lambda: {"c": [((), [1])]})
    ours.write()
    (file,) = tmp_path.iterdir()
    file.unlink()
    ours.write()
    assert [*tmp_path.iterdir()] == []


def test_where_nothing_can_be_written_it_is_said_once_and_counting_goes_on(tmp_path, caplog):
    folder, counted = tmp_path / "counts", {"c": [((), [1])]}
    shared = SharedCounts(folder, lambda: counted)
    for number in range(3):
        counted["c"] = [((), [number])]
        shared.write()
    (said,) = caplog.messages
    assert "No such file or directory" in said
    assert "TMPDIR" in said
    folder.mkdir()
    shared.write()
    assert "again" in caplog.messages[-1]
    assert len([*folder.iterdir()]) == 1


def test_a_folder_that_is_gone_costs_the_sums_of_the_others_and_no_count_of_ours(tmp_path):
    folder = tmp_path / "counts"
    folder.mkdir()
    ours = Metrics(folder)
    shutil.rmtree(folder)
    ours.answered("a", "/x", "200", 0.003)
    assert tally(ours).requests == 1
    assert total(ours, "kindred_workers") == 1
