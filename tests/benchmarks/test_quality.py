import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.quality import __main__ as quality
from benchmarks.quality.data_sets import DATA_SETS, GOWALLA, MOVIELENS
from benchmarks.quality.trials import TRIALS
from generator.evaluation.protocols import split_of

TRIBES, USERS, ITEMS = 4, 80, 60


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Gowalla's files, holding users in tribes with courses of their own."""
    random = np.random.default_rng(0)
    views = np.zeros((USERS, ITEMS), np.float32)
    for user in range(USERS):
        own = np.arange(user % TRIBES, ITEMS, TRIBES)
        views[user, random.choice(own, 10, replace=False)] = 1
    held_out = views * (random.random(views.shape) < 0.3)
    folder = tmp_path_factory.mktemp("data")
    (folder / "gowalla").mkdir()
    sp.save_npz(folder / GOWALLA.train, sp.csr_matrix(views - held_out))
    sp.save_npz(folder / GOWALLA.test, sp.csr_matrix(held_out))
    return folder


def run(monkeypatch, *arguments: object) -> int:
    monkeypatch.setattr("sys.argv", ["quality", *map(str, arguments)])
    return quality.main()


def test_ours_stand_beside_what_was_published_and_every_target_has_a_line(
    monkeypatch, capsys, folder
):
    assert run(monkeypatch, "--data", folder, "--only", "Gowalla", "--heavy") == 0
    said = capsys.readouterr().out
    assert "full ranking" in said
    assert ["0.1830", "0.1554", "LightGCN"] in [line.split() for line in said.splitlines()]
    lines = said[said.rindex("\n\n") :].strip().splitlines()
    wanted = [trial for trial in TRIALS if trial.data is GOWALLA]
    assert len(lines) == 2 * len(wanted)
    assert all(line.startswith("Gowalla ") and line.endswith("  ok") for line in lines)


def test_a_model_that_does_not_fit_is_named_with_the_figure(monkeypatch, capsys, folder):
    run(monkeypatch, "--data", folder, "--only", "Gowalla", "--memory-mb", 256)
    assert "ease_user_course_view not run" in capsys.readouterr().out


def test_data_that_is_not_there_is_said_and_not_passed_over(monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "--data", tmp_path) == 1
    said = capsys.readouterr().out
    assert all(f"{data.name} is not in {tmp_path}: set DATA_FOLDER" in said for data in DATA_SETS)


def test_unknown_items_and_the_last_of_each_line_are_left_out_of_movielens(tmp_path):
    (tmp_path / "ml1m_sasrec").mkdir()
    (tmp_path / MOVIELENS.train).write_text("3 1 2\n2 0 3 1\n")
    split = split_of(MOVIELENS.cut(tmp_path))
    held_out = [split.train.courses.handles(row.indices) for row in split.held_out]
    assert held_out == [[2], [1]]
    assert split.train.seen.nnz == 4
