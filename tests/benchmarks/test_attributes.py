import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.quality import attributes
from generator.synthetic import synthesize


def run(monkeypatch, *arguments):
    monkeypatch.setattr("sys.argv", ["attributes", *map(str, arguments)])
    return attributes.main()


def test_ours_and_logistic_regression_stand_side_by_side_for_both_sorts_of_others(
    monkeypatch, capsys, tmp_path
):
    (tmp_path / "coco").mkdir()
    synthesize(tmp_path / "coco", users=300, courses=60, views=2_500, file_format="csv")
    run(monkeypatch, "--data", tmp_path, "--epochs", 2)
    said = capsys.readouterr().out
    assert said.count("  logistic regression\n") == said.count("  fm_user_course_attribute\n") == 2
    lines = said[said.rindex("\n\n") :].strip().splitlines()
    assert [line.split(", others ")[1].split("  ")[0] for line in lines] == [
        "uniformly",
        "by popularity",
    ]


def test_a_folder_without_the_data_is_said(monkeypatch, capsys, tmp_path):
    assert run(monkeypatch, "--data", tmp_path) == 1
    assert f"coco is not in {tmp_path}: set DATA_FOLDER" in capsys.readouterr().out


@pytest.mark.parametrize("chances", [None, np.array([0.7, 0.1, 0.1, 0.1])])
def test_what_is_drawn_has_not_been_taken_up(chances):
    taken = sp.csr_matrix(np.array([[1, 0, 0, 1], [0, 1, 1, 0]], bool))
    users = np.repeat(np.array([0, 1], np.int32), 200)
    same_users, courses = attributes._by_lot(users, taken, np.random.default_rng(1), chances)
    np.testing.assert_array_equal(same_users, users)
    assert set(courses[:200]) == {1, 2}
    assert set(courses[200:]) == {0, 3}
    if chances is not None:
        assert (courses[200:] == 0).mean() > 0.75
