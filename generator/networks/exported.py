"""Networks in the format ONNX: what is asked after training, with no TensorFlow at hand."""

import tempfile
import warnings
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from generator.networks.sequence_batches import padded_lengths, with_empty_rows
from generator.networks.sequences import COURSES, EMBEDDED
from generator.process.onnx_options import session_options
from shared.errors import ModelError

REQUIREMENTS = "requirements-networks.txt"
TOKENS_PER_BATCH = 8_192
ROWS_PER_BLOCK = 1024

Inputs = Mapping[str, NDArray[Any]]
Ask = Callable[[Inputs], NDArray[np.float32]]
"""Inputs of some rows by name -> float32 [rows, size], their states."""


def exported(network: Any) -> bytes:
    """A Keras model that was called, as ONNX. Raises ModelError if packages are missing."""
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        # tf2onnx asks numpy for names that it no longer has.
        warnings.simplefilter("ignore")
        path = Path(folder) / "network.onnx"
        try:
            network.export(str(path), format="onnx", verbose=False)
        except ImportError as error:
            raise missing_package(error) from error
        return path.read_bytes()


def opened(graph: bytes) -> Ask:
    """What asks a network that was exported; many threads may. Raises ModelError likewise.

    It works on one processor: batches are shared out among threads, so that no sum depends on how
    many there are.
    """
    try:
        import onnxruntime

        options = session_options(threads=1)
    except ImportError as error:
        raise missing_package(error) from error
    session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
    names = [wanted.name for wanted in session.get_inputs()]

    def ask(inputs: Inputs) -> NDArray[np.float32]:
        (states,) = session.run(None, {name: inputs[name] for name in names})
        return np.asarray(states, np.float32)

    return ask


def asked_in_blocks(ask: Ask, inputs: Inputs, size: int) -> NDArray[np.float32]:
    """float32 [rows, size]: the states of these rows.

    Blocks always have as many rows, so that whom a row is with makes no difference.
    """
    rows = len(next(iter(inputs.values())))
    states = np.zeros((rows, size), np.float32)
    for start in range(0, rows, ROWS_PER_BLOCK):
        block = {name: of[start : start + ROWS_PER_BLOCK] for name, of in inputs.items()}
        found = ask(with_empty_rows(block, ROWS_PER_BLOCK))
        states[start : start + ROWS_PER_BLOCK] = found[: rows - start]
    return states


def states_of(
    ask: Ask,
    inputs: Mapping[str, NDArray[np.int32]],
    vectors: NDArray[np.float32],
    threads: int = 1,
) -> NDArray[np.float32]:
    """float32 [rows, size]: what a network makes of each row; zeros of one without a course.

    inputs: int32 [rows, length] by name, filled up with zeros. vectors: float32 [1 + courses,
    size], the first one of no course. Batches have one length and always as many rows, so that
    whom a row is with makes no difference.
    """
    counts = (inputs[COURSES] > 0).sum(axis=1)
    padded = padded_lengths(counts, inputs[COURSES].shape[1])
    states = np.zeros((len(counts), vectors.shape[1]), np.float32)

    def read(size: int, chosen: NDArray[np.int64], rows: int) -> None:
        batch = with_empty_rows({name: of[chosen, :size] for name, of in inputs.items()}, rows)
        found = ask({**batch, EMBEDDED: vectors[batch[COURSES]]})
        states[chosen] = found[: len(chosen)]

    with ThreadPoolExecutor(threads) as pool:
        pending = []
        for size in np.unique(padded[counts > 0]).tolist():
            alike = np.flatnonzero((padded == size) & (counts > 0))
            rows = max(1, TOKENS_PER_BATCH // size)
            for start in range(0, len(alike), rows):
                pending.append(pool.submit(read, size, alike[start : start + rows], rows))
        for batch in pending:
            batch.result()
    return states


def missing_package(error: ImportError) -> ModelError:
    """What to say of a package that networks need and that is not there."""
    if error.name is None:
        # Keras says itself what exporting from other backends than TensorFlow takes.
        return ModelError(str(error))
    return ModelError(f"{error.name} is not installed: pip install -r {REQUIREMENTS}.")
