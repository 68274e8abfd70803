"""The page of models is made of what was measured, and says so where nothing was."""

import pytest

from benchmarks.quality.every_model import write_page
from benchmarks.quality.measured import FILE, Measured, Measurements
from benchmarks.quality.page import FOR_NEWCOMERS, PAGE, assumption_of, page_of
from generator.models.registry import MODELS
from shared.settings import GeneratorSettings

KNN, MARKOV = "knn_collab_filtering_user_course_view", "markov_course_sequence"
POPULAR, SLOW = "popular_course_view", "sasrec_course_sequence"
TEXT = "tfidf_course_text"


@pytest.fixture(scope="module")
def rows():
    """Handle -> its rows of the page, of planted figures."""
    figures = {
        KNN: Measured("2026-01-01", 0.31, 0.30, 0.33, slices={"new": 0.1, "heavy": 0.6}),
        MARKOV: Measured("2026-01-01", 0.32, 0.31, 0.34, slices={"new": 0.3, "heavy": 0.5}),
        POPULAR: Measured("2026-01-01", 0.2, 0.19, 0.21, loses=True),
        TEXT: Measured("2026-01-01", why_not="needs texts, which the data lacks"),
        SLOW: Measured("2026-01-01", why_not="its fit would take about 900 s, and 300 s were left"),
    }
    page = page_of(Measurements({"planted": figures}, {"planted": "by hand"}, {KNN: {"fit": 12.3}}))
    return {
        handle: [line for line in page.splitlines() if f"`{handle}`" in line] for handle in MODELS
    }


def test_the_best_and_what_reaches_it_are_marked_and_so_is_what_loses(rows):
    assert rows[MARKOV][1].endswith("| **.3200** |")
    assert rows[KNN][1].endswith("| **.3100** |")
    assert rows[POPULAR][1].endswith("| _.2000, below popular_ |")
    assert rows[SLOW][1].endswith("| too slow |")
    assert rows[TEXT][1].endswith("| - |")
    assert rows["ease_user_course_view"][1].endswith("|  |")


def test_where_a_model_is_first_is_said_for_sets_and_their_parts(rows):
    assert "**planted**" in rows[MARKOV][2]
    assert rows[KNN][2] == f"| `{KNN}` | planted, heavy |  |"
    assert rows[POPULAR][2] == f"| `{POPULAR}` |  | planted |"


def test_costs_are_those_of_the_reference_platform(rows):
    assert rows[KNN][-1] == f"| `{KNN}` | 12 | - | - |"


@pytest.mark.parametrize("handle", MODELS)
def test_every_model_says_what_it_assumes(handle):
    assert assumption_of(handle).startswith("that ")


def test_newcomers_stand_in_a_table_by_known_courses():
    kept = Measurements({}, {}, {})
    assert "Not measured: `make bench-cold`." in page_of(kept)
    kept.newcomers = {KNN: {"0": 0.0, "3": 0.2}, "an encoder": {"0": 0.1, "3": 0.12}}
    rows = page_of(kept).splitlines()
    assert rows[rows.index("| | 0 | 3 |") + 2 :][:2] == [
        f"| `{KNN}` | - | **.2000** |",
        "| an encoder | **.1000** | .1200 |",
    ]
    kept.newcomers[FOR_NEWCOMERS] = {"0": 0.09, "3": 0.15}
    said = f"`{FOR_NEWCOMERS}` is below {KNN} at 3; an encoder at 0."
    assert said in page_of(kept)


def test_measurements_are_kept_and_added_to(tmp_path):
    file = tmp_path / "measured.json"
    kept = Measurements.read(file)
    kept.figures["planted"] = {KNN: Measured("2026-01-01", 0.3, slices={"new": 0.1})}
    kept.cuts["planted"] = "by hand"
    kept.newcomers, kept.newcomers_cut = {KNN: {"0": 0.1}}, "by lot"
    kept.write(file)
    assert Measurements.read(file) == kept


def test_the_page_of_the_documents_is_that_of_the_measurements():
    is_made_anew = PAGE.read_text() == page_of(Measurements.read(FILE))
    assert is_made_anew, 'make bench-quality OPTIONS="--page --minutes 0"'


def test_models_are_measured_on_a_set_and_the_page_is_written(monkeypatch, tmp_path):
    monkeypatch.setattr("benchmarks.quality.every_model.FILE", tmp_path / "measured.json")
    monkeypatch.setattr("benchmarks.quality.every_model.PAGE", tmp_path / "models.md")
    settings = GeneratorSettings(_env_file=None)
    assert write_page(tmp_path, ["the sample"], [KNN], 5, settings) == 0
    measured = Measurements.read(tmp_path / "measured.json").figures["the sample"][KNN]
    assert 0 < measured.low < measured.ndcg < measured.high < 1
    assert f"{measured.ndcg:.4f}"[1:] in (tmp_path / "models.md").read_text()
