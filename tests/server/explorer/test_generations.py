"""Figures from generation to generation, what is held, and who makes lists now."""

import csv
import io
import re
import time

import pytest

from server import create_app
from server.explorer.rendering import with_code
from server.explorer.trends import HEIGHT, WIDTH, Trend, published, trends_of
from shared.records import Figure, Manifest, ModelCard, Stage, TableReport
from shared.stores.state import LockRecord
from tests.server.explorer.platform import publish_platform
from tests.server.generations import publish, rows


def manifest(
    name: str, users: int, ndcg: float | None = None, state: str = "published"
) -> Manifest:
    figures = [] if ndcg is None else [Figure("ndcg", 10, ndcg, ndcg, ndcg)]
    card = ModelCard("m", "Model", [], [], users=users, evaluation=figures)
    return Manifest("default", name, state, name, models=[card], users=users)


def test_every_figure_is_a_line_over_the_published_generations():
    manifests = [manifest("1", 5, 0.25), manifest("2", 9, state="held"), manifest("3", 7, 0.5)]
    manifests[2].stages = [Stage("fit", 2.0), Stage("list", 1.5)]
    drawn = published(manifests)
    assert [one.generation for one in drawn] == ["1", "3"]
    trends = {trend.name: trend for trend in trends_of(drawn)}
    assert trends["users"].values == [5, 7]
    assert trends["m.ndcg_at_10"].values == [0.25, 0.5]
    assert trends["m.ndcg_at_10"].last_change == 0.25
    assert trends["seconds"].values == [None, 3.5]
    assert trends["seconds"].last_change is None
    assert trends_of([]) == []


@pytest.mark.parametrize("values", [[1, 2, 3], [3, 3, 3], [5], [-1, 1e9, 0], [1, None, 2, None]])
def test_lines_stay_in_their_drawing_and_break_where_nothing_was_noted(values):
    trend = Trend("t", "t", ".0f", values)
    points = [point for line in trend.lines for point in line]
    assert len(points) == sum(value is not None for value in values)
    assert all(0 < x < WIDTH and 0 < y < HEIGHT for x, y in points)
    known = [value for value in values if value is not None]
    by_height = sorted(zip(known, points, strict=True), key=lambda both: -both[1][1])
    assert [value for value, _ in by_height] == sorted(known)
    if values == [1, None, 2, None]:
        assert [len(line) for line in trend.lines] == [1, 1]


def test_the_page_has_the_lines_their_numbers_in_words_and_as_a_file(explorer, store):
    publish(store, rows(), users=5)
    text = explorer.get("/explorer/generations").text
    assert "<polyline points=" in text
    assert re.search(r'aria-label="Users: 7, 5, the oldest first"', text)
    file = explorer.get("/explorer/generations?format=csv").text
    assert [row["users"] for row in csv.DictReader(io.StringIO(file))] == ["7", "5"]


def hold(store, *reasons: str) -> str:
    """A generation that was published, as if the gate had held it."""
    held = publish(store, rows())
    kept = store.manifest("default", held)
    store.rollback("default")
    kept.state, kept.held_because = "held", list(reasons)
    store._put_manifest(kept)
    state = store.state("default")
    state.history = [entry for entry in state.history if entry.generation != held]
    store._replace_state("default", state)
    return held


def test_a_held_generation_is_said_with_its_reasons_and_what_releases_it(explorer, store):
    held = hold(store, "too <few> users", "`unpin <b>` lets others, `now")
    for path in ("", f"/{held}"):
        text = explorer.get(f"/explorer/generations{path}").text
        assert "too &lt;few&gt; users" in text
        assert f"python run_generator.py publish {held}" in text
        assert f"python run_generator.py discard {held}" in text
        assert "<li>`unpin &lt;b&gt;` lets others, `now</li>" in text


def test_who_makes_lists_now_is_said_and_whether_it_still_lives(explorer, store):
    assert "nobody is making lists now" in explorer.get("/explorer/generations").text
    for ends_in, said in ((60, "unless it is renewed"), (-60, "so the next run takes it")):
        state, now = store.state("default"), time.time()
        state.lock = LockRecord("t", "process <7> on night", now - 100, now + ends_in)
        store._replace_state("default", state)
        text = explorer.get("/explorer/generations").text
        assert "process &lt;7&gt; on night" in text
        assert said in text


def test_what_was_set_aside_is_shown_with_what_stood_there(explorer, store):
    report = TableReport("views", "views.csv", 9, 7, {"no date": 2}, {"no date": "<b>soon</b>"})
    made = publish(store, rows(), tables=[report])
    text = explorer.get(f"/explorer/generations/{made}").text
    assert "2 no date, such as" in text
    assert "&lt;b&gt;soon&lt;/b&gt;" in text


def test_commands_name_the_tenant_that_they_are_for(settings, store):
    for _ in range(2):
        publish_platform(store, "acme")
    store.pin("acme")
    app = create_app(settings.model_copy(update={"tenant": "acme"}), store)
    text = app.test_client().get("/explorer/generations").text
    assert "python run_generator.py --tenant acme unpin" in text
    assert "python run_generator.py --tenant acme rollback" in text


def test_a_pin_is_said_with_what_takes_it_away(explorer, store):
    store.pin("default")
    assert "python run_generator.py unpin" in explorer.get("/explorer/generations").text


def test_commands_in_the_reasons_of_the_gate_are_code_and_nothing_else_is():
    assert (
        with_code("`a <b>` or `c`, <d>") == "<code>a &lt;b&gt;</code> or <code>c</code>, &lt;d&gt;"
    )
    assert with_code("one ` alone <i>") == "one ` alone &lt;i&gt;"
    assert with_code("") == ""


def test_while_a_generation_is_pinned_unpinning_comes_before_publishing(explorer, store):
    held = hold(store, "pinned")
    store.pin("default")
    for path in ("", f"/{held}"):
        text = explorer.get(f"/explorer/generations{path}").text
        assert text.index("run_generator.py unpin") < text.index(f"run_generator.py publish {held}")


def test_one_generation_has_none_before_it_and_no_line(explorer):
    text = explorer.get("/explorer/generations").text
    assert "rollback" not in text
    assert "From generation to generation" not in text
