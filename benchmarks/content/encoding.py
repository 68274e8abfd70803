"""How many texts a second the encoders read on one core, and whether what is near is alike."""

import io
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from benchmarks.targets import Target
from generator.encoders.encoder import TextEncoder
from generator.encoders.minilm import minilm_folder
from generator.encoders.pictures import picture_encoder, pixels_of
from generator.encoders.sentences import SentenceEncoder
from generator.encoders.word_vectors import learned_word_vectors
from generator.load.pictures.thumbnails import thumbnail
from generator.text.cleaning import cleaned, words_of

UDEMY, EDX = "course_catalogues/udemy_courses.csv", "course_catalogues/edx_courses.csv"
TITLES = 1000
TITLES_PER_SECOND = 150
NEAREST = 10
SAME_SUBJECT = 0.4
"""Of the ten nearest courses of edX by title; by lot it is .09."""
PICTURES, PICTURE_SIDE = 40, 800
PICTURES_PER_SECOND = 20


def encoding(folder: Path, threads: int = 1) -> list[Target]:
    """FileNotFoundError where the catalogues are not in `folder`. All on one thread."""
    pictures = _pictures()
    with TemporaryDirectory() as kept_in:
        sentences = SentenceEncoder(minilm_folder(Path(kept_in)))
        seen = PICTURES / _seconds(lambda: _look_at(pictures, Path(kept_in)))
    titles = _column(folder / UDEMY, "course_title")[:TITLES]
    sentences.encode(titles[:32])
    per_second = len(titles) / _seconds(lambda: sentences.encode(titles))
    edx = pd.read_csv(folder / EDX).query("language == 'English'").dropna(subset=["title"])
    texts, subjects = [cleaned(title) for title in edx["title"]], edx["subject"].to_numpy()
    near = _same_subject(sentences, texts, subjects)
    words = _same_subject(learned_word_vectors(texts, words_of, 42), texts, subjects)
    lot = float(np.mean(subjects[:, None] == subjects[None]))
    print(
        f"of {NEAREST} nearest of {len(texts)} titles of edX the same subject: sentences "
        f"{near:.3f}, words learned from them {words:.3f}, by lot {lot:.3f}"
    )
    return [
        Target("titles read by all-MiniLM-L6-v2 on one core", per_second, TITLES_PER_SECOND, "/s"),
        Target("nearest titles of the same subject", near, SAME_SUBJECT),
        Target(
            f"pictures of {PICTURE_SIDE} x {PICTURE_SIDE} pixels made small and seen on one core",
            seen,
            PICTURES_PER_SECOND,
            "/s",
        ),
    ]


def _column(path: Path, name: str) -> list[str]:
    return [cleaned(text) for text in pd.read_csv(path)[name].dropna().astype(str)]


def _seconds(work: Callable[[], object]) -> float:
    started = process_time()
    work()
    return process_time() - started


def _same_subject(encoder: TextEncoder, texts: list[str], subjects: NDArray[np.object_]) -> float:
    vectors = encoder.encode(texts)
    likeness = vectors @ vectors.T
    np.fill_diagonal(likeness, -2)
    nearest = np.argsort(-likeness, axis=1)[:, :NEAREST]
    return float(np.mean(subjects[nearest] == subjects[:, None]))


def _look_at(pictures: list[bytes], folder: Path) -> None:
    encoder, small = picture_encoder("colours", 1), folder / "small.jpg"
    for content in pictures:
        small.write_bytes(thumbnail(content))
        pixels = pixels_of(small, encoder.side)
        if pixels is not None:
            encoder.encode([pixels])


def _pictures() -> list[bytes]:
    """JPEGs of smooth noise, which take as long as photographs."""
    random, pictures = np.random.default_rng(0), []
    for _ in range(PICTURES):
        coarse = random.integers(0, 255, (PICTURE_SIDE // 8, PICTURE_SIDE // 8, 3), np.uint8)
        file = io.BytesIO()
        Image.fromarray(coarse).resize((PICTURE_SIDE, PICTURE_SIDE)).save(file, "JPEG")
        pictures.append(file.getvalue())
    return pictures
