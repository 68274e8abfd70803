"""The benchmark of sequence models, on a chain that is known."""

import numpy as np
import pytest

from benchmarks.quality.data_sets import MOVIELENS
from benchmarks.sequences import __main__ as sequences
from benchmarks.sequences.goals import (
    BLEND,
    BLENDED,
    DATA_SETS,
    GOALS,
    MARKOV,
    NETWORKS,
    SEQUENCE_MODELS,
)
from benchmarks.sequences.shuffled import shuffled
from benchmarks.sequences.trials import HELD_OUT, Outcome, Trials
from generator.evaluation.protocols import split_of
from generator.models.registry import MODELS
from generator.models.run_options import RunOptions

COURSES, USERS = 40, 120


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """MovieLens' file, holding users who mostly take up course after course."""
    random = np.random.default_rng(0)
    lines = []
    for _ in range(USERS):
        start, length = random.integers(COURSES), random.integers(6, 12)
        steps = np.cumsum(random.choice([1, 2], length, p=[0.8, 0.2]))
        lines.append(" ".join(str(1 + (start + step) % COURSES) for step in steps))
    folder = tmp_path_factory.mktemp("data")
    (folder / MOVIELENS.train).parent.mkdir()
    (folder / MOVIELENS.train).write_text("\n".join(lines) + "\n")
    return folder


def run(monkeypatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["sequences", *map(str, arguments)])
    return sequences.main()


def test_models_and_blends_have_a_line_for_each_seed_and_targets_are_means_of_them(
    monkeypatch, capsys, folder
):
    only = ("--data", folder, "--only", MOVIELENS.name, "--models", MARKOV)
    assert run(monkeypatch, *only, "--seeds", 4, 5) == 0
    said = capsys.readouterr().out
    lines = [line.split() for line in said.splitlines()]
    for who in (*BLENDED, BLEND):
        assert [line[0] for line in lines if " ".join(line).endswith(who)] == ["4", "5"]
    (recall,) = (line for line in said.splitlines() if f"{MARKOV} recall@10" in line)
    of_seeds = [float(line[1]) for line in lines if line and line[-1] == MARKOV]
    assert float(recall.split()[3]) == pytest.approx(np.mean(of_seeds), abs=1e-3)
    assert recall.endswith("ok")


def test_data_that_is_not_there_is_said_and_not_passed_over(monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "--data", tmp_path) == 1
    said = capsys.readouterr().out
    assert all(f"{data.name} is not in {tmp_path}: set DATA_FOLDER" in said for data in DATA_SETS)


def test_the_blended_network_is_the_one_that_was_best_on_what_it_held_out_itself(folder):
    trials = Trials(MOVIELENS, MOVIELENS.cut(folder), RunOptions(), [])
    figures = {"one": (0.3, 0.15), "another": (0.2, 0.16)}
    for handle, (tested, held_out) in figures.items():
        trials.outcomes[handle] = Outcome(tested, tested, 1, {HELD_OUT: held_out})
    assert trials.best_of(list(figures)) == "another"


def test_every_goal_is_of_a_model_or_a_line_that_the_benchmark_has():
    assert {"lstm_course_sequence", MARKOV} <= set(SEQUENCE_MODELS) <= set(MODELS)
    assert MARKOV not in NETWORKS
    named = {goal.who for goal in GOALS if goal.who.endswith("_sequence")}
    assert named <= {*SEQUENCE_MODELS, "bert4rec_course_sequence"}


def test_who_reads_an_order_loses_its_lead_where_there_is_none(monkeypatch, capsys, folder):
    only = ("--data", folder, "--only", MOVIELENS.name, "--models", MARKOV, "--seeds", 1)
    run(monkeypatch, *only, "--without-blends", "--shuffled")
    said = capsys.readouterr().out.splitlines()
    ordered = next(line.split() for line in said if line.endswith(f"  {MARKOV}"))
    without = next(line.split() for line in said if line.startswith("  shuffled"))
    assert float(without[2]) < float(ordered[2]) - 0.1
    assert any("lost by shuffling" in line for line in said)


def test_shuffling_keeps_who_took_up_what_and_when(folder):
    split = split_of(MOVIELENS.cut(folder))
    before, after = split.train.interactions, shuffled(split, 1).train.interactions
    assert (before.courses != after.courses).any()
    for user in range(len(split.train.users)):
        views = before.of(user)
        assert sorted(before.courses[views]) == sorted(after.courses[views])
    np.testing.assert_array_equal(before.times, after.times)
