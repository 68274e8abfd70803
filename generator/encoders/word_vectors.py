"""Texts as the mean of their words' vectors: no network, any language that has a file of them."""

import hashlib
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from generator.encoders.encoder import Progress, in_silence, of_unit_length
from generator.encoders.onnx_models import in_one_line, missing_package
from shared.errors import SettingsError

REQUIREMENTS = "requirements-word-vectors.txt"
LEARNED_SIZE = 100
WINDOW = 8
EPOCHS = 20
SUBSAMPLED = 1e-3
"""Share of all words from which on a word is passed over now and then (Mikolov et al. 2013)."""

Words = Callable[[str], Sequence[str]]


class WordVectorEncoder:
    """Mean of the vectors of a text's known words, each weighted by its inverse document frequency.

    Rare words say what a text is about (the idea of SIF; Arora, Liang & Ma, ICLR 2017), and what
    all words have in common says nothing: the mean of all vectors is taken off (Mu & Viswanath,
    ICLR 2018). With T texts, df of which have the word, it weighs ``ln((1 + T) / (1 + df)) + 1``. A
    word counts as often as it is there.
    """

    name = "word-vectors"
    texts_cut = 0

    def __init__(
        self,
        words: Sequence[str],
        vectors: NDArray[np.float32],
        idf: NDArray[np.float64],
        words_of: Words,
    ) -> None:
        """vectors: float32 [words, size], with their common mean taken off. idf: float64 [words].
        words_of: a text's words, as they are written in `words`."""
        self.words, self.vectors, self.idf = words, vectors, idf
        self._row = {word: row for row, word in enumerate(words)}
        self._words_of = words_of
        self.size: int = vectors.shape[1]

    @classmethod
    def over(
        cls,
        texts: Iterable[str],
        words: Sequence[str],
        vectors: NDArray[np.float32],
        words_of: Words,
    ) -> Self:
        """From vectors as they were learned, with idf by these texts."""
        centred = vectors - vectors.mean(axis=0, dtype=np.float64).astype(np.float32)
        row, having, n_texts = (
            {word: row for row, word in enumerate(words)},
            np.zeros(len(words)),
            0,
        )
        for text in texts:
            having[[row[word] for word in set(words_of(text)) if word in row]] += 1
            n_texts += 1
        return cls(words, centred, np.log((1 + n_texts) / (1 + having)) + 1, words_of)

    @cached_property
    def digest(self) -> str:
        digest = hashlib.sha256("\n".join(self.words).encode("utf-8", "replace"))
        for array in (self.vectors, self.idf):
            digest.update(np.ascontiguousarray(array).data)
        return digest.hexdigest()

    def encode(self, texts: Sequence[str], progress: Progress = in_silence) -> NDArray[np.float32]:
        """As `TextEncoder` says; zeros for a text without a known word."""
        sums = np.zeros((len(texts), self.size), np.float64)
        for place, text in enumerate(texts):
            # In the order of rows, so that the order of words changes no bit of a sum.
            counts = sorted(Counter(self._rows(text)).items())
            if counts:
                rows, times = (np.array(side) for side in zip(*counts, strict=True))
                sums[place] = (self.idf[rows] * times) @ self.vectors[rows].astype(np.float64)
        progress(len(texts), len(texts))
        return of_unit_length(sums)

    def _rows(self, text: str) -> list[int]:
        return [self._row[word] for word in self._words_of(text) if word in self._row]


def word_vectors_of_file(path: Path, texts: Sequence[str], words_of: Words) -> WordVectorEncoder:
    """Vectors from a file in the text format of GloVe or word2vec, of the words of `texts` alone.

    Each line is a word and its numbers, with blanks between; word2vec's first line says how many
    words and numbers there are. `.gz` and `.bz2` are unpacked. Raises SettingsError if the file
    cannot be read as that, or has none of the words.
    """
    wanted = {word for text in texts for word in words_of(text)}
    vectors = _read(path, wanted)
    if not len(vectors):
        raise SettingsError(
            f"{path} has a vector for none of the {len(wanted):,} words of the courses: is it of "
            "another language?"
        )
    return WordVectorEncoder.over(texts, vectors.index_to_key, vectors.vectors, words_of)


def learned_word_vectors(texts: Sequence[str], words_of: Words, seed: int) -> WordVectorEncoder:
    """Vectors learned from the texts themselves (word2vec skip-gram; Mikolov et al. 2013).

    The same for the same texts and seed, on one thread. Raises SettingsError without gensim.
    """
    word2vec = _gensim().Word2Vec(
        vector_size=LEARNED_SIZE,
        window=WINDOW,
        min_count=1,
        sample=SUBSAMPLED,
        sg=1,
        seed=seed,
        workers=1,
        hashfxn=_stable_hash,
    )
    sentences = [list(words_of(text)) for text in texts]
    sentences = [sentence for sentence in sentences if sentence]
    if not sentences:
        raise SettingsError("No course has a text, so that no word vectors can be learned.")
    word2vec.build_vocab(sentences)
    word2vec.train(sentences, total_examples=len(sentences), epochs=EPOCHS)
    learned = word2vec.wv
    return WordVectorEncoder.over(texts, learned.index_to_key, learned.vectors, words_of)


def _stable_hash(word: str) -> int:
    # Python's own differs from process to process.
    return zlib.crc32(word.encode("utf-8", "replace"))


def _gensim() -> Any:
    try:
        from gensim import models
    except ImportError as error:
        raise missing_package("gensim", REQUIREMENTS) from error
    return models


def _read(path: Path, wanted: Collection[str]) -> Any:
    """gensim's KeyedVectors of the words that are wanted: files have millions of others."""
    keyed_vectors = _gensim().KeyedVectors
    if not path.is_file():
        raise SettingsError(f"There is no file {path} of word vectors.")
    try:
        lines = list(_lines(path, {word.encode("utf-8", "replace") for word in wanted}))
        if not lines:
            return ()
        with tempfile.NamedTemporaryFile() as few:
            few.write(b"%d %d\n" % (len(lines), lines[0].count(b" ")))
            few.writelines(lines)
            few.flush()
            vectors = keyed_vectors.load_word2vec_format(few.name)
    except (ValueError, OSError, EOFError) as error:
        raise SettingsError(
            f"{path} is not readable as word vectors, a word and its numbers a line: "
            f"{in_one_line(error)}"
        ) from error
    if not np.isfinite(vectors.vectors).all():
        raise SettingsError(f"{path} has vectors with numbers that are none, such as nan.")
    return vectors


def _lines(path: Path, wanted: Collection[bytes]) -> Iterator[bytes]:
    from smart_open import open as open_packed

    with open_packed(str(path), "rb") as file:
        for number, line in enumerate(file):
            word, _, numbers = line.partition(b" ")
            is_header = number == 0 and word.isdigit() and numbers.strip().isdigit()
            if word in wanted and not is_header:
                yield line.rstrip() + b"\n"
