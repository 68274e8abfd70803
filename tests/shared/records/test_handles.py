import pandas as pd

from generator.validation.values import recode
from shared.records import is_handle, trimmed


def test_white_space_around_a_text_is_cut_off_and_within_it_stays():
    assert trimmed(" \tada lovelace\n ") == "ada lovelace"
    assert trimmed(7) == 7


def test_a_text_of_blanks_alone_is_no_handle():
    assert not is_handle(trimmed(" \t"))


def test_tables_trim_every_character_as_requests_do():
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    texts = [f"{character}a{character}" for character in characters]
    column = pd.Series(pd.Categorical(texts, categories=texts))
    assert recode(column, lambda distinct: distinct).tolist() == [trimmed(text) for text in texts]
