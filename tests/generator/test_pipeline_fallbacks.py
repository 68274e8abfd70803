"""Several rankings for everybody in one run, in the order that the setting gives them."""

from shared.records import RANKINGS, list_section
from tests.generator.odd_models import odd  # noqa: F401
from tests.generator.test_pipeline import KNN, TENANT, platform, runs  # noqa: F401

ASKED = ["completed_course_view", "trending_course_view", "popular_course_view"]


def test_fallbacks_stand_in_the_order_asked_for_but_for_what_the_data_has_no_input_for(runs):  # noqa: F811
    live = runs(models=[KNN], fallback_models=ASKED, evaluate=False)
    assert live.fallbacks == list(live.rankings) == ASKED[1:]
    assert live.rankings[ASKED[1]].courses != live.rankings[ASKED[2]].courses
    for handle in ASKED[1:]:
        section, group = list_section(RANKINGS, handle), "level/beginner"
        rows = runs.store.get_many(TENANT, live.generation, [(section, group)])
        assert rows[section, group].entries
        assert live.row_counts[section] >= len(rows)
    (skipped,) = (card.skipped for card in live.models if card.model_handle == ASKED[0])
    assert skipped == "needs completions, which the data lacks"


def test_without_group_rankings_there_is_the_one_for_everybody(runs):  # noqa: F811
    live = runs(models=[KNN], fallback_models=ASKED[2:], evaluate=False, group_rankings=False)
    assert list(live.rankings) == ASKED[2:]
    assert list_section(RANKINGS, ASKED[2]) not in live.row_counts
