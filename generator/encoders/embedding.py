"""Texts to vectors, each text once and only if it is new."""

from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from generator.encoders.encoder import Progress, TextEncoder, in_silence
from generator.encoders.vector_cache import VectorCache, key_of

TEXTS_PER_PART = 4096
"""What a run that dies has made is kept up to the last part."""


def embedded(
    encoder: TextEncoder,
    texts: Sequence[str],
    cache: VectorCache,
    progress: Progress = in_silence,
) -> NDArray[np.float32]:
    """float32 [texts, size] of unit length, zeros for empty texts; kept ones from the cache."""
    parts = [np.zeros((0, encoder.size), np.float32)]
    for start in range(0, len(texts), TEXTS_PER_PART):
        part = texts[start : start + TEXTS_PER_PART]
        keys = [key_of(encoder.digest, text.encode("utf-8", "replace")) for text in part]
        parts.append(cache.vectors(keys, encoder.size, partial(_encoded, encoder, part)))
        progress(start + len(part), len(texts))
    return np.concatenate(parts)


def _encoded(
    encoder: TextEncoder, texts: Sequence[str], places: NDArray[np.int64]
) -> NDArray[np.float32]:
    return encoder.encode([texts[place] for place in places])
