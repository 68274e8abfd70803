"""Models and baselines in one table: its order, its marks, and the same as a file."""

import csv
import io
import re

import pytest

from server.explorer.model_table import columns_of, ordered, rows_of
from shared.records import BEATS_POPULAR, Evaluation, Figure, Manifest, ModelCard
from tests.server.explorer.platform import KNN, TFIDF


def manifest_with(baselines: dict[str, list[Figure]], **models: list[Figure]) -> Manifest:
    cards = [ModelCard(name, name, [], [], evaluation=figures) for name, figures in models.items()]
    made = Manifest("default", "g", "published", "", models=cards)
    made.evaluation = Evaluation("by hand", 9, baselines)
    return made


def ndcg(value: float) -> list[Figure]:
    return [Figure("ndcg", 10, value, value - 0.1, value + 0.1)]


def titles(manifest: Manifest, by: str, ascending: bool = False) -> list[str]:
    columns = columns_of(manifest)
    return [row.title for row in ordered(rows_of(manifest, columns), columns, by, ascending)]


def test_models_and_baselines_are_in_the_order_of_any_column_and_what_lacks_it_is_last():
    manifest = manifest_with({"popular": ndcg(0.2)}, good=ndcg(0.5), bad=ndcg(0.1), unasked=[])
    assert titles(manifest, "ndcg_at_10") == ["good", "popular", "bad", "unasked"]
    assert titles(manifest, "ndcg_at_10", ascending=True) == ["bad", "popular", "good", "unasked"]
    assert titles(manifest, "model", ascending=True) == ["bad", "good", "popular", "unasked"]
    assert titles(manifest, "no such column") == ["good", "bad", "unasked", "popular"]


def test_a_baseline_that_is_a_model_too_is_shown_once():
    manifest = manifest_with({"popular": ndcg(0.2)}, most_viewed=ndcg(0.2))
    assert titles(manifest, "ndcg_at_10") == ["most_viewed"]
    (row,) = rows_of(manifest, columns_of(manifest))
    assert row.note == "baseline"


def test_who_is_below_popular_is_marked_by_the_paired_test_and_not_by_the_figure():
    manifest = manifest_with({"popular": ndcg(0.2)}, unlucky=ndcg(0.1), worse=ndcg(0.19))
    manifest.models[0].measures[BEATS_POPULAR] = 1.0
    manifest.models[1].measures[BEATS_POPULAR] = 0.0
    notes = {row.title: row.note for row in rows_of(manifest, columns_of(manifest))}
    assert notes == {"unlucky": "", "worse": "below popular", "popular": "baseline"}


def test_a_column_is_ordered_by_a_link_and_the_other_way_round_by_the_next(explorer):
    def order(query: str) -> list[str]:
        text = explorer.get(f"/explorer/models{query}").text
        table = text.partition('class="models"')[2].partition("</table>")[0]
        return re.findall(r"<th scope=\"row\">([^<]+?) <code>", table)

    assert order("") == ["Shared view time", "Shared interests", "popular"]
    assert order("?sort=ndcg_at_10&order=ascending") == order("")[::-1]
    text = explorer.get("/explorer/models?sort=popularity").text
    assert text.count("aria-sort=") == 1
    assert 'aria-sort="descending" class="number"><a href="/explorer/models?sort=popularity' in text
    assert "sort=popularity&amp;order=ascending" in text


def test_the_table_is_a_file_too(explorer):
    text = explorer.get("/explorer/models?sort=model&order=ascending&format=csv")
    assert text.headers["Content-Disposition"] == 'attachment; filename="kindred-models.csv"'
    rows = list(csv.DictReader(io.StringIO(text.text)))
    assert [row["model_handle"] for row in rows] == ["popular", TFIDF, KNN]
    assert [row["ndcg_at_10"] for row in rows] == ["0.1", "0.12", "0.34"]
    assert rows == [
        {name: "" if value is None else str(value) for name, value in row.items()}
        for row in explorer.get(
            "/explorer/models?sort=model&order=ascending&format=json"
        ).get_json()
    ]
    assert explorer.get("/explorer/models?format=xls").status_code == 400


@pytest.mark.parametrize("by", ["", "<script>", "ndcg_at_10'", "\x00"])
def test_a_column_that_is_none_orders_nothing(explorer, by):
    response = explorer.get("/explorer/models", query_string={"sort": by})
    assert response.status_code == 200
    assert "<script>" not in response.text
