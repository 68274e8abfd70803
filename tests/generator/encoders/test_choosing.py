from functools import partial

import pytest

from generator.encoders.choosing import text_encoder
from shared.errors import SettingsError
from tests.generator.encoders.tiny_sentence_encoder import write_encoder

TEXTS = ["python and clay", "clay and a wheel"]


@pytest.fixture
def chosen(tmp_path):
    return partial(
        text_encoder, texts=lambda: TEXTS, words_of=str.split, seed=1, threads=1, kept_in=tmp_path
    )


def test_a_word_or_a_path_names_an_encoder(chosen, tmp_path):
    assert chosen("sentence").size == 384
    assert chosen("words").name == "word-vectors"
    folder = write_encoder(tmp_path / "tiny")
    assert chosen(str(folder)).name == "tiny"
    assert chosen(str(folder)) is chosen(str(folder)), "it stays open"
    (tmp_path / "vectors.txt").write_text("clay 1 2\nwheel 2 1\n")
    assert chosen(str(tmp_path / "vectors.txt")).size == 2


def test_what_is_none_of_these_is_refused_with_what_it_may_be(chosen):
    with pytest.raises(SettingsError, match=r"no encoder 'no/such'.*sentence, words, a folder"):
        chosen("no/such")
