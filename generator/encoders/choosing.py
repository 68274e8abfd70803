"""Which encoder of texts a word or a path means."""

from collections.abc import Callable, Sequence
from pathlib import Path

from generator.encoders.encoder import TextEncoder
from generator.encoders.minilm import minilm_folder
from generator.encoders.sentences import sentence_encoder
from generator.encoders.word_vectors import Words, learned_word_vectors, word_vectors_of_file
from shared.errors import SettingsError

SENTENCE, WORDS = "sentence", "words"


def text_encoder(
    named: str,
    texts: Callable[[], Sequence[str]],
    words_of: Words,
    *,
    seed: int,
    threads: int,
    kept_in: Path | None,
) -> TextEncoder:
    """`sentence`, `words`, the folder of a sentence encoder or a file of word vectors.

    texts: gives what word vectors are learned from, or weighted by. kept_in: where the encoder that
    a package brings is kept once it is converted. Raises SettingsError.
    """
    path = Path(named).expanduser()
    if named == SENTENCE:
        return sentence_encoder(minilm_folder(kept_in), threads)
    if named == WORDS:
        return learned_word_vectors(texts(), words_of, seed)
    if path.is_dir():
        return sentence_encoder(path.resolve(), threads)
    if path.is_file():
        return word_vectors_of_file(path, texts(), words_of)
    raise SettingsError(
        f"There is no encoder {named!r}: it may be {SENTENCE}, {WORDS}, a folder with model.onnx "
        "and tokenizer.json, or a file of word vectors (GloVe or word2vec, as text)."
    )
