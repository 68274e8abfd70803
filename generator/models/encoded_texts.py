"""Texts of courses as an encoder reads them, for models that are saved and loaded."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property, partial
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from generator.dataset.course_words import titles_of
from generator.dataset.dataset import Dataset
from generator.encoders.choosing import text_encoder
from generator.encoders.embedding import embedded
from generator.encoders.encoder import Progress, TextEncoder, in_silence
from generator.encoders.vector_cache import VectorCache
from generator.encoders.word_vectors import WordVectorEncoder
from generator.models.run_options import RunOptions
from generator.text.cleaning import cleaned, words_of
from shared.errors import ModelError, SettingsError

BYTES_OF_SENTENCES = 320 * 2**20
"""What onnxruntime, a tokenizer and all-MiniLM-L6-v2 take while they are open."""
ENCODER_HELP = (
    "What reads texts: sentence, words, a folder with an ONNX sentence encoder, or a file of word "
    "vectors (docs/content.md)."
)


def written(dataset: Dataset, courses: NDArray[np.int32]) -> list[str]:
    """Title, tags and description of these courses, as one clean text each.

    In this order, since an encoder may read no more than the beginning.
    """
    titles, tags = titles_of(dataset), dataset.tags.handles()
    texts = []
    for course in courses.tolist():
        carried = dataset.course_tags.indices[
            slice(*dataset.course_tags.indptr[[course, course + 1]])
        ]
        parts = [titles[course], ", ".join(str(tags[tag]) for tag in carried)]
        parts.append(dataset.texts.descriptions[course])
        texts.append(cleaned("\n".join(part for part in parts if part)))
    return texts


class EncodedTexts:
    """A mixin: `_learn_texts` chooses the encoder, `_embedded` asks it.

    Word vectors are kept with the model, since a later catalogue would give others. A sentence
    encoder is only named, with its digest: it is opened again, and must be the same.
    """

    learned_of_texts: ClassVar[tuple[str, ...]] = (
        "_encoder_named",
        "_encoder_digest",
        "_words",
        "_word_vectors",
        "_word_idf",
    )
    run: RunOptions

    def _learn_texts(self, named: str, dataset: Dataset, run: RunOptions) -> None:
        every = np.arange(len(dataset.courses), dtype=np.int32)
        self.__dict__.pop("_encoder", None)
        encoder = _opened(named, partial(written, dataset, every), run)
        self._encoder_named, self._encoder_digest = named, encoder.digest
        self._learn_no_words()
        if isinstance(encoder, WordVectorEncoder):
            self._words = "\n".join(encoder.words)
            self._word_vectors, self._word_idf = encoder.vectors, encoder.idf

    def _learn_no_texts(self) -> None:
        self._encoder_named = self._encoder_digest = ""
        self._learn_no_words()

    def _learn_no_words(self) -> None:
        self._words = ""
        self._word_vectors, self._word_idf = np.zeros((0, 0), np.float32), np.zeros(0)

    @cached_property
    def _encoder(self) -> TextEncoder:
        if self._words:
            words = self._words.split("\n")
            return WordVectorEncoder(words, self._word_vectors, self._word_idf, words_of)
        encoder = _opened(self._encoder_named, lambda: [], self.run)
        if encoder.digest != self._encoder_digest:
            raise ModelError(
                f"The encoder {self._encoder_named} is another one than the model was fitted with; "
                "fit it again."
            )
        return encoder

    def _embedded(
        self, texts: Sequence[str], progress: Progress = in_silence
    ) -> NDArray[np.float32]:
        """float32 [texts, size] of unit length; `texts` are clean."""
        encoder, run = self._encoder, self.run
        # Words are added up as quickly as their sums could be read from a disk.
        folder = None if self._words else run.vectors_folder
        cache = VectorCache(folder, run.vectors_bytes, run.say)
        cut_before = encoder.texts_cut
        try:
            with skipping_the_model():
                vectors = embedded(encoder, texts, cache, progress)
        finally:
            cache.close()
        if cut := encoder.texts_cut - cut_before:
            run.say(f"New texts longer than the encoder reads, which count up to there: {cut:,}.")
        return vectors


def _opened(named: str, texts: Callable[[], Sequence[str]], run: RunOptions) -> TextEncoder:
    with skipping_the_model():
        return text_encoder(
            named, texts, words_of, seed=run.seed, threads=run.threads, kept_in=run.vectors_folder
        )


@contextmanager
def skipping_the_model() -> Iterator[None]:
    """An encoder that is not there, or not installed, is a reason to do without its model alone.

    The others may have taken hours by then.
    """
    try:
        yield
    except SettingsError as error:
        raise ModelError(str(error)) from error
