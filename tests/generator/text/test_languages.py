import numpy as np
import pytest

from generator.text.languages import LANGUAGES, languages_of, spoken_languages, stop_words_of
from generator.text.normal_forms import normal_forms
from generator.text.terms import Reading, terms_of

ENGLISH = "Learn how to write a program that you can use at work and what it is made of"
SPANISH = "Aprende a escribir un programa que puedes usar en el trabajo y de qué está hecho"
GERMAN = "Lerne wie man ein Programm schreibt das du bei der Arbeit und auch so nutzen kannst"


def read(texts, **how):
    return terms_of(texts, Reading(**{"stop_words": True, "normalise": "none", **how}))


def test_each_text_is_read_in_its_own_language():
    terms = read([ENGLISH, SPANISH, GERMAN, ENGLISH.upper()])
    assert terms.languages[0] == "en"
    assert set(terms.languages) == {"en", "es", "de"}
    assert not set(terms.words) & {"how", "to", "que", "el", "wie", "man"}
    assert {"write", "escribir", "schreibt"} <= set(terms.words)


def test_a_word_that_is_empty_in_one_language_says_something_in_another():
    """`hat` is a stop word of German, and `sin` of Spanish."""
    terms = read([ENGLISH + " hat", GERMAN + " hat", ENGLISH + " sin", SPANISH + " sin"])
    count = dict(zip(terms.words, terms.counts.sum(axis=0).A1, strict=True))
    assert count["hat"] == 1
    assert count["sin"] == 1


def test_short_texts_are_in_the_language_of_most():
    evidence = np.zeros((1000, len(LANGUAGES)), np.float32)
    evidence[:600, LANGUAGES.index("es")] = 9
    evidence[600:996, LANGUAGES.index("en")] = 9
    evidence[996:998, LANGUAGES.index("sk")] = 9
    # One word may be a name: it takes two to show a language.
    evidence[998, LANGUAGES.index("en")] = 1
    spoken = spoken_languages(evidence)
    assert spoken == ("es", "en"), "two texts of a thousand are a mistake"
    of_texts = [spoken[place] for place in languages_of(evidence, spoken).tolist()]
    assert of_texts == ["es"] * 600 + ["en"] * 396 + ["es"] * 4


def test_nothing_to_read_is_read_as_english():
    assert read([]).languages == ("en",)
    assert read(["", "🚀"]).languages == ("en",)
    assert read(["", "🚀"]).words == []


def test_stop_words_may_be_kept():
    assert {"how", "to", "a"} <= set(read([ENGLISH], stop_words=False).words)


@pytest.mark.parametrize("language", LANGUAGES)
def test_stop_words_are_spelled_as_words_are_read(language):
    assert all(word == word.lower() and " " not in word for word in stop_words_of(language))
    assert stop_words_of(language)


@pytest.mark.parametrize(
    ("how", "language", "words", "forms"),
    [
        ("none", "en", ["mice", "courses"], ["mice", "courses"]),
        ("lemma", "en", ["mice", "courses"], ["mouse", "course"]),
        ("lemma", "es", ["cursos"], ["curso"]),
        ("stem", "en", ["learning", "learner"], ["learn", "learner"]),
        ("stem", "en", ["c++", "aws", "node.js", "css"], ["c++", "aws", "node.js", "css"]),
        ("lemma", "en", ["c++", "aws", "node.js", "css"], ["c++", "aws", "node.js", "css"]),
        ("stem", "zh", ["数据"], ["数据"]),
        ("lemma", "zh", ["数据"], ["数据"]),
    ],
)
def test_forms_of_a_word_are_one_and_names_stay_names(how, language, words, forms):
    assert normal_forms(words, language, how) == forms


def test_a_term_is_shown_as_it_is_written_most_often():
    terms = read(["one course", "two courses", "three courses"], normalise="lemma")
    assert dict(zip(terms.words, terms.shown, strict=True))["course"] == "courses"
