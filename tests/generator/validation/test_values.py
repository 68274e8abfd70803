import math
import unicodedata

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.validation.values import fold, is_filled, numbers, recode


def column(*cells: str) -> pd.Series:
    return pd.Series(list(cells), dtype="str").astype("category")


@pytest.mark.parametrize("tag", ["c++", "c#", ".net", "asp.net-core", "node.js", "comptia-a+", "r"])
def test_a_tag_with_signs_stays_itself(tag):
    assert fold(pd.Index([tag], dtype="str")).tolist() == [tag]


def test_spellings_of_one_tag_become_one():
    spellings = column("Cloud-computing", "cloud-computing", " CLOUD-COMPUTING ", "", "cafe\u0301")
    recoded = recode(spellings, fold)
    assert recoded.cat.categories.tolist() == ["cloud-computing", "caf\u00e9"]
    assert recoded.cat.codes.tolist() == [0, 0, 0, -1, 1]


def test_a_recoded_column_knows_only_values_that_occur():
    some = column("a", "b", "c")[1:2]
    assert recode(some, fold).cat.categories.tolist() == ["b"]


@given(st.text(max_size=20))
def test_folding_is_settled_after_one_time_and_ignores_case_and_composition(text):
    (once,) = fold(pd.Index([text], dtype="str"))
    assert fold(pd.Index([once], dtype="str")).tolist() == [once]
    other = unicodedata.normalize("NFD", text).swapcase()
    if other.casefold() == unicodedata.normalize("NFD", text).casefold():
        assert fold(pd.Index([other], dtype="str")).tolist() == [once]


def test_blanks_alone_are_empty():
    assert is_filled(column("x", "", "  ", "\t")).tolist() == [True, False, False, False]


@given(st.floats(allow_nan=False))
def test_numbers_are_read_as_python_writes_them(number):
    (found,) = numbers(column(repr(number)))
    if math.isinf(number):
        assert math.isnan(found)
    else:
        assert found == number


@pytest.mark.parametrize(
    "text", ["", "x", "12s", "1,234", "5%", "0x10", "1_000", "nan", "inf", "--1", "\u0663"]
)
def test_what_is_no_number_is_nan(text):
    assert np.isnan(numbers(column(text))[0])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *((" 7 ", 7), ("+7.", 7), (".5", 0.5), ("1.2e3", 1200), ("1.234", 1.234)),
        *(("1,5", 1.5), ("-0,125", -0.125), ("1234,5678", 1234.5678)),
        *(("1,234.5", 1234.5), ("1,234,567", 1234567), ("1.234,5", 1234.5), ("1.234.567", 1234567)),
    ],
)
def test_usual_ways_to_write_a_number_are_read(text, number):
    assert numbers(column(text))[0] == number
