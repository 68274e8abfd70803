import json
import re
import sys

import numpy as np
import pytest
from PIL import Image

from generator.encoders.pictures import (
    ColourEncoder,
    OnnxPictureEncoder,
    picture_encoder,
    pixels_of,
)
from shared.errors import SettingsError
from tests.generator.encoders.tiny_picture_encoder import (
    KINDS_OF_PICTURE,
    SIDE,
    drawn,
    filters,
    write_picture_encoder,
)
from tests.generator.encoders.tiny_sentence_encoder import write_encoder

KINDS = [kind for kind in KINDS_OF_PICTURE for _ in range(3)]


def pictures(side: int) -> list[np.ndarray]:
    made = [Image.fromarray(drawn(kind, seed)) for seed, kind in enumerate(KINDS)]
    return [np.asarray(p.resize((side, side)), np.float32) / np.float32(255) for p in made]


@pytest.fixture(params=["colours", "onnx", "onnx, channels last", "onnx, not pooled"])
def encoder(request, tmp_path):
    if request.param == "colours":
        return ColourEncoder()
    channels_last, pooled = "last" in request.param, "not" not in request.param
    return OnnxPictureEncoder(write_picture_encoder(tmp_path, channels_last, pooled))


def test_the_nearest_picture_is_of_the_same_kind(encoder):
    vectors = encoder.encode(pictures(encoder.side))
    assert vectors.shape == (len(KINDS), encoder.size)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -2)
    assert [KINDS[nearest] for nearest in likeness.argmax(axis=1)] == KINDS


def test_a_vector_depends_on_no_picture_beside_it(encoder):
    every = pictures(encoder.side)
    together = encoder.encode(every)
    np.testing.assert_array_equal(encoder.encode(every[4:5])[0], together[4])
    assert encoder.encode([]).shape == (0, encoder.size)


def test_a_model_gets_colours_scaled_as_its_neighbour_says(tmp_path):
    path = write_picture_encoder(tmp_path)
    pixels = pictures(SIDE)[3]

    def by_hand(mean, deviation):
        scaled = ((pixels - np.array(mean)) / np.array(deviation)).transpose(2, 0, 1)
        windows = np.lib.stride_tricks.sliding_window_view(scaled, (9, 9), axis=(1, 2))
        answers = np.einsum("cyxkl,fckl->fyx", windows, filters().astype(np.float64))
        both = np.maximum(np.concatenate([answers, -answers]), 0).mean(axis=(1, 2))
        return both / np.linalg.norm(both)

    imagenet = OnnxPictureEncoder(path)
    expected = by_hand((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    np.testing.assert_allclose(imagenet.encode([pixels])[0], expected, atol=1e-4)
    said = {"image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5]}
    (tmp_path / "preprocessor_config.json").write_text(json.dumps(said))
    scaled = OnnxPictureEncoder(path)
    np.testing.assert_allclose(scaled.encode([pixels])[0], by_hand([0.5] * 3, [0.5] * 3), atol=1e-4)
    assert scaled.digest != imagenet.digest


def test_a_model_of_any_size_gets_the_size_that_is_said(tmp_path):
    path = write_picture_encoder(tmp_path, side="side")
    assert OnnxPictureEncoder(path).side == 224
    for size in (64, {"height": 64, "width": 64}, {"shortest_edge": 64}):
        (tmp_path / "preprocessor_config.json").write_text(json.dumps({"size": size}))
        assert OnnxPictureEncoder(path).side == 64


def test_what_is_no_encoder_of_pictures_is_refused_in_words(tmp_path):
    def refused(path, sentence):
        with pytest.raises(SettingsError, match=sentence):
            OnnxPictureEncoder(path)

    refused(tmp_path / "absent.onnx", "There is no file")
    refused(write_encoder(tmp_path / "text") / "model.onnx", "is no encoder of pictures")
    path = write_picture_encoder(tmp_path, side="side")
    for said in ({"size": "large"}, {"size": 10**6}):
        (tmp_path / "preprocessor_config.json").write_text(json.dumps(said))
        refused(path, "says no size of 8 to 2048 pixels")
    (tmp_path / "preprocessor_config.json").write_text("{")
    refused(path, "is not readable as JSON")


def test_a_missing_package_names_the_file_to_install(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    sentence = "onnxruntime is not installed: pip install -r requirements-pictures.txt."
    with pytest.raises(SettingsError, match=re.escape(sentence)):
        picture_encoder(str(write_picture_encoder(tmp_path)), 1)
    assert picture_encoder("colours", 1).size == 176, "which needs none"


def test_a_thumbnail_that_was_spoilt_is_no_picture(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(b"nothing of the kind")
    assert pixels_of(path, 32) is None
    assert pixels_of(tmp_path / "absent.jpg", 32) is None
    Image.new("RGB", (64, 64), (255, 0, 0)).save(path)
    pixels = pixels_of(path, 32)
    assert pixels.shape == (32, 32, 3)
    np.testing.assert_allclose(pixels.mean(axis=(0, 1)), [1, 0, 0], atol=0.02)
