import os
from importlib import import_module
from pathlib import Path

import pytest

from benchmarks.content.__main__ import PARTS
from benchmarks.content.written import made_up_words, written_catalogue
from generator.text.cleaning import cleaned, words_of

DATA = Path(os.environ.get("DATA_FOLDER") or Path(__file__).parents[3] / "shared/data")


@pytest.mark.parametrize("part", PARTS)
def test_every_part_can_be_measured(part):
    module, _, name = PARTS[part].partition(":")
    assert callable(getattr(import_module(module), name))


def test_made_up_words_are_all_different():
    assert len(set(made_up_words(20_000).tolist())) == 20_000


@pytest.mark.skipif(not (DATA / "course_catalogues").is_dir(), reason="no catalogues to learn from")
def test_a_written_catalogue_has_texts_of_real_length_and_is_the_same_again():
    written = written_catalogue(DATA, 40, seed=1)
    assert written == written_catalogue(DATA, 40, seed=1)
    lengths = [len(words_of(cleaned(text))) for text in written.descriptions]
    assert 90 < min(lengths) < max(lengths) < 170
    assert {len(of_course) for of_course in written.tags} == {3}
