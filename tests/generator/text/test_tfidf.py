import json
from functools import partial
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn.feature_extraction.text import TfidfVectorizer

from generator.text import strongest
from generator.text.cleaning import cleaned, words_of
from generator.text.languages import stop_words_of
from generator.text.strongest import affordable_terms, strongest_terms
from generator.text.terms import Reading
from generator.text.tfidf import Field, Limits, TfidfSpace

PLAIN = Reading(stop_words=True, normalise="none", languages=("en",))
EVERY = Limits(pair_subjects=1, max_share=1, max_terms=10**6)
WORDS = ["python", "data", "science", "web", "design", "sewing", "c++", ".net", "the", "of"]


def texts_by_lot(count, seed=0, most=30):
    random = np.random.default_rng(seed)
    words = [random.choice(WORDS, random.integers(1, most)) for _ in range(count)]
    # Unlike scikit-learn we do not count texts that say nothing.
    return [f"learning {' '.join(of_text)}" for of_text in words]


def one_field(texts):
    return [Field(texts, sp.eye_array(len(texts), format="csr", dtype=np.float32))]


def learned(texts, limits=EVERY, reading=PLAIN):
    return TfidfSpace.learned(one_field(texts), reading, limits)


def terms_by_hand(text):
    kept = [word for word in words_of(cleaned(text)) if word not in stop_words_of("en")]
    return kept + [f"{first} {second}" for first, second in pairwise(kept)]


@pytest.mark.parametrize("min_df", [1, 3])
def test_cosines_are_those_of_scikit_learn(min_df):
    texts = texts_by_lot(60)
    peer = TfidfVectorizer(analyzer=terms_by_hand, sublinear_tf=True, dtype=np.float64)
    counts = peer.fit_transform(texts)
    if min_df > 1:
        rare = {
            term
            for term, place in peer.vocabulary_.items()
            if " " in term and np.count_nonzero(counts[:, place].toarray()) < min_df
        }
        peer = TfidfVectorizer(
            analyzer=partial(_without, rare), sublinear_tf=True, dtype=np.float64
        )
        counts = peer.fit_transform(texts)
    space, vectors = learned(texts, Limits(min_df, 1, 10**6))
    assert vectors.shape == counts.shape
    np.testing.assert_allclose(
        (vectors @ vectors.T).toarray(), (counts @ counts.T).toarray(), atol=1e-5
    )
    names = space.names(np.arange(vectors.shape[1], dtype=np.int32))
    places = [peer.vocabulary_[name] for name in names]
    np.testing.assert_allclose(vectors.toarray(), counts.toarray()[:, places], atol=1e-5)


def _without(rare, text):
    return [term for term in terms_by_hand(text) if term not in rare]


def test_a_title_counts_as_often_as_it_weighs():
    held = sp.eye_array(2, format="csr", dtype=np.float32)
    fields = [Field(["python", "sewing"], held * 3), Field(["data science", "data"], held)]
    _, weighed = TfidfSpace.learned(fields, PLAIN, EVERY)
    _, written = learned(["python | python | python | data science", "sewing " * 3 + "data"])
    space, _ = TfidfSpace.learned(fields, PLAIN, EVERY)
    python = space.names(np.arange(5, dtype=np.int32)).index("python")
    alone = 1 + np.log(3)
    rare, common = np.log(3 / 2) + 1, 1
    length = np.sqrt((alone * rare) ** 2 + common**2 + rare**2 + rare**2)
    assert weighed[0, python] == pytest.approx(alone * rare / length, rel=1e-5)
    assert weighed.shape[1] < written.shape[1], "no pair reaches from one field into another"


def test_other_texts_become_the_vectors_that_they_were_learned_as():
    texts = [*texts_by_lot(40), "", "Los datos de la ciencia y el diseño en la red que usan"]
    for normalise in ("none", "stem", "lemma"):
        space, vectors = learned(texts, EVERY, Reading(True, normalise))
        again = space.vectors(one_field(texts))
        np.testing.assert_allclose(again.toarray(), vectors.toarray(), atol=1e-6)
        assert space.vectors(one_field(["nobody wrote thiz"])).nnz == 0


def test_what_is_kept_as_json_and_arrays_is_the_same_space():
    space, _ = learned(texts_by_lot(30), EVERY, Reading(True, "lemma"))
    kept = json.loads(json.dumps(space.described))
    again = TfidfSpace.restored(kept, space.pairs, space.rarity)
    every = np.arange(len(space.rarity), dtype=np.int32)
    assert again.names(every) == space.names(every)
    texts = one_field(["deep learning in python", "web design"])
    np.testing.assert_array_equal(again.vectors(texts).toarray(), space.vectors(texts).toarray())


def test_too_common_and_too_many_terms_are_left_out():
    texts = [f"python {word}" for word in ("data", "data", "web", "sewing")]
    space, _ = learned(texts, Limits(1, 0.75, 10**6))
    assert "python" not in space.words
    space, _ = learned(texts, Limits(2, 1, 2))
    assert space.words == ["python", "data"]
    assert len(space.pairs) == 0


@pytest.mark.parametrize("texts", [[], [""], ["", "🚀"], ["the", "and of"]])
def test_texts_that_say_nothing_have_empty_vectors(texts):
    space, vectors = learned(texts)
    assert vectors.shape[0] == len(texts)
    assert vectors.nnz == 0
    assert space.vectors(one_field(texts)).nnz == 0


def test_words_give_their_weight_to_the_pairs_they_are_in():
    space, _ = learned(["deep neural networks", "neural networks", "deep sea"])
    terms = space.names(np.arange(len(space.rarity), dtype=np.int32))
    weight = {"deep": 0.3, "neural": 0.4, "networks": 0.1, "neural networks": 0.2}
    weights = sp.csr_matrix([[weight.get(term, 0) for term in terms]], dtype=np.float32)
    given = dict(zip(terms, space.in_pairs(weights).toarray()[0], strict=True))
    assert given == pytest.approx(dict.fromkeys(terms, 0) | {"deep": 0.3, "neural networks": 0.7})
    weight["deep neural"] = 0.1
    weights = sp.csr_matrix([[weight.get(term, 0) for term in terms]], dtype=np.float32)
    given = dict(zip(terms, space.in_pairs(weights).toarray()[0], strict=True))
    both = {"deep neural": 0.1 + 0.3 + 0.2, "neural networks": 0.2 + 0.1 + 0.2}
    assert given == pytest.approx(dict.fromkeys(terms, 0) | both)


def rows_by_lot(rows=50, terms=30):
    random = np.random.default_rng(2)
    dense = random.random((rows, terms)) * (random.random((rows, terms)) < 0.6)
    return strongest.unit(sp.csr_matrix(dense.astype(np.float32)))


def test_the_strongest_terms_are_the_largest_and_have_length_one_again():
    vectors = rows_by_lot()
    kept = strongest_terms(vectors, 4).toarray()
    for row, full in zip(kept, vectors.toarray(), strict=True):
        largest = np.argsort(-full, kind="stable")[:4]
        expected = np.zeros_like(full)
        expected[largest] = full[largest] / np.linalg.norm(full[largest])
        np.testing.assert_allclose(row, expected, atol=1e-6)


def test_as_many_terms_stay_as_are_affordable():
    vectors = rows_by_lot()
    every = int((np.bincount(vectors.indices) ** 2).sum())
    assert affordable_terms(vectors, every) == 0
    depth = affordable_terms(vectors, every // 2)
    kept = strongest_terms(vectors, depth)
    assert 8 <= depth < 30
    assert (np.bincount(kept.indices) ** 2).sum() <= every // 2


def test_equal_texts_are_compared_once_and_take_no_terms_from_others():
    vectors = rows_by_lot()
    many = sp.vstack([vectors, *[vectors[[0]]] * 500], "csr")
    every = int((np.bincount(vectors.indices) ** 2).sum())
    assert affordable_terms(many, every) == 0
