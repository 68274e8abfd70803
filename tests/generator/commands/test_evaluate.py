"""`evaluate` as a user types it, on the sample data and with the quick models."""

import pytest

from generator.commands import main
from generator.commands.wiring import Wiring
from shared.settings import Settings
from shared.stores import open_store

FAST = "tfidf_user_interest,knn_collab_filtering_user_course_view"


@pytest.fixture
def evaluate(tmp_path, capsys, monkeypatch):
    def run(*arguments):
        store = ["--store", f"sqlite:///{tmp_path}/store"]
        monkeypatch.setattr("sys.argv", ["run_generator.py", *store, "evaluate", *arguments])
        monkeypatch.setenv("SET_ASIDE_FOLDER", str(tmp_path / "set_aside"))
        try:
            main(Wiring(Settings.load, open_store))
        except SystemExit as ended:
            return ended.code or 0, *capsys.readouterr()
        return 0, *capsys.readouterr()

    return run


def test_models_are_measured_beside_baselines_and_nothing_is_published(evaluate, tmp_path):
    folder = tmp_path / "report"
    code, out, _ = evaluate("--data", "data/sample", "--models", FAST, "--output", str(folder))
    assert code == 0
    for handle in [*FAST.split(","), "popular", "random", "item_knn_cosine"]:
        assert handle in out
    assert "courses taken up from" in (folder / "report.html").read_text().lower()
    assert (folder / "report.md").is_file()
    assert not (tmp_path / "store").exists()


def test_a_test_part_of_its_own_is_asked_about(evaluate, tables, tmp_path):
    test = tmp_path / "test"
    test.mkdir()
    (test / "user_course_views.csv").write_text(
        "user_handle,view_date,course_id,author_handle,level,view_time_seconds\n"
        "1,2026-04-01,deep-python,,Advanced,60\n"
    )
    knn, folder = "knn_collab_filtering_user_course_view", str(tmp_path / "report")
    options = ["--data", str(tables), "--models", knn, "--output", folder]
    code, out, _ = evaluate(*options, "--protocol", "given", "--test", str(test))
    assert code == 0
    # User 1 has one neighbour, who watched just that course.
    row = next(line for line in out.splitlines() if knn in line and "1.0000 [" in line)
    assert row.count("1.0000") >= 4


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--protocol", "given"], 2, "--test URL go together"),
        (["--test", "x"], 2, "--test URL go together"),
        (["--models", "nobody"], 2, "There is no model 'nobody'"),
        (["--data", "/nowhere"], 3, "There is no folder"),
        (["--protocol", "lottery"], 2, "lottery"),
        (["--share", "1"], 2, "--share"),
    ],
)
def test_what_cannot_be_evaluated_is_said(evaluate, arguments, code, words):
    found, _, err = evaluate(*arguments)
    assert found == code
    assert words in err
