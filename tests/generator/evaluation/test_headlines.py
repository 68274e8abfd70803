"""What a run keeps of its evaluation."""

from generator.evaluation.headlines import Headlines, headlines
from generator.process.progress import Reporter
from shared.records import Evaluation, Figure, Manifest, ModelCard
from shared.settings import GeneratorSettings


def test_figures_go_to_their_cards_and_who_loses_is_marked():
    cards = [ModelCard(handle, "", [], []) for handle in ("good", "bad", "neighbours_only")]
    manifest = Manifest("default", "g", "building", "", models=cards)
    figures = {
        "good": [Figure("ndcg", 10, 0.3, 0.2, 0.4)],
        "bad": [Figure("ndcg", 10, 0.1, 0.0, 0.2)],
        "neighbours_only": [Figure("neighbours_in_common", 10, 0.1, 0.0, 0.2)],
    }
    Headlines(Evaluation("by hand", 9), figures, frozenset({"bad"}), {}).note(manifest)
    assert manifest.evaluation.users == 9
    assert [card.measures.get("beats_popular") for card in cards] == [1.0, 0.0, None]
    assert [card.measures.get("ndcg_at_10") for card in cards] == [0.3, 0.1, None]
    assert cards[2].evaluation == figures["neighbours_only"]


def test_every_model_of_the_run_has_figures_and_popular_stands_beside_them(sample):
    handle = "knn_collab_filtering_user_course_view"
    settings = GeneratorSettings(
        _env_file=None, models=[handle], evaluation_protocol="leave-last-out"
    )
    found = headlines(sample.tables, settings, Reporter())
    assert set(found.figures) == {handle, "segment_user_attribute", "popular_course_view"}
    assert found.how.baselines["popular"] == found.figures["popular_course_view"]
    assert set(found.how.baselines) == {"popular"}
    assert "last new course" in found.how.protocol
    assert not found.losing


def test_without_the_model_of_that_name_popular_is_fitted_for_comparison_only(sample):
    handle = "knn_collab_filtering_user_course_view"
    settings = GeneratorSettings(_env_file=None, models=[handle], fallback_models=[])
    found = headlines(sample.tables, settings, Reporter())
    assert set(found.figures) == {handle}
    assert found.how.baselines["popular"]
