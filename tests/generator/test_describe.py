import pytest

from generator.checks.sample import ListSample
from generator.describe import card_of, describe, name_examples
from generator.models import registry
from generator.models.popular_course_view import PopularCourseView
from generator.models.tfidf_user_interest import TfidfUserInterest
from shared.kinds import KINDS
from shared.records import ListRow, Manifest, ModelCard
from shared.settings import GeneratorSettings
from tests.datasets import make_dataset

DATA = make_dataset([(1, "go"), (2, "go")], [(1, "a", 60, "")])
TFIDF = "tfidf_user_interest"


def manifest_of(*cards: ModelCard) -> Manifest:
    return Manifest("default", "g", "building", "", models=list(cards))


def card(handle: str, *kinds: str, **fields) -> ModelCard:
    return ModelCard(handle, "", list(kinds or KINDS), [], **fields)


def defaults(*cards: ModelCard, **settings) -> dict:
    manifest = manifest_of(*cards)
    describe(manifest, DATA, GeneratorSettings(_env_file=None, **settings))
    return manifest.default_models


def test_the_preferred_model_answers_where_it_serves_and_else_the_first_that_does():
    knn = card("knn", "similar_users", "recommendations", "similar_courses")
    found = defaults(knn, card("als"), default_model_handle="als")
    assert found == {
        "similar_users": "als",
        "recommendations": "als",
        "similar_courses": "knn",
        "course_users": "als",
        "resume": "als",
    }
    assert defaults(card("ease", "similar_courses")) == {"similar_courses": "ease"}


def test_a_model_that_was_skipped_is_no_default():
    assert defaults(card(TFIDF, skipped="needs interests"), card("als"))["similar_users"] == "als"


def test_recommendations_have_a_default_of_their_own():
    both = card(TFIDF), card("als")
    named = defaults(*both, default_recommendations_model="als")
    assert (named["recommendations"], named["similar_users"]) == ("als", TFIDF)
    assert defaults(*both, default_recommendations_model="gone")["recommendations"] == TFIDF


def test_a_standard_hybrid_comes_before_the_default_model(monkeypatch):
    monkeypatch.setattr("generator.describe.STANDARD", (*registry.STANDARD, "blend"))
    both = card(TFIDF), card("blend", "recommendations", uses=[TFIDF])
    assert defaults(*both)["recommendations"] == "blend"
    other = card(TFIDF), card("unusual", "recommendations", uses=[TFIDF])
    assert defaults(*other)["recommendations"] == TFIDF


def test_one_list_for_everybody_is_the_default_only_where_there_is_no_other():
    popular = card("popular_course_view", "recommendations", is_personal=False)
    assert defaults(popular, card("als"))["recommendations"] == "als"
    assert defaults(popular)["recommendations"] == "popular_course_view"


def test_fallbacks_are_those_that_ran_in_the_order_of_the_setting():
    manifest = manifest_of(card("a"), card("b"), card("c", skipped="x"), card("d", "similar_users"))
    names = ["b", "c", "d", "a"]
    describe(manifest, DATA, GeneratorSettings(_env_file=None, fallback_models=names))
    assert manifest.fallbacks == ["b", "a"]
    assert (manifest.users, manifest.courses, manifest.stored_list_length) == (2, 1, 20)
    assert (manifest.user_handle_type, manifest.course_handle_type) == ("int", "str")


def test_examples_are_subjects_for_whom_the_default_models_list_something():
    manifest = manifest_of()
    manifest.default_models = {"similar_users": "m", "similar_courses": "n"}
    sample = ListSample(DATA, seed=1)
    sample.keep("similar_users/m", [ListRow("similar_users", 1, "m")])
    sample.keep("similar_users/m", [ListRow("similar_users", 2, "m", [1], [0.5])])
    sample.keep("similar_courses/n", [ListRow("similar_courses", "a", "n")])
    name_examples(manifest, sample)
    assert (manifest.example_user_handle, manifest.example_course_handle) == (2, None)


@pytest.mark.parametrize("fitted", [False, True])
def test_a_card_says_what_the_model_is_and_only_of_the_kinds_that_are_listed(fitted):
    model = TfidfUserInterest()
    if fitted:
        model.fit(DATA)
    made = card_of(model, ["similar_users"])
    assert (made.model_handle, made.serves, made.is_personal) == (TFIDF, ["similar_users"], True)
    assert made.users == (2 if fitted else 0)
    assert made.reason_kinds == {"similar_users": "shared_tags"}
    assert not card_of(PopularCourseView(), ["recommendations"]).is_personal
