import re
import sys

import numpy as np
import pytest
from onnx import TensorProto

from generator.encoders.sentences import SentenceEncoder
from shared.errors import SettingsError
from tests.generator.encoders.tiny_sentence_encoder import VECTORS, WORDS, write_encoder


def mean_by_hand(text: str) -> np.ndarray:
    rows = [WORDS.index(word) if word in WORDS else 1 for word in text.split()]
    total = VECTORS[rows].sum(axis=0)
    return total / np.linalg.norm(total)


@pytest.mark.parametrize(
    ("inputs", "kind"),
    [
        (("input_ids", "attention_mask"), TensorProto.INT64),
        (("ids", "mask"), TensorProto.INT32),
        (("input_ids", "attention_mask", "token_type_ids"), TensorProto.INT64),
        (("input_ids",), TensorProto.INT64),
    ],
)
def test_a_text_is_the_mean_of_its_tokens_whatever_the_inputs_are_called(tmp_path, inputs, kind):
    encoder = SentenceEncoder(write_encoder(tmp_path / "tiny", inputs, kind=kind))
    texts = ["python code", "clay", "python code snake nonsense wheel"]
    expected = np.stack([mean_by_hand(text) for text in texts])
    np.testing.assert_allclose(encoder.encode(texts), expected, atol=1e-6)
    assert encoder.size == 4


def test_token_vectors_are_taken_before_a_pooler_and_sentence_vectors_before_both(tmp_path):
    outputs = ("pooler_output", "last_hidden_state")
    by_tokens = SentenceEncoder(write_encoder(tmp_path / "a", outputs=outputs))
    np.testing.assert_allclose(by_tokens.encode(["clay"])[0], mean_by_hand("clay"), atol=1e-6)
    named = SentenceEncoder(write_encoder(tmp_path / "b", outputs=(*outputs, "sentence_embedding")))
    # What the model itself pools has the padding of its batch in it: 1 word and 15 times [PAD].
    pooled = VECTORS[[WORDS.index("clay")] + 15 * [0]].mean(axis=0)
    np.testing.assert_allclose(
        named.encode(["clay"])[0], pooled / np.linalg.norm(pooled), atol=1e-6
    )


def test_empty_texts_are_zeros_and_odd_ones_no_error(tmp_path):
    encoder = SentenceEncoder(write_encoder(tmp_path / "tiny"))
    vectors = encoder.encode(["", "  \n", "python", "\ud800 half a character", "\0", "🐍"])
    assert not vectors[:2].any()
    np.testing.assert_allclose(np.linalg.norm(vectors[2:], axis=1), 1, atol=1e-6)
    assert encoder.encode([]).shape == (0, 4)


def test_what_is_beyond_the_limit_does_not_count_and_is_counted(tmp_path):
    encoder = SentenceEncoder(write_encoder(tmp_path / "tiny", max_tokens=3))
    long = "python code snake " + "clay " * 400_000
    vectors = encoder.encode([long, "python code snake", "python code snake wheel"])
    np.testing.assert_array_equal(vectors[0], vectors[1])
    np.testing.assert_array_equal(vectors[2], vectors[1])
    assert encoder.texts_cut == 2


def test_a_vector_depends_on_no_text_beside_it_and_on_no_thread(tmp_path):
    folder = write_encoder(tmp_path / "tiny")
    texts = ["python " * n + "clay" for n in range(40)] + ["snake"] * 300
    together = SentenceEncoder(folder, threads=2).encode(texts)
    alone = SentenceEncoder(folder)
    for place in (0, 7, 39, 100):
        np.testing.assert_array_equal(alone.encode([texts[place]])[0], together[place])


def test_the_digest_follows_the_weights_and_the_limit(tmp_path):
    first = SentenceEncoder(write_encoder(tmp_path / "a")).digest
    assert SentenceEncoder(write_encoder(tmp_path / "b")).digest == first
    assert SentenceEncoder(write_encoder(tmp_path / "c", max_tokens=5)).digest != first
    other = write_encoder(tmp_path / "d", inputs=("ids", "mask"))
    assert SentenceEncoder(other).digest != first


def test_what_is_no_sentence_encoder_is_refused_in_words(tmp_path):
    def refused(folder, sentence):
        with pytest.raises(SettingsError, match=sentence):
            SentenceEncoder(folder)

    folder = write_encoder(tmp_path / "tiny")
    (folder / "model.onnx").write_bytes(b"no model")
    refused(folder, "model.onnx is not readable as an ONNX model")
    (folder / "model.onnx").unlink()
    refused(folder, "There is no file .*model.onnx")
    (folder / "tokenizer.json").write_text("{}")
    refused(folder, "tokenizer.json is not readable as a tokenizer")
    (folder / "tokenizer.json").unlink()
    refused(folder, "a sentence encoder needs its tokenizer")
    (folder / "sentence_bert_config.json").write_text("[]")
    refused(folder, "no whole number as max_seq_length")
    refused(write_encoder(tmp_path / "b", inputs=("pixels",)), "asks for pixels")
    floats = write_encoder(tmp_path / "c", inputs=("ids", "mask"), kind=TensorProto.INT16)
    refused(floats, r"asks for ids \(tensor\(int16\)\)|not readable as an ONNX model")


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_a_missing_package_names_the_file_to_install(tmp_path, monkeypatch, package):
    folder = write_encoder(tmp_path / "tiny")
    monkeypatch.setitem(sys.modules, package, None)
    sentence = f"{package} is not installed: pip install -r requirements-sentence.txt."
    with pytest.raises(SettingsError, match=re.escape(sentence)):
        SentenceEncoder(folder)
