"""Runs with a hybrid: what it learns, what it is made from, and what a killed run leaves to it."""

import pytest

from generator.models.als_collab_filtering_user_course_view import AlsUserCourseView
from generator.models.knn_collab_filtering_user_course_view import KnnUserCourseView
from shared.errors import ModelError
from shared.records import list_section
from tests.generator.odd_models import ODD, LaterUserInterest, OddUserInterest, odd  # noqa: F401
from tests.generator.test_pipeline import TENANT, platform, runs  # noqa: F401

HYBRID, KNN, ALS = "weighted_hybrid", KnnUserCourseView.handle, AlsUserCourseView.handle
POPULAR = "popular_course_view"
MODELS = [KNN, LaterUserInterest.handle, ALS, HYBRID]
SECTION = list_section("recommendations", HYBRID)


def lists_of(runs, manifest):  # noqa: F811
    keys = [(SECTION, user) for user in range(1, 301)]
    rows = runs.store.get_many(TENANT, manifest.generation, keys).values()
    return {row.subject: (row.entries, row.scores, row.reasons) for row in rows}


def card_of(manifest, handle):
    return next(card for card in manifest.models if card.model_handle == handle)


def test_a_standard_hybrid_is_the_default_of_recommendations_and_of_nothing_else(runs):  # noqa: F811
    live = runs(models=MODELS)
    assert live.default_for("recommendations") == HYBRID
    assert live.default_for("similar_users") == KNN
    card = live.card(HYBRID)
    assert card.uses == [KNN, ALS]
    assert card.serves == ["recommendations"]
    assert card.list_facts["recommendations"].subjects == live.row_counts[SECTION] > 250
    assert any(reasons for _, _, reasons in lists_of(runs, live).values())


def test_without_a_rehearsal_its_components_count_alike_and_with_one_it_learns(runs):  # noqa: F811
    alike = runs(models=MODELS).card(HYBRID).measures
    assert alike == {f"weight_{KNN}": 0.5, f"weight_{ALS}": 0.5}
    models = ["tfidf_user_interest", KNN, ALS, HYBRID]
    learned = runs(models=models, evaluate=True).card(HYBRID)
    weights = [learned.measures[f"weight_{handle}"] for handle in models[:3]]
    assert sum(weights) == pytest.approx(1, abs=1e-3)
    assert max(weights) > 1.2 * min(weights)
    assert {figure.name for figure in learned.evaluation} >= {"ndcg", "recall"}


def test_a_ranking_for_everybody_is_blended_too_where_it_is_asked_for(runs):  # noqa: F811
    models, parts = [KNN, POPULAR, HYBRID], [KNN, POPULAR]
    asked = runs(models=models, model_options={HYBRID: {"components": parts}})
    assert asked.card(HYBRID).uses == parts
    assert asked.card(HYBRID).users == asked.card(KNN).users < asked.card(POPULAR).users
    without = runs(models=models)
    assert without.card(HYBRID).uses == [KNN]
    assert lists_of(runs, asked) != lists_of(runs, without)


def test_a_run_that_goes_on_blends_what_one_that_was_not_killed_blends(runs):  # noqa: F811
    whole = lists_of(runs, runs(models=MODELS))
    LaterUserInterest.fault = "killed"
    with pytest.raises(KeyboardInterrupt):
        runs(models=MODELS, seed=43)
    with pytest.raises(KeyboardInterrupt):
        runs(models=MODELS)
    LaterUserInterest.fault = None
    resumed = runs(models=MODELS)
    assert any("Continuing generation" in said for said in runs.said)
    assert lists_of(runs, resumed) == whole != {}


def test_a_component_that_breaks_is_left_out(runs, monkeypatch):  # noqa: F811
    def broken(*_):
        raise ModelError("nothing can be learned from this.")

    monkeypatch.setattr(KnnUserCourseView, "_fit", broken)
    live = runs(models=MODELS, gate_may_go=[KNN])
    assert card_of(live, KNN).failed
    assert live.card(HYBRID).measures == {f"weight_{ALS}": 1.0}


def test_a_hybrid_of_which_no_component_runs_is_skipped_and_says_so(runs):  # noqa: F811
    live = runs(models=[LaterUserInterest.handle, HYBRID])
    reason = card_of(live, HYBRID).skipped
    assert reason.startswith("blends tfidf_user_interest, knn_")
    assert reason.endswith("and none of them runs")
    assert live.default_for("recommendations") == LaterUserInterest.handle


@pytest.mark.parametrize("fault", ["bug", "list"])
def test_a_model_that_breaks_in_the_rehearsal_stops_no_run(runs, fault):  # noqa: F811
    OddUserInterest.fault = fault
    live = runs(models=[ODD, KNN, HYBRID], evaluate=True)
    assert card_of(live, ODD).failed
    assert {figure.name for figure in card_of(live, HYBRID).evaluation} >= {"ndcg"}


def test_a_platform_where_everybody_has_seen_all_goes_live_with_the_standard_models(runs, tmp_path):  # noqa: F811
    (tmp_path / "few").mkdir()
    rows = [f"{user},,{course},,,60" for user in (1, 2, 3) for course in "ab"]
    header = "user_handle,view_date,course_id,author_handle,level,view_time_seconds"
    (tmp_path / "few" / "user_course_views.csv").write_text("\n".join([header, *rows]) + "\n")
    for _ in range(2):
        live = runs(models=["standard"], data_url=str(tmp_path / "few"), evaluate=True)
        assert live.held_because == []
        assert [card.model_handle for card in live.models if card.failed] == []
        assert live.card(HYBRID).users == 0
