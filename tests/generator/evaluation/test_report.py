"""The page stands alone and survives hostile names; the Markdown says the same."""

import platform
import re
import sys
from dataclasses import replace
from html import unescape
from html.parser import HTMLParser
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import orjson
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

from generator.evaluation.baselines import Popular
from generator.evaluation.bootstrap import Comparison, Interval
from generator.evaluation.evaluate import Results, evaluate
from generator.evaluation.protocols import leave_last_out
from generator.evaluation.report.conclusion import conclusion
from generator.evaluation.report.labels import label_dots
from generator.evaluation.report.plots import _accuracy_and_coverage
from generator.evaluation.report.repeat import Origin, command_of, repeat_rows
from generator.evaluation.report.tables import label
from generator.evaluation.report.write import escaped, write_report
from generator.models.registry import make_models
from generator.process.progress import Reporter
from shared import __version__
from shared.errors import DataError
from shared.settings import GeneratorSettings

SETTINGS = GeneratorSettings(_env_file=None)
COMMAND = "python run_generator.py evaluate --seed 42"
ORIGIN = Origin("data/sample", COMMAND, {"the data": "e3b0c442"})
HOSTILE = '<script>alert("1")</script>|$x$'


class Page(HTMLParser):
    """Tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags, self.links, self.texts = [], [], []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.links += [value for name, value in attributes if name.endswith(("src", "href"))]

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def report(evaluated, tmp_path_factory):
    folder = tmp_path_factory.mktemp("report") / "new" / "folder"
    page, text = write_report(evaluated.results, ORIGIN, folder)
    return page.read_text(), text.read_text()


def test_the_page_asks_for_nothing_but_itself(report):
    page = Page(report[0])
    assert "svg" in page.tags
    assert not {"script", "link", "img", "iframe"} & set(page.tags)
    # Within an SVG, parts name each other by fragment.
    assert all(link.startswith("#") for link in page.links)
    assert "default-src 'none'" in report[0]


def test_page_and_text_show_every_model_with_the_same_figures(report, evaluated):
    shown = " ".join(Page(report[0]).texts)
    for one in evaluated.results.measured:
        assert one.handle in shown
        assert f"{one.value('ndcg_at_10'):.4f} [" in shown
        assert f"{one.value('ndcg_at_10'):.4f}" in report[1]
    for words in ("Is the difference real?", "long tail", "peak memory", "tags per user", "25%"):
        assert words in shown
        assert words in report[1]


def test_a_report_says_what_repeats_it(report, evaluated):
    shown = " ".join(Page(report[0]).texts)
    versions = np.__version__, platform.python_version(), __version__
    told = ORIGIN.command, *ORIGIN.digests.values(), "SHA-256 of the data"
    for words in ("To repeat this", "seed", *versions, *told):
        assert words in shown
        assert words in report[1]
    for one in evaluated.results.assessments:
        assert orjson.dumps(one.options).decode() in shown


def test_the_versions_of_what_networks_run_on_are_told_where_one_ran(evaluated, monkeypatch):
    def told() -> dict[str, str]:
        return {row[0]: row[1] for row in repeat_rows(evaluated.results, ORIGIN)}

    for name in ("tensorflow", "keras"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    assert not {"tensorflow", "keras"} & told().keys()
    monkeypatch.setitem(sys.modules, "keras", SimpleNamespace(__version__="3.15.1"))
    assert told()["keras"] == "3.15.1"


def test_the_command_can_be_typed_again_with_the_settings_that_have_no_flag():
    settings = GeneratorSettings(
        _env_file=None, model_options={"ease_user_course_view": {"reg": 5.0}}, memory_budget_mb=9000
    )
    flags = {"data": "my data", "test": None, "tune": True, "trials": 3, "columns": ""}
    assert command_of(flags, settings) == (
        """MODEL_OPTIONS='{"ease_user_course_view":{"reg":5.0}}' MEMORY_BUDGET_MB=9000 """
        "python run_generator.py evaluate --data 'my data' --tune --trials 3"
    )


def test_every_dot_of_the_scatter_plot_has_its_name_beside_it(evaluated):
    drawing = Figure()
    _accuracy_and_coverage(drawing, evaluated.results)
    named = {label.get_text(): label.xy for label in drawing.axes[0].texts}
    assert named.keys() == {one.handle for one in evaluated.results.measured}
    for one in evaluated.results.measured:
        place = one.value("course_coverage_at_10"), one.value("ndcg_at_10")
        np.testing.assert_allclose(named[one.handle], place)


def test_who_loses_to_popular_is_marked(report, evaluated):
    losing = [o.handle for o in evaluated.results.measured if evaluated.results.loses_to_popular(o)]
    assert "random" in losing
    for handle in losing:
        assert re.search(rf"\| {handle} \(.*loses to popular\)", report[1])
    assert report[0].count('class="loses"') >= len(losing)


def test_popular_is_no_model_whether_it_is_one_of_the_run_or_not(evaluated):
    results = evaluated.results
    as_model = replace(results.popular, handle="popular_course_view", is_baseline=False)
    others = [one for one in results.assessments if one is not results.popular]
    shown = replace(results, assessments=[*others, as_model])
    for of_run in (results, shown):
        assert of_run.popular.handle not in conclusion(of_run).partition(",")[0]
        assert "listing the most viewed courses" in conclusion(of_run)
    assert label(as_model, shown).startswith("popular_course_view (baseline")


def settled(results: Results, *real: tuple[str, str]) -> Results:
    """The same, with every difference by chance but these, of which the first is better."""
    pairs = [
        Comparison(one.handle, other.handle, Interval(0.1, 0.0, 0.2), 0.5, p)
        for one, other in combinations(results.measured, 2)
        for p in [0.01 if (one.handle, other.handle) in real else 1.0]
    ]
    return replace(results, comparisons=pairs)


def test_the_conclusion_goes_no_further_than_the_tests(evaluated, report):
    results = evaluated.results
    models = [one for one in results.measured if not one.counts_as_baseline]
    best, popular = models[0].handle, results.popular.handle
    beaten = [(best, one.handle) for one in results.measured if one.handle != best]
    for pairs, said, unsaid in (
        (beaten, f"{best} finds most", "not told apart"),
        ([], "that is not told apart from listing the most viewed courses", "by chance"),
        ([(best, popular)], "more than listing the most viewed courses", "every other model"),
    ):
        found = conclusion(settled(results, *pairs))
        assert said in found
        assert unsaid not in found
    for other in models[1:]:
        assert other.handle in conclusion(settled(results))
    assert escaped(conclusion(results)) in report[1]
    assert conclusion(results) in unescape(report[0])


def test_names_at_dots_lie_over_no_other_name_and_no_dot_even_where_dots_do():
    axes = Figure(figsize=(8, 4.5)).add_subplot()
    places = [(0.5 + 0.001 * (i % 4), 0.3 + 0.002 * (i // 4)) for i in range(16)]
    axes.scatter(*zip(*places, strict=True))
    axes.set(xlim=(0, 1), ylim=(0, 1))
    label_dots(axes, places, [f"a_model_with_a_name_{i}" for i in range(16)], ["black"] * 16)
    axes.figure.draw_without_rendering()
    boxes = [Text.get_window_extent(label) for label in axes.texts]  # without their lines
    dots = axes.transData.transform(places)
    for first, second in combinations(boxes, 2):
        assert not first.padded(-1).overlaps(second.padded(-1))
    for box in boxes:
        assert not any(box.padded(-1).contains(x, y) for x, y in dots)
        assert axes.bbox.padded(1).contains(*box.p0)
        assert axes.bbox.padded(1).contains(*box.p1)


def test_tables_in_markdown_have_as_many_cells_as_columns(report):
    rows = [line for line in report[1].splitlines() if line.startswith("|")]
    tables, block = [], []
    for line in report[1].splitlines():
        if line.startswith("|"):
            block.append(len(re.findall(r"(?<!\\)\|", line)))
        elif block:
            tables.append(block)
            block = []
    assert len(rows) > 40
    assert all(len(set(counts)) == 1 for counts in tables)


def test_names_from_the_data_are_text_wherever_they_appear(sample, tmp_path):
    tables = dict(sample.tables)
    views = tables["user_course_views"].copy()
    views["level"] = views["level"].cat.rename_categories({"beginner": HOSTILE})
    tables["user_course_views"] = views
    knn = make_models(["knn_collab_filtering_user_course_view"], {})
    results = evaluate(leave_last_out(tables), knn, [Popular()], SETTINGS, Reporter())
    page, text = write_report(results, Origin(f"s3://{HOSTILE}"), tmp_path)
    found = Page(page.read_text())
    assert "script" not in found.tags
    assert any(HOSTILE in words for words in found.texts)
    assert "<script" not in text.read_text().replace("\\<script", "")


@pytest.mark.parametrize(
    ("raw", "safe"),
    [("a|b", r"a\|b"), ("<b>", r"\<b\>"), ("a\nb", "a b"), ("[x](y)", r"\[x\](y)"), ("a_b", "a_b")],
)
def test_markdown_signs_are_escaped(raw, safe):
    assert escaped(raw) == safe


def test_a_folder_that_cannot_be_written_is_an_error_with_a_cure(evaluated, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="--output"):
        write_report(evaluated.results, ORIGIN, tmp_path / "file")


def test_a_report_of_models_without_lists_still_says_so(evaluated, tmp_path):
    nothing = [
        replace(one, listed=None, figures={}, columns={}, skipped="needs views")
        for one in evaluated.results.assessments
    ]
    bare = replace(evaluated.results, assessments=nothing, comparisons=[], curves={})
    page, _ = write_report(bare, ORIGIN, tmp_path)
    assert "skipped: needs views" in page.read_text()
    assert np.all([one.listed is None for one in bare.assessments])
