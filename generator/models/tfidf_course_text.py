"""Courses that share rare words are alike."""

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.course_words import (
    BYTES_PER_LETTER,
    distinct,
    has_words,
    titles_of,
    weighted_texts,
)
from generator.dataset.dataset import Dataset, Input
from generator.models.content import ContentModel, ContentOptions
from generator.models.options import Searched
from generator.models.run_options import RunOptions
from generator.reasons.reasons import Reasons
from generator.reasons.shared import shared_features
from generator.text import tfidf
from generator.text.normal_forms import Normalise
from generator.text.terms import Reading
from shared.kinds import KindName
from shared.records import Handle, ReasonKind

BYTES_OF_DICTIONARIES = 2**25
"""Of lemmas, of two languages."""


class TfidfTextOptions(ContentOptions):
    title_weight: Annotated[int, Searched(1, 8)] = Field(
        3, ge=0, le=100, description="How often a word of the title counts; 0 reads no titles."
    )
    tag_weight: Annotated[int, Searched(1, 8)] = Field(
        3, ge=0, le=100, description="Likewise of a tag."
    )
    normalise: Normalise = Field(
        "lemma",
        description="What becomes of a word: none, its stem, or its lemma, the form in which a "
        "dictionary has it.",
    )
    stop_words: bool = Field(
        True, description="Whether the, and, of are left out, each text's by its own language."
    )
    pair_courses: int = Field(
        3, ge=1, le=1_000_000, description="In how many courses two words must follow each other."
    )
    max_share: float = Field(
        1, gt=0, le=1, description="Words of a larger share of all courses are left out."
    )
    max_terms: int = Field(
        1_000_000, ge=1, le=100_000_000, description="Words and pairs, the commonest, that count."
    )


class TfidfCourseText(ContentModel):
    """Cosine of TF-IDF vectors over title, description and tags (Salton & Buckley 1988).

    A term is a word in its normal form, or two that follow each other in one text. It counts
    ``1 + ln(sum of weight x times)``, where a title and a tag weigh more than a description, and
    by its rarity, ``ln((1 + N) / (1 + df)) + 1``. Vectors have length 1. Each text's language is
    that whose stop words it has most of. Where the product of all courses would take longer than a
    minute, the strongest terms of each course stay, as many as are affordable
    (`generator.text.strongest`); the cosine of what stays is exact.

    Assumes that courses of a subject are described in the same words. Knows courses that share a
    term with another, and users who viewed one that is described, or follow a tag in words that
    courses use. Score: cosine, 0 to 1. Cost: 60 us a course of 130 words to read it, 25 bytes a
    letter, and the sparse product of the courses with themselves.
    """

    handle = "tfidf_course_text"
    title = "Courses in the same words (TF-IDF)"
    needs: ClassVar[tuple[Input, ...]] = ("texts",)
    wants: ClassVar[tuple[Input, ...]] = (*ContentModel.wants, "course_tags")
    reason_kinds: ClassVar[Mapping[KindName, ReasonKind]] = dict.fromkeys(
        ContentModel.serves, "shared_words"
    )
    Options = TfidfTextOptions
    config: TfidfTextOptions
    learned = (*ContentModel.learned, "_space_described", "_pairs", "_rarity")

    @classmethod
    def missing_inputs(cls, dataset: Dataset) -> list[Input]:
        """Tags, or handles that are titles, will do where there is no text."""
        return [] if has_words(dataset) else list(cls.needs)

    def memory_bytes(self, dataset: Dataset) -> int:
        letters = dataset.bytes("texts") or sum(map(len, titles_of(dataset)))
        read = BYTES_OF_DICTIONARIES + BYTES_PER_LETTER * letters
        return super().memory_bytes(dataset) + read

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        reading = Reading(self.config.stop_words, self.config.normalise)
        limits = tfidf.Limits(
            self.config.pair_courses, self.config.max_share, self.config.max_terms
        )
        space, vectors = tfidf.TfidfSpace.learned(self._fields(dataset), reading, limits)
        self._space_described, self._course_vectors = space.described, vectors
        self._pairs, self._rarity = space.pairs, space.rarity

    def _prepare(self) -> None:
        self._space = tfidf.TfidfSpace.restored(self._space_described, self._pairs, self._rarity)
        super()._prepare()
        courses = np.bincount(self._course_vectors.indices, minlength=self._course_vectors.shape[1])
        shared = (courses > 1).astype(np.float32)
        self._related: NDArray[np.bool_] = self._course_vectors @ shared > 0

    def _vectors_of_courses(self, dataset: Dataset, courses: NDArray[np.int32]) -> sp.csr_matrix:
        fields = self._fields(dataset)
        return self._space.vectors([_of_rows(field, courses) for field in fields])

    def _vectors_of_texts(self, texts: Sequence[str]) -> sp.csr_matrix:
        return self._space.vectors([tfidf.Field(*distinct(list(texts)))])

    def _fields(self, dataset: Dataset) -> list[tfidf.Field]:
        texts = weighted_texts(dataset, self.config.title_weight, self.config.tag_weight)
        return [tfidf.Field(*of_courses) for of_courses in texts]

    def _knows_courses(self) -> NDArray[np.bool_]:
        return self._related

    def named(self, kind: ReasonKind, indices: NDArray[np.int32]) -> list[Handle]:
        return [*self._space.names(indices)]

    def _reasons(
        self, kind: KindName, subjects: NDArray[np.int32], listed: NDArray[np.int32]
    ) -> Reasons:
        is_user = kind == "recommendations"
        queries = self._profiles.of(subjects) if is_user else self._course_vectors[subjects]
        return shared_features(queries, self._course_vectors, listed, self._space.in_pairs)


def _of_rows(field: tfidf.Field, rows: NDArray[np.int32]) -> tfidf.Field:
    """The field of these subjects alone, without the texts that none of them has."""
    holders = field.holders[rows]
    held = np.flatnonzero(np.bincount(holders.indices, minlength=len(field.texts)))
    return tfidf.Field([field.texts[text] for text in held.tolist()], holders[:, held])
