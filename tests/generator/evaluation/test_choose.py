"""What is proposed is what finds most on a validation part, within the minutes that were given."""

import pytest

from generator.evaluation.choose import choose
from generator.evaluation.protocols import leave_last_out
from generator.evaluation.report.search_tables import choice_table
from generator.models.registry import make_models, model_class
from generator.process.progress import Reporter
from shared.errors import DataError
from shared.kinds import KINDS
from shared.settings import GeneratorSettings
from tests.datasets import table
from tests.planted_orders import chain, views_of

SETTINGS = GeneratorSettings(_env_file=None, seed=5)
MARKOV, KNN = "markov_course_sequence", "knn_collab_filtering_user_course_view"
POPULAR, INTERESTS = "popular_course_view", "tfidf_user_interest"
COLUMNS = "user_handle course_id view_time_seconds level view_date"


@pytest.fixture(scope="module")
def ordered():
    """Courses of which each follows on another: nothing else says what comes next."""
    views = table("user_course_views", COLUMNS, views_of(chain(0.9, users=400)))
    return leave_last_out({"user_course_views": views})


@pytest.fixture(scope="module")
def choice(ordered):
    models = make_models([KNN, MARKOV, POPULAR, INTERESTS], {})
    return choose(ordered, models, 5, SETTINGS, Reporter())


def test_the_model_that_sees_what_others_cannot_is_chosen(choice):
    best = max(choice.tried.measured, key=lambda one: one.value("ndcg_at_10"))
    assert best.handle in (MARKOV, "weighted_hybrid")
    assert MARKOV in choice.reasons
    assert POPULAR not in choice.reasons


def test_what_is_chosen_can_be_run_and_has_every_kind_that_any_of_the_tried_has(choice):
    chosen = make_models(list(choice.reasons), choice.options)
    tried = [model_class(one.handle) for one in choice.tried.measured if not one.is_baseline]
    for kind in KINDS:
        can = any(kind in model.serves for model in tried)
        assert any(kind in model.serves for model in chosen) == can
    assert choice.reasons[KNN] == "has the users who are most alike"


def test_weights_are_parts_of_a_whole_none_of_which_is_for_show(choice):
    assert sum(choice.parts.values()) == pytest.approx(1)
    assert choice.parts[MARKOV] == max(choice.parts.values())
    if "weighted_hybrid" in choice.reasons:
        assert choice.options["weighted_hybrid"]["components"] == list(choice.parts)


def test_the_report_says_of_every_model_why_it_is_chosen_or_not(choice, evaluated):
    results = evaluated.results
    results.choice = choice
    try:
        rows = {row[0]: row for row in choice_table(results).rows}
    finally:
        results.choice = None
    assert rows[MARKOV][-1] == choice.reasons[MARKOV]
    assert rows[POPULAR][-1] == "not chosen"
    assert rows[INTERESTS][-1].startswith("not chosen: needs interests")
    assert choice_table(results).rows == []


def test_without_time_for_any_model_it_is_said_what_to_allow(ordered):
    with pytest.raises(DataError, match=r"no time was left for it.*--minutes"):
        choose(ordered, make_models([KNN], {}), 1e-9, SETTINGS, Reporter())


def test_models_that_recommend_nothing_are_no_choice(ordered):
    with pytest.raises(DataError, match="recommends courses"):
        choose(ordered, make_models(["ensemble_similar_users"], {}), 5, SETTINGS, Reporter())
