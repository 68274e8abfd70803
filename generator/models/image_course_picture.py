"""Courses whose pictures look alike are alike, and if need be whose texts mean the same."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Annotated, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from generator.dataset.dataset import Dataset, Input
from generator.encoders.encoder import of_unit_length
from generator.encoders.pictures import PictureEncoder, picture_encoder, pixels_of, thumbnail_path
from generator.encoders.vector_cache import VectorCache, key_of
from generator.models.content import ContentModel, ContentOptions
from generator.models.encoded_texts import ENCODER_HELP, EncodedTexts, skipping_the_model, written
from generator.models.options import Searched
from generator.models.run_options import RunOptions
from generator.text.cleaning import cleaned
from shared.errors import ModelError

PICTURES_PER_PART = 64
COPIES_OF_VECTORS = 4
MOST_NUMBERS = 2048
"""In a vector of a picture and a text, of the encoders that are common."""
BYTES_OF_ENCODER = 320 * 2**20


class PictureOptions(ContentOptions):
    encoder: str = Field(
        "colours",
        min_length=1,
        description="What looks at pictures: colours (and edges), which needs no weights, or the "
        "path of an ONNX model such as CLIP's visual tower (docs/content.md).",
    )
    picture_weight: Annotated[float, Searched(0.1, 2)] = Field(
        1.0, gt=0, le=100, description="How much the picture counts."
    )
    text_weight: float = Field(
        0.0, ge=0, le=100, description="How much the text counts; 0 reads none."
    )
    text_encoder: str = Field("sentence", min_length=1, description=ENCODER_HELP)


class ImageCoursePicture(EncodedTexts, ContentModel):
    """Cosine of multimodal vectors: ``unit(picture_weight * picture, text_weight * text)``.

    Pictures and texts are vectors of length 1 that encoders make, side by side, so that the product
    of two courses is the weighted mean of the cosines of their pictures and of their texts (late
    fusion; as in VBPR, He & McAuley, AAAI 2016, without what is learned there). A course that lacks
    one of the two has the other alone.

    Assumes that pictures say something of courses. Knows courses with a picture that could be read,
    with `text_weight` those with a text too, and users who viewed one. Score: the cosine, 0 to 1.
    Reasons are the viewed courses that look most like it. Cost: an encoder's time for each new
    picture (colours: a millisecond), 4 bytes a number of a vector, and the product of all.
    """

    handle = "image_course_picture"
    title = "Pictures that look alike"
    needs: ClassVar[tuple[Input, ...]] = ("images",)
    wants: ClassVar[tuple[Input, ...]] = (*ContentModel.wants, "texts", "course_tags")
    Options = PictureOptions
    config: PictureOptions
    learned = (
        *ContentModel.learned,
        *EncodedTexts.learned_of_texts,
        "_pictures",
        "_picture_digest",
    )

    @property
    def measures(self) -> Mapping[str, float]:
        return {"courses_with_a_picture": float(self._pictures)}

    def memory_bytes(self, dataset: Dataset) -> int:
        """As in the base, vectors with copies for the search, and encoders with weights."""
        numbers = MOST_NUMBERS if self._has_weights else 176
        vectors = 4 * numbers * (len(dataset.courses) + len(dataset.tags))
        encoders = BYTES_OF_ENCODER if self._has_weights else 0
        return super().memory_bytes(dataset) + COPIES_OF_VECTORS * vectors + encoders

    @property
    def _has_weights(self) -> bool:
        return self.config.encoder != "colours" or self.config.text_weight > 0

    def _learn(self, dataset: Dataset, run: RunOptions) -> None:
        self.__dict__.pop("_looks", None)
        with skipping_the_model():
            self._picture_digest = picture_encoder(self.config.encoder, run.threads).digest
        if self.config.text_weight:
            self._learn_texts(self.config.text_encoder, dataset, run)
        else:
            self._learn_no_texts()

    @cached_property
    def _looks(self) -> PictureEncoder:
        with skipping_the_model():
            encoder = picture_encoder(self.config.encoder, self.run.threads)
        if encoder.digest != self._picture_digest:
            raise ModelError(
                f"The encoder {self.config.encoder} is another one than the model was fitted with; "
                "fit it again."
            )
        return encoder

    def _fit(self, dataset: Dataset, run: RunOptions) -> None:
        super()._fit(dataset, run)
        seen = self._course_vectors[:, : self._looks.size].any(axis=1)
        self._pictures = int(np.count_nonzero(seen))

    def _vectors_of_courses(
        self, dataset: Dataset, courses: NDArray[np.int32]
    ) -> NDArray[np.float32]:
        pictures = self._seen([dataset.image_paths[course] for course in courses.tolist()])
        if not self.config.text_weight:
            return pictures
        texts = self._embedded(written(dataset, courses))
        return self._joined(pictures, texts)

    def _vectors_of_texts(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        if not self.config.text_weight:
            return None
        read = self._embedded([cleaned(text) for text in texts])
        return self._joined(np.zeros((len(read), self._looks.size), np.float32), read)

    def _joined(
        self, pictures: NDArray[np.float32], texts: NDArray[np.float32]
    ) -> NDArray[np.float32]:
        # The square root, so that products weigh what the options say.
        weights = np.sqrt([self.config.picture_weight, self.config.text_weight]).astype(np.float32)
        return of_unit_length(np.hstack([weights[0] * pictures, weights[1] * texts]))

    def _seen(self, paths: Sequence[str]) -> NDArray[np.float32]:
        """float32 [paths, size]: what the encoder sees, zeros where there is no picture."""
        vectors = np.zeros((len(paths), self._looks.size), np.float32)
        every = [self._file(path) for path in paths]
        rows = [row for row, file in enumerate(every) if paths[row] and file.is_file()]
        cache = VectorCache(self.run.vectors_folder, self.run.vectors_bytes, self.run.say)
        try:
            for start in range(0, len(rows), PICTURES_PER_PART):
                part = rows[start : start + PICTURES_PER_PART]
                files = [every[row] for row in part]
                keys = [key_of(self._picture_digest, _digest(file)) for file in files]
                with skipping_the_model():
                    vectors[part] = cache.vectors(
                        keys, self._looks.size, partial(_encoded, self._looks, files)
                    )
                self.run.progress(start + len(part), len(rows))
        finally:
            cache.close()
        return vectors

    def _file(self, path: str) -> Path:
        folder = self.run.thumbnails_folder
        return Path(path) if folder is None else thumbnail_path(folder, path)


def _digest(file: Path) -> bytes:
    return hashlib.sha256(file.read_bytes()).digest()


def _encoded(
    encoder: PictureEncoder, files: Sequence[Path], places: NDArray[np.int64]
) -> NDArray[np.float32]:
    vectors = np.zeros((len(places), encoder.size), np.float32)
    for row, place in enumerate(places):
        pixels = pixels_of(files[place], encoder.side)
        if pixels is not None:
            vectors[row] = encoder.encode([pixels])[0]
    return vectors
