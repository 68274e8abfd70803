"""Sentence encoders: transformers in the format ONNX, whose token vectors are averaged."""

import hashlib
import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.encoders.encoder import Progress, in_silence, of_unit_length
from generator.encoders.onnx_models import in_one_line, missing_package, open_session
from shared.errors import SettingsError

REQUIREMENTS = "requirements-sentence.txt"
MODEL, TOKENIZER, LIMITS = "model.onnx", "tokenizer.json", "sentence_bert_config.json"
DEFAULT_MAX_TOKENS = 256
CHARACTERS_PER_TOKEN = 16
"""A text is cut to so many a token before it is looked at: the rest could not count."""
TEXTS_PER_CHUNK = 4096
TOKENS_PER_BATCH = 1024
TOKENS_STEP = 16
"""Texts are filled up to a multiple and meet only those of their own length: what a text's vector
adds up to then does not depend on the texts beside it."""
POOLED = ("sentence_embedding", "embedding", "embeddings")
VERSION = 1
"""Of how vectors are made here: another one makes the vectors that are kept worthless."""


class SentenceEncoder:
    """Mean of a transformer's token vectors (Reimers & Gurevych, EMNLP 2019).

    A text longer than `max_tokens` counts up to there. Cost of all-MiniLM-L6-v2: a millisecond or
    two a title; 90 MB, and some 100 MB while it works.
    """

    def __init__(self, folder: Path, threads: int = 1) -> None:
        """folder: model.onnx, tokenizer.json, and if need be sentence_bert_config.json with
        `max_seq_length`. Raises SettingsError if it holds no sentence encoder, or packages are
        missing.
        """
        self.name = folder.name
        self.max_tokens = _max_tokens(folder)
        self._tokenizer = _tokenizer(folder / TOKENIZER, self.max_tokens)
        self._session = open_session(folder / MODEL, threads, REQUIREMENTS)
        self._inputs = _inputs(self._session, folder)
        self._output, self._is_pooled = _output(self._session, folder)
        self.digest = _digest(folder, self.max_tokens)
        self.texts_cut = 0
        self.size = self.encode(["size"]).shape[1]

    def encode(self, texts: Sequence[str], progress: Progress = in_silence) -> NDArray[np.float32]:
        """As `TextEncoder` says. Raises SettingsError if the model refuses its input."""
        vectors: NDArray[np.float32] | None = None
        for start in range(0, len(texts), TEXTS_PER_CHUNK):
            for rows, of_rows in self._encoded(texts[start : start + TEXTS_PER_CHUNK]):
                if vectors is None:
                    vectors = np.zeros((len(texts), of_rows.shape[1]), np.float32)
                vectors[start + rows] = of_rows
            progress(min(start + TEXTS_PER_CHUNK, len(texts)), len(texts))
        return np.zeros((len(texts), self.size), np.float32) if vectors is None else vectors

    def _encoded(
        self, texts: Sequence[str]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
        """Row numbers and their vectors, batch by batch, without the texts that are empty."""
        longest = CHARACTERS_PER_TOKEN * self.max_tokens
        rows = np.array([row for row, text in enumerate(texts) if text.strip()], np.int64)
        tokens = self._tokenizer.encode_batch([_unicode(texts[row][:longest]) for row in rows])
        for row, of_text in zip(rows, tokens, strict=True):
            self.texts_cut += bool(of_text.overflowing) or len(texts[row]) > longest
        lengths = np.array([len(of_text.ids) for of_text in tokens], np.int64)
        padded = np.minimum(-(-lengths // TOKENS_STEP) * TOKENS_STEP, self.max_tokens)
        for length in np.unique(padded):
            alike = np.flatnonzero(padded == length)
            step = max(1, TOKENS_PER_BATCH // int(length))
            for start in range(0, len(alike), step):
                batch = alike[start : start + step]
                ids = [tokens[place].ids for place in batch]
                yield rows[batch], self._vectors(ids, int(length))

    def _vectors(self, ids: list[list[int]], length: int) -> NDArray[np.float32]:
        filled = np.zeros((len(ids), length), np.int64)
        mask = np.zeros((len(ids), length), np.int64)
        for row, of_text in enumerate(ids):
            filled[row, : len(of_text)], mask[row, : len(of_text)] = of_text, 1
        meanings = {"ids": filled, "mask": mask, "types": np.zeros_like(filled)}
        given = {name: meanings[means].astype(kind) for name, means, kind in self._inputs}
        try:
            (output,) = self._session.run([self._output], given)
        except Exception as error:  # onnxruntime's own have no common base
            raise SettingsError(
                f"The sentence encoder {self.name} refuses texts: {in_one_line(error)}"
            ) from error
        if not self._is_pooled:
            output = np.einsum("btd,bt->bd", output, mask.astype(np.float32))
        return of_unit_length(output)


def _unicode(text: str) -> str:
    """Without halves of characters, which the tokenizer would not take."""
    return text.encode("utf-8", "replace").decode()


@lru_cache(maxsize=2)
def sentence_encoder(folder: Path, threads: int) -> SentenceEncoder:
    """The encoder in a folder; the last two stay open, since a run asks more than once."""
    return SentenceEncoder(folder, threads)


def _max_tokens(folder: Path) -> int:
    path = folder / LIMITS
    if not path.is_file():
        return DEFAULT_MAX_TOKENS
    try:
        return int(json.loads(path.read_text(encoding="utf-8"))["max_seq_length"])
    except (ValueError, KeyError, TypeError):
        raise SettingsError(f"{path} says no whole number as max_seq_length.") from None


def _tokenizer(path: Path, max_tokens: int) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError as error:
        raise missing_package("tokenizers", REQUIREMENTS) from error
    if not path.is_file():
        raise SettingsError(f"There is no file {path}: a sentence encoder needs its tokenizer.")
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception as error:  # what the library raises is a plain Exception
        raise SettingsError(
            f"{path} is not readable as a tokenizer: {in_one_line(error)}"
        ) from error
    tokenizer.enable_truncation(max_tokens)
    tokenizer.no_padding()
    return tokenizer


def _inputs(session: Any, folder: Path) -> list[tuple[str, str, Any]]:
    """Name, meaning and type of each input of the model."""
    found = []
    for wanted in session.get_inputs():
        words = {"mask": "mask", "type": "types", "segment": "types", "ids": "ids"}
        means = next((words[word] for word in words if word in wanted.name.lower()), None)
        kind = {"tensor(int64)": np.int64, "tensor(int32)": np.int32}.get(wanted.type)
        if means is None or kind is None:
            raise SettingsError(
                f"{folder / MODEL} asks for {wanted.name} ({wanted.type}): a sentence encoder asks "
                "for whole numbers called input_ids, attention_mask and token_type_ids."
            )
        found.append((wanted.name, means, kind))
    return found


def _output(session: Any, folder: Path) -> tuple[str, bool]:
    """The output to take, and whether it is of texts already, not of tokens.

    What exports call pooler_output is made for another task; token vectors are better.
    """
    ranks = {output.name: len(output.shape) for output in session.get_outputs()}
    named = [name for name in POOLED if ranks.get(name) == 2]
    of_tokens = [name for name, rank in ranks.items() if rank == 3]
    of_texts = [name for name, rank in ranks.items() if rank == 2]
    best = [*named, *of_tokens, *of_texts]
    if not best:
        raise SettingsError(f"{folder / MODEL} gives no vectors: is it a sentence encoder?")
    return best[0], ranks[best[0]] == 2


def _digest(folder: Path, max_tokens: int) -> str:
    digest = hashlib.sha256(f"{VERSION} {max_tokens}".encode())
    for name in (MODEL, TOKENIZER):
        with (folder / name).open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
