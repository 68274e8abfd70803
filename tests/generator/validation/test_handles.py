import pandas as pd
import pytest

from generator.validation.handles import fits_64_bits, handle_type, is_short, is_whole_number
from shared.errors import DataError
from tests.generator.validation.tables import raw_table


def column(*cells: str) -> pd.Series:
    return pd.Series(list(cells), dtype="str").astype("category")


def interests(*handles: str, declared=None):
    return raw_table("user_interests", [(h, "go", "") for h in handles], declared)


def scores(*handles: str, declared=None):
    return raw_table("user_assessment_scores", [(h, "go", "", "1") for h in handles], declared)


def decide(*tables, setting="auto"):
    return handle_type(tables, "user_handle", setting, "USER_HANDLE_TYPE")


def test_handles_are_integers_up_to_one_odd_one_in_a_hundred():
    numbers = [str(n) for n in range(99)]
    assert decide(interests(*numbers, "ada")) == "int"
    assert decide(interests(*numbers[1:], "ada", "bob")) == "str"


def test_all_tables_are_counted_together():
    assert decide(interests(*map(str, range(300))), scores("ada", "bob")) == "int"
    assert decide(interests("1"), scores("ada")) == "str"


def test_empty_handles_are_not_counted():
    assert decide(interests("1", "", "", " ")) == "int"


@pytest.mark.parametrize("text", ["007", "+7", "1.5", "1e3", "7.00", "-0", "--7", "", "\u0667"])
def test_what_a_program_would_not_write_is_no_whole_number(text):
    assert not is_whole_number(column(text))[0]


@pytest.mark.parametrize("text", ["0", "7", "-7", "7.0", " 7 ", "12345678901234567890"])
def test_what_a_program_writes_is_a_whole_number(text):
    assert is_whole_number(column(text))[0]


def test_leading_zeros_make_handles_text():
    assert decide(interests("001", "002", "003")) == "str"


def test_parquet_text_stays_text_though_it_is_all_digits():
    assert decide(interests("1", "2", declared={"user_handle": "str"})) == "str"


def test_parquet_integers_beside_csv_digits_are_integers():
    assert decide(interests("1", declared={"user_handle": "int"}), scores("2")) == "int"


@pytest.mark.parametrize("declared", [{"user_handle": "str"}, None])
def test_integers_in_one_file_and_text_in_another_are_refused(declared):
    tables = [
        interests("1", "2", declared={"user_handle": "int"}),
        scores("ada", "bob", declared=declared),
    ]
    with pytest.raises(
        DataError, match=r"user_handle holds integers in user_interests.csv .*USER_"
    ):
        decide(*tables)
    assert decide(*tables, setting="str") == "str"


def test_a_setting_overrules_the_files():
    assert decide(interests("ada"), setting="int") == "int"
    assert decide(interests("1", declared={"user_handle": "int"}), setting="str") == "str"


@pytest.mark.parametrize("number", [2**63 - 1, -(2**63)])
def test_64_bits_end_exactly_where_they_should(number):
    outside = number + (1 if number > 0 else -1)
    assert fits_64_bits(
        column(str(number), f"{number}.0", str(outside), "9" * 5000, "ada")
    ).tolist() == [
        True,
        True,
        False,
        False,
        True,
    ]


def test_a_handle_may_have_512_characters():
    assert is_short(column("\u00e9" * 512, "x" * 513)).tolist() == [True, False]
