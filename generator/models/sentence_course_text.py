"""Courses whose texts mean the same are alike, whatever words they use."""

from collections.abc import Sequence
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.course_words import has_words
from generator.dataset.dataset import Dataset, Input
from generator.models.content import ContentModel, ContentOptions
from generator.models.encoded_texts import (
    BYTES_OF_SENTENCES,
    ENCODER_HELP,
    EncodedTexts,
    written,
)
from generator.models.run_options import RunOptions
from generator.text.cleaning import cleaned

COPIES_OF_VECTORS = 4
NUMBERS = 384
"""In a vector of the encoder that a package brings."""


class SentenceOptions(ContentOptions):
    encoder: str = Field("sentence", min_length=1, description=ENCODER_HELP)


class SentenceCourseText(EncodedTexts, ContentModel):
    """Cosine of sentence embeddings of title, tags and description (Reimers & Gurevych 2019).

    A course is the vector of its text, a user the weighted sum of the courses they viewed and of
    the names of the tags that they follow. What of a text is beyond the encoder's limit (256 tokens
    for all-MiniLM-L6-v2) does not count. Vectors are kept between runs: only new texts are read.

    Assumes that texts are in a language that the encoder knows. Knows courses with a text, users
    who viewed one or follow a tag. Score: the cosine, 0 to 1; of a recommendation, of the course
    and the user. Reasons are the viewed courses whose texts are nearest. Cost: a few milliseconds
    of a processor for each new text, 1.5 KB a course, and the product of all vectors.
    """

    handle = "sentence_course_text"
    title = "Texts that mean the same (sentence embeddings)"
    needs: ClassVar[tuple[Input, ...]] = ("texts",)
    wants: ClassVar[tuple[Input, ...]] = (*ContentModel.wants, "course_tags")
    library = "onnxruntime"
    library_bytes = BYTES_OF_SENTENCES
    Options = SentenceOptions
    config: SentenceOptions
    learned = (*ContentModel.learned, *EncodedTexts.learned_of_texts)

    @classmethod
    def missing_inputs(cls, dataset: Dataset) -> list[Input]:
        """Tags, or handles that are titles, will do where there is no text."""
        return [] if has_words(dataset) else list(cls.needs)

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, and vectors of courses and tags, with copies for the search."""
        vectors = 4 * NUMBERS * (len(dataset.courses) + len(dataset.tags))
        return super().memory_bytes(dataset) + COPIES_OF_VECTORS * vectors

    def _learn(self, dataset: Dataset, run: RunOptions) -> None:
        self._learn_texts(self.config.encoder, dataset, run)

    def _vectors_of_courses(
        self, dataset: Dataset, courses: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        return self._embedded(written(dataset, courses), self.run.progress)

    def _vectors_of_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self._embedded([cleaned(text) for text in texts])
