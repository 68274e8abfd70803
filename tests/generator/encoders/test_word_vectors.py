import bz2
import os
import re
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from generator.encoders.word_vectors import (
    WordVectorEncoder,
    learned_word_vectors,
    word_vectors_of_file,
)
from shared.errors import SettingsError

WORDS = ["c++", "python", "clay", "the"]
VECTORS = np.array([[1, 0, 2], [2, 1, 0], [0, 4, -1], [1, 1, 1]], np.float32)
TEXTS = ["the python", "the clay clay", "c++ and the python", "the the"]
LINES = [f"{word} {' '.join(map(str, row))}" for word, row in zip(WORDS, VECTORS, strict=True)]


def by_hand(text):
    """ln((1 + T) / (1 + df)) + 1 times the centred vector of each known word, in plain Python."""
    total = [0.0, 0.0, 0.0]
    for word in text.split():
        if word in WORDS:
            having = sum(word in other.split() for other in TEXTS)
            idf = np.log((1 + len(TEXTS)) / (1 + having)) + 1
            centred = VECTORS[WORDS.index(word)] - VECTORS.mean(axis=0)
            total = [a + idf * b for a, b in zip(total, centred, strict=True)]
    return np.array(total) / (np.linalg.norm(total) or 1)


def test_a_text_is_the_mean_of_its_words_weighted_by_idf():
    encoder = WordVectorEncoder.over(TEXTS, WORDS, VECTORS, str.split)
    vectors = encoder.encode([*TEXTS, "clay python", "unknown words", ""])
    for text, vector in zip([*TEXTS, "clay python", "unknown words", ""], vectors, strict=True):
        np.testing.assert_allclose(vector, by_hand(text), atol=1e-6)
    assert vectors.dtype == np.float32


def test_the_order_of_words_and_the_texts_beside_change_no_bit():
    encoder = WordVectorEncoder.over(TEXTS, WORDS, VECTORS, str.split)
    one, other = encoder.encode(["python clay the c++", "c++ the clay python"])
    np.testing.assert_array_equal(one, other)
    np.testing.assert_array_equal(encoder.encode(["python clay the c++"])[0], one)


def test_glove_and_word2vec_files_are_read_alike(tmp_path):
    glove, word2vec = tmp_path / "glove.txt", tmp_path / "word2vec.txt"
    packed = tmp_path / "glove.txt.bz2"
    glove.write_text("\n".join([*LINES, "other 9 9 9", ". . . 8 8 8"]) + "\n")
    word2vec.write_text("\n".join(["4 3", *LINES]) + "\n")
    packed.write_bytes(bz2.compress(glove.read_bytes()))
    expected = WordVectorEncoder.over(TEXTS, WORDS, VECTORS, str.split)
    for path in (glove, word2vec, packed):
        read = word_vectors_of_file(path, TEXTS, str.split)
        np.testing.assert_array_equal(read.encode(TEXTS), expected.encode(TEXTS))
        assert read.digest == expected.digest
    assert word_vectors_of_file(glove, TEXTS[:3], str.split).digest != expected.digest


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("python 1 2 3\nclay 1 2\n", "is not readable as word vectors"),
        ("python 1 two 3\n", "is not readable as word vectors"),
        ("python 1 nan 3\n", "numbers that are none"),
        ("", "a vector for none of the 6 words"),
        ("autre 1 2 3\n", "of another language"),
    ],
)
def test_what_are_no_word_vectors_is_refused_in_words(tmp_path, content, sentence):
    path = tmp_path / "vectors.txt"
    path.write_text(content)
    with pytest.raises(SettingsError, match=sentence):
        word_vectors_of_file(path, ["python clay and the wheel", "go"], str.split)


def test_a_missing_file_and_a_missing_package_are_named(tmp_path, monkeypatch):
    with pytest.raises(SettingsError, match=r"There is no file .*absent"):
        word_vectors_of_file(tmp_path / "absent", TEXTS, str.split)
    monkeypatch.setitem(sys.modules, "gensim", None)
    sentence = "gensim is not installed: pip install -r requirements-word-vectors.txt."
    with pytest.raises(SettingsError, match=re.escape(sentence)):
        learned_word_vectors(TEXTS, str.split, seed=1)


def catalogue():
    """Courses of two subjects: each word is in the texts of its own subject alone."""
    random = np.random.default_rng(2)
    words = {subject: [f"{subject}{n}" for n in range(12)] for subject in ("code", "clay")}
    subjects = ["code", "clay"] * 60
    return subjects, [" ".join(random.choice(words[subject], 8)) for subject in subjects]


def test_vectors_learned_from_the_catalogue_know_what_goes_together():
    subjects, texts = catalogue()
    vectors = learned_word_vectors(texts, str.split, seed=1).encode(texts)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -2)
    nearest = np.array(subjects)[likeness.argmax(axis=1)]
    assert (nearest == subjects).all()


def test_texts_without_a_word_teach_nothing():
    with pytest.raises(SettingsError, match="No course has a text"):
        learned_word_vectors(["", " "], str.split, seed=1)


def test_what_is_learned_depends_on_the_seed_and_not_on_the_process():
    script = """
        from generator.encoders.word_vectors import learned_word_vectors
        texts = [f"a{n % 5} b{n % 3} c{n % 7}" for n in range(40)]
        for seed in (1, 2):
            print(learned_word_vectors(texts, str.split, seed).digest)
    """
    printed = [
        subprocess.run(
            [sys.executable, "-c", textwrap.dedent(script)],
            env=os.environ | {"PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1]
    assert printed[0][0] != printed[0][1]
