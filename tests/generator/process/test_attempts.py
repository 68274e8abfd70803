"""One model's failure, and everybody's."""

import pytest

from generator.process.attempts import attempt
from shared.errors import ModelError, StoreError


def test_what_a_model_says_is_the_reason():
    said = []
    with attempt(said.append) as outcome:
        raise ModelError("nothing can be learned from this.")
    assert outcome.failed == "nothing can be learned from this."
    assert said == []


def test_what_nobody_foresaw_is_named_and_its_traceback_said():
    said = []
    with attempt(said.append) as outcome:
        raise ZeroDivisionError("division by zero")
    assert outcome.failed == "ZeroDivisionError: division by zero"
    assert "Traceback" in said[0]


@pytest.mark.parametrize("error", [StoreError("the store failed"), KeyboardInterrupt()])
def test_what_concerns_all_goes_on(error):
    with pytest.raises(type(error)), attempt(print):
        raise error


def test_what_goes_well_has_no_reason():
    with attempt(print) as outcome:
        pass
    assert outcome.failed is None
