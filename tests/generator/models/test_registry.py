import pytest

from generator.models.registry import MODELS, STANDARD, handles_of, make_models
from shared.errors import SettingsError


def test_nothing_named_is_what_standard_is():
    assert handles_of([]) == handles_of(["standard"]) == list(STANDARD)
    assert [model.handle for model in make_models([], {})] == list(STANDARD)


def test_all_are_all_and_names_may_stand_beside_a_group_each_once():
    assert handles_of(["all"]) == list(MODELS)
    assert handles_of(["ease_user_course_view", "standard", "ease_user_course_view"]) == [
        "ease_user_course_view",
        *STANDARD,
    ]


def test_options_reach_the_model_that_they_are_for():
    name = "ease_user_course_view"
    (model,) = make_models(
        [name], {name: {"reg": 7.0}, "bspm_user_course_view": {"sharpening": 5.0}}
    )
    assert model.options == {"reg": 7.0, "reviews": True}


@pytest.mark.parametrize("names", [["nearest"], ["standard", "nearest"]])
def test_a_name_that_there_is_not_is_refused_with_those_that_there_are(names):
    with pytest.raises(SettingsError, match="There is no model 'nearest'") as refused:
        make_models(names, {})
    assert all(name in str(refused.value) for name in (*MODELS, "standard", "all"))


def test_options_of_a_model_that_there_is_not_are_refused():
    with pytest.raises(SettingsError, match="There is no model 'nearest'"):
        make_models([], {"nearest": {"k": 3}})
