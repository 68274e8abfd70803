import sys

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.models.run_options import RunOptions
from generator.models.sentence_course_text import SentenceCourseText
from generator.process.attempts import attempt
from shared.errors import ModelError
from tests.datasets import table
from tests.generator.encoders.tiny_sentence_encoder import write_encoder

CATALOGUE = [
    (
        "intro-code",
        "Learn to code",
        "Write your first lines of Python, and understand what they do.",
    ),
    ("snakes", "Keeping snakes", "How to feed a python, and what a terrarium costs."),
    (
        "software",
        "Software for beginners",
        "Variables, loops and functions: programming step by step.",
    ),
    ("reptiles", "Reptiles as pets", "Lizards and turtles at home."),
    ("wheel", "Pottery", "Clay on the wheel."),
    ("silent", None, None),
]


def made(catalogue=CATALOGUE, views=((1, "intro-code"), (2, "snakes")), interests=()):
    return build_dataset(
        {
            "courses": table("courses", "course_id title description", catalogue),
            "user_course_views": table(
                "user_course_views",
                "user_handle course_id view_time_seconds",
                [(*view, 600.0) for view in views],
            ),
            "user_interests": table("user_interests", "user_handle interest_tag", interests),
        }
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("vectors")


def fitted(folder, data, **options):
    return SentenceCourseText(**options).fit(data, RunOptions(seed=1, vectors_folder=folder))


def handles(data, indices):
    return data.courses.handles(indices[indices >= 0])


def test_courses_are_alike_by_what_they_mean_and_not_by_their_words(folder):
    data = made()
    model = fitted(folder, data)
    of = data.courses.index_of(["intro-code", "snakes"])
    nearest = model.similar_courses(of, 1).indices
    assert handles(data, nearest[0]) == ["software"]
    assert handles(data, nearest[1]) == ["reptiles"]


def test_recommended_is_what_means_the_same_because_of_the_viewed_course(folder):
    data = made()
    model = fitted(folder, data)
    users = data.users.index_of([1, 2])
    listed = model.recommend(users, 1).indices
    assert handles(data, listed.ravel()) == ["software", "reptiles"]
    reasons = model.reasons("recommendations", users, listed)
    assert handles(data, reasons.indices[:, 0, 0]) == ["intro-code", "snakes"]


def test_an_interest_is_read_too(folder):
    data = made(interests=[(7, "ceramics")])
    listed = fitted(folder, data).recommend(data.users.index_of([7]), 1).indices
    assert handles(data, listed[0]) == ["wheel"]


def test_a_course_without_a_text_is_unknown(folder):
    data = made()
    model = fitted(folder, data)
    (silent,) = data.courses.index_of(["silent"])
    assert silent not in model.known_courses()


def test_only_new_texts_are_embedded_in_the_next_run(tmp_path):
    encoder = str(write_encoder(tmp_path / "tiny"))
    first = fitted(tmp_path, made(), encoder=encoder)
    asked = []
    encode = type(first._encoder).encode

    def counted(self, texts, progress=None):
        asked.extend(texts)
        return encode(self, texts)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(first._encoder), "encode", counted)
        again = fitted(tmp_path, made(), encoder=encoder)
        assert asked == []
        changed = [
            ("wheel", "Pottery for all", None) if row[0] == "wheel" else row for row in CATALOGUE
        ]
        fitted(tmp_path, made(changed), encoder=encoder)
    assert asked == ["Pottery for all"]
    np.testing.assert_array_equal(again._course_vectors, first._course_vectors)


@pytest.mark.parametrize("encoder", ["words", "file"])
def test_word_vectors_stay_with_the_model_and_read_a_new_course(tmp_path, encoder):
    if encoder == "file":
        (tmp_path / "glove.txt").write_text("python 1 0\nclay 0 1\nwheel 0 1\npet 2 1\ncode 1 0\n")
        encoder = str(tmp_path / "glove.txt")
    model = fitted(tmp_path, made(), encoder=encoder)
    model.save(tmp_path / "model")
    (tmp_path / "glove.txt").unlink(missing_ok=True)
    loaded = SentenceCourseText.load(tmp_path / "model", made(), model.run)
    more = made([*CATALOGUE, ("clay", "Clay", "Clay and a wheel")])
    folded = loaded.fold_in(more)
    clay, wheel, snakes = more.courses.index_of(["clay", "wheel", "snakes"])
    likeness = folded._course_vectors @ folded._course_vectors[clay]
    assert likeness[wheel] > likeness[snakes]
    old = made().courses.handles()
    np.testing.assert_array_equal(
        folded._course_vectors[more.courses.index_of(old)], model._course_vectors
    )


def test_another_encoder_in_its_place_asks_for_a_new_fit(tmp_path):
    folder = write_encoder(tmp_path / "tiny")
    model = fitted(tmp_path, made(interests=[(7, "clay")]), encoder=str(folder))
    model.save(tmp_path / "model")
    write_encoder(tmp_path / "other", max_tokens=5)
    folder.rename(tmp_path / "gone")
    (tmp_path / "other").rename(folder)
    from generator.encoders.sentences import sentence_encoder

    sentence_encoder.cache_clear()
    with pytest.raises(ModelError, match=r"is another one than .* fit it again"):
        SentenceCourseText.load(tmp_path / "model", made(interests=[(7, "clay")]), model.run)


def test_an_encoder_that_is_not_there_is_refused_in_words():
    with pytest.raises(ModelError, match="There is no encoder 'no/such'"):
        fitted(None, made(), encoder="no/such")


def test_without_its_packages_the_model_is_skipped_and_the_run_goes_on(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "safetensors", None)
    said = []
    with attempt(said.append) as outcome:
        fitted(tmp_path, made())
    assert outcome.failed == (
        "safetensors is not installed: pip install -r requirements-sentence.txt."
    )
    assert said == [], "it is no fault of the model's"


def test_html_emoji_other_scripts_and_a_megabyte_are_texts_like_any_other(folder):
    odd = [
        ("html", "<b>Learn</b> to &amp; code<script>x</script>", None),
        ("emoji", "🐍🐍🐍", None),
        ("han", "机器学习入门", None),
        ("long", "A long story", "pottery " * 130_000),
    ]
    data, said = made([*CATALOGUE, *odd]), []
    run = RunOptions(seed=1, vectors_folder=folder, say=said.append)
    model = SentenceCourseText().fit(data, run)
    assert said == ["New texts longer than the encoder reads, which count up to there: 1."]
    assert np.isfinite(model._course_vectors).all()
    assert (model.similar_courses(model.known_courses(), 3).indices[:, 0] >= 0).all()
