"""What can be chosen about every registered model: in words, and within limits."""

from typing import Literal, get_origin

import annotated_types as at
import pytest

from generator.models.options import allowed_values
from generator.models.registry import MODELS, model_class
from shared.errors import SettingsError

OPTIONS = [
    pytest.param(handle, name, id=f"{handle}-{name}")
    for handle in MODELS
    for name in model_class(handle).Options.model_fields
]
WRONG_KINDS = {
    bool: [0, 1, "true", None],
    int: [True, 1.5, "1", None],
    float: [True, "1", None, float("nan"), float("inf")],
    Literal: [1, None, "no such word"],
    dict: [1, None, "{}", ["a"]],
    list: [1, None, "als_collab_filtering_user_course_view", []],
    str: [1, None, True],
}


def field_of(handle: str, name: str):
    return model_class(handle).Options.model_fields[name]


def kind_of(field):
    return get_origin(field.annotation) or field.annotation


def just_outside(field) -> list[float]:
    """The nearest values beyond the limits of a number."""
    step = 1 if field.annotation is int else 1e-9
    outside = []
    for limit in field.metadata:
        match limit:
            case at.Ge(ge=low):
                outside.append(low - step)
            case at.Le(le=high):
                outside.append(high + step)
            case at.Gt(gt=edge) | at.Lt(lt=edge):
                outside.append(edge)
    return [field.annotation(value) for value in outside]


@pytest.mark.parametrize(("handle", "name"), OPTIONS)
def test_an_option_has_help_and_a_default_that_it_allows(handle: str, name: str) -> None:
    field = field_of(handle, name)
    assert field.description
    assert field.description.endswith(".")
    default = field.get_default(call_default_factory=True)
    assert getattr(model_class(handle)(**{name: default}).config, name) == default


@pytest.mark.parametrize(("handle", "name"), OPTIONS)
def test_an_option_out_of_its_range_is_refused_with_the_range(handle: str, name: str) -> None:
    field = field_of(handle, name)
    if kind_of(field) not in (int, float):
        return
    outside = just_outside(field)
    assert outside, "a number has limits"
    for value in outside:
        with pytest.raises(SettingsError) as refused:
            model_class(handle)(**{name: value})
        assert str(refused.value) == (
            f"MODEL_OPTIONS of {handle}: {name} must be {allowed_values(field)}. "
            f"Received: {value!r}"
        )


@pytest.mark.parametrize(("handle", "name"), OPTIONS)
def test_an_option_of_another_kind_is_refused(handle: str, name: str) -> None:
    for value in WRONG_KINDS[kind_of(field_of(handle, name))]:
        with pytest.raises(SettingsError, match=f"{handle}: {name} must be .* Received: "):
            model_class(handle)(**{name: value})


@pytest.mark.parametrize(("handle", "name"), OPTIONS)
def test_a_whole_number_will_do_where_any_number_does(handle: str, name: str) -> None:
    field = field_of(handle, name)
    if field.annotation is float:
        below_one = any(limit == at.Lt(lt=1) for limit in field.metadata)
        model = model_class(handle)(**{name: 0 if below_one else 1})
        assert isinstance(model.options[name], float)


@pytest.mark.parametrize("handle", MODELS)
def test_an_unknown_option_is_refused_with_the_known_ones(handle: str) -> None:
    with pytest.raises(SettingsError, match="no_such_option") as refused:
        model_class(handle)(no_such_option=1)
    for name in model_class(handle).Options.model_fields:
        assert name in str(refused.value)


@pytest.mark.parametrize("handle", MODELS)
def test_what_may_be_searched_is_within_what_is_allowed(handle: str) -> None:
    for name, searched in model_class(handle).Options.search_ranges().items():
        kind = field_of(handle, name).annotation
        assert searched.low < searched.high
        for end in (searched.low, searched.high):
            model_class(handle)(**{name: kind(end)})


@pytest.mark.parametrize("handle", MODELS)
def test_options_do_not_change_once_they_are_chosen(handle: str) -> None:
    config = model_class(handle)().config
    for name in type(config).model_fields:
        with pytest.raises(ValueError, match="frozen"):
            setattr(config, name, getattr(config, name))
