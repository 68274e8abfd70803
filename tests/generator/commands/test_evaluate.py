"""`evaluate` as a user types it, on the sample data and with the quick models."""

from io import StringIO

import pytest
from rich.console import Console

from generator.commands import main
from generator.commands.wiring import Wiring
from generator.load.sources.digest import data_digest
from generator.pipeline import generate
from generator.process.progress import Reporter
from shared.records import figure_named
from shared.settings import GeneratorSettings
from shared.stores import open_store
from tests.generator.commands.shell import FAST


@pytest.fixture
def evaluate(tmp_path, capsys, monkeypatch):
    def run(*arguments):
        store = ["--store", f"sqlite:///{tmp_path}/store"]
        monkeypatch.setattr("sys.argv", ["run_generator.py", *store, "evaluate", *arguments])
        monkeypatch.setenv("SET_ASIDE_FOLDER", str(tmp_path / "set_aside"))
        try:
            main(Wiring(GeneratorSettings.load, open_store))
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
    text = (folder / "report.md").read_text()
    assert "Would more users help?" in text
    assert f"evaluate --data data/sample --models {FAST} --seed 42 --protocol auto" in text
    assert data_digest("data/sample") in text
    assert not (tmp_path / "store").exists()


def test_models_are_chosen_and_what_to_set_is_printed(evaluate, tmp_path):
    folder = tmp_path / "report"
    options = ["--data", "data/sample", "--models", f"{FAST},popular_course_view"]
    asked = ["--choose", "--minutes", "5", "--curves", "none", "--output", str(folder)]
    code, out, _ = evaluate(*options, *asked)
    assert code == 0
    (models,) = (line for line in out.splitlines() if line.startswith("MODELS="))
    chosen = models.removeprefix("MODELS=").split(",")
    assert "MODEL_OPTIONS={" in out
    text = (folder / "report.md").read_text()
    assert "Which models were chosen, and of which" in text
    assert "--choose --minutes 5.0" in text
    # Those alone are measured on what is asked about in the end.
    measured = text.split("\n## ")[1]
    assert all(f"| {handle}" in measured for handle in chosen)


def test_a_test_part_of_its_own_is_asked_about(evaluate, tables, tmp_path):
    test = tmp_path / "test"
    test.mkdir()
    (test / "user_course_views.csv").write_text(
        "user_handle,view_date,course_id,author_handle,level,view_time_seconds\n"
        "1,2026-04-01,deep-python,,Advanced,60\n"
    )
    knn, folder = "knn_collab_filtering_user_course_view", str(tmp_path / "report")
    options = ["--data", str(tables), "--models", knn, "--output", folder, "--curves", "none"]
    code, out, _ = evaluate(*options, "--protocol", "given", "--test", str(test))
    assert code == 0
    # User 1 has one neighbour, who watched just that course.
    row = next(line for line in out.splitlines() if knn in line and "1.0000 [" in line)
    assert row.count("1.0000") >= 4
    assert "Would more users help?" not in (tmp_path / "report" / "report.md").read_text()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--protocol", "given"], 2, "--test URL go together"),
        (["--test", "x"], 2, "--test URL go together"),
        (["--choose", "--tune"], 2, "Choose first"),
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


def test_a_run_that_evaluates_keeps_the_figures_and_lists_as_ever(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("SET_ASIDE_FOLDER", str(tmp_path / "set_aside"))
    lists = {}
    for name, options in (("plain", []), ("measured", ["--evaluate"])):
        url = f"sqlite:///{tmp_path}/{name}"
        words = ["run_generator.py", "--data", "data/sample", "--models", FAST, "--store", url]
        monkeypatch.setattr("sys.argv", [*words, *options])
        with pytest.raises(SystemExit) as ended:
            main(Wiring(GeneratorSettings.load, open_store))
        assert ended.value.code == 0
        store = open_store(url)
        live = store.live("default")
        keys = [(section, 999) for section in live.row_counts]
        lists[name] = store.get_many("default", live.generation, keys)
        assert len(lists[name]) == 7
    assert lists["plain"] == lists["measured"]
    assert live.evaluation.users > 500
    assert "held out" in live.evaluation.protocol
    popular = figure_named(live.evaluation.baselines["popular"], "ndcg_at_10")
    card = live.card("knn_collab_filtering_user_course_view")
    found = card.figure("ndcg_at_10")
    assert popular.value < found.low < found.value == card.measures["ndcg_at_10"] < found.high
    assert card.measures["beats_popular"] == 1
    assert "ndcg_at_10 " in capsys.readouterr().out


def test_a_run_on_data_that_cannot_be_evaluated_says_so_and_goes_on(tmp_path, tables):
    (tables / "user_course_views.csv").unlink()
    settings = GeneratorSettings(
        _env_file=None,
        data_url=str(tables),
        store_url=f"sqlite:///{tmp_path}/store",
        set_aside_folder=str(tmp_path / "aside"),
        models=["tfidf_user_interest"],
        evaluate=True,
    )
    reporter = Reporter(Console(record=True, file=StringIO(), width=200))
    manifest = generate(settings, open_store(settings.store_url), reporter)
    assert manifest.state == "published"
    assert manifest.evaluation is None
    assert "Not evaluated: There is nothing to evaluate by" in reporter.console.export_text()
