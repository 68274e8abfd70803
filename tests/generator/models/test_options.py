from typing import Annotated, Literal

import pytest
from pydantic import Field, model_validator

from generator.models.options import ModelOptions, Searched, allowed_values
from shared.errors import SettingsError


class Options(ModelOptions):
    k: Annotated[int, Searched(2, 9)] = Field(5, ge=1, le=10, description="Some.")
    share: float = Field(0.5, gt=0, lt=9, description="A share.")
    least: float = Field(1.0, ge=0, description="Any.")
    deep: bool = Field(False, description="Or not.")
    name: str = Field("x", description="What.")
    scale: Literal["rank", "z-score"] = Field("rank", description="How.")
    weights: dict[str, float] = Field(default_factory=dict, description="Handle to weight.")

    @model_validator(mode="after")
    def _share_fits(self) -> "Options":
        if self.share > self.k:
            raise ValueError("share must not be above k")
        return self


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("k", "a whole number from 1 to 10"),
        ("share", "a number above 0 and below 9"),
        ("least", "a number of at least 0"),
        ("deep", "true or false"),
        ("name", "text"),
        ("weights", "numbers by name, as JSON"),
        ("scale", "rank or z-score"),
    ],
)
def test_what_is_allowed_is_said_in_words(name, words):
    assert allowed_values(Options.model_fields[name]) == words


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"k": 11}, "m: k must be a whole number from 1 to 10. Received: 11"),
        ({"deep": 1}, "m: deep must be true or false. Received: 1"),
        ({"weights": {"a": "b"}}, "m: weights.a: Input should be a valid number. Received: 'b'"),
        ({"k": 1, "share": 2}, "MODEL_OPTIONS of m: share must not be above k."),
        ({"no": 1, "k": 99}, "MODEL_OPTIONS names no for m, which has only: k, share, least"),
    ],
)
def test_a_wrong_option_is_one_sentence_with_the_model_and_what_was_received(values, sentence):
    with pytest.raises(SettingsError) as refused:
        Options.read("m", values)
    assert sentence in str(refused.value)
    assert "\n" not in str(refused.value)


def test_only_fields_that_say_so_are_searched():
    assert Options.search_ranges() == {"k": Searched(2, 9)}
