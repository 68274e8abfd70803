"""What a model has learned, in a folder: arrays that can be mapped into memory, and never pickle.

    FOLDER/model.json         handle, options, digests of the vocabularies, small values
    FOLDER/NAME.npy           an array
    FOLDER/NAME.PART.npy      the three arrays of a sparse matrix, or the arrays of a list
    FOLDER/NAME.onnx          a network, for onnxruntime or any other reader of the format

Single .npy files rather than one .npz: they can be memory-mapped, copy-on-write, so that a large
model is there at once and only what is used of it is read.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from generator.dataset.vocabulary import Vocabulary
from shared.errors import ModelError

FORMAT = 1
DESCRIPTION = "model.json"
ARRAY, SPARSE, ARRAYS, NETWORK, VALUE = "array", "sparse", "arrays", "network", "value"
PARTS_OF_SPARSE = ("data", "indices", "indptr")


def write_learned(folder: Path, about: Mapping[str, Any], learned: Mapping[str, Any]) -> None:
    """`learned`: arrays, CSR matrices, lists of arrays, networks, or what JSON holds, by name.

    The description comes last, so that a folder that was not finished is none.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DESCRIPTION).unlink(missing_ok=True)
    kept = {name: _write_value(folder, name, value) for name, value in learned.items()}
    text = json.dumps({"format": FORMAT, **about, "learned": kept}, indent=1)
    (folder / DESCRIPTION).write_text(text, encoding="utf-8")


def read_description(folder: Path) -> dict[str, Any]:
    """Raises ModelError if the folder holds no saved model, or one of another version."""
    try:
        found: dict[str, Any] = json.loads((folder / DESCRIPTION).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{folder} holds no saved model: it has no {DESCRIPTION}.") from None
    except ValueError:
        raise ModelError(f"{folder / DESCRIPTION} is damaged; save the model again.") from None
    if found.get("format") != FORMAT:
        raise ModelError(
            f"{folder} was saved in format {found.get('format')!r}, and this version of Kindred "
            f"reads format {FORMAT}; fit the model again."
        )
    return found


def read_learned(folder: Path, description: Mapping[str, Any]) -> dict[str, Any]:
    """What `write_learned` was given; arrays are mapped, and writing to them changes no file."""
    try:
        kept = description["learned"].items()
        return {name: _read_value(folder, name, value) for name, value in kept}
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(f"{folder} is damaged ({error}); save the model again.") from None


def digest_of(vocabulary: Vocabulary) -> str:
    """The same for the same handles in the same order."""
    return hashlib.sha256("\n".join(map(repr, vocabulary.handles())).encode()).hexdigest()


def _write_value(folder: Path, name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, np.ndarray):
        _write_array(folder / f"{name}.npy", value)
        return {"is": ARRAY}
    if sp.issparse(value):
        for part in PARTS_OF_SPARSE:
            _write_array(folder / f"{name}.{part}.npy", getattr(value, part))
        return {"is": SPARSE, "shape": [int(side) for side in value.shape]}
    if isinstance(value, bytes):
        _write(folder / f"{name}.onnx", lambda file: file.write(value))
        return {"is": NETWORK}
    if isinstance(value, list):
        for number, array in enumerate(value):
            _write_array(folder / f"{name}.{number}.npy", array)
        return {"is": ARRAYS, "count": len(value)}
    return {"is": VALUE, "value": value}


def _read_value(folder: Path, name: str, kept: Mapping[str, Any]) -> Any:
    if kept["is"] == ARRAY:
        return _read_array(folder / f"{name}.npy")
    if kept["is"] == SPARSE:
        parts = tuple(_read_array(folder / f"{name}.{part}.npy") for part in PARTS_OF_SPARSE)
        return sp.csr_matrix(parts, shape=tuple(kept["shape"]), copy=False)
    if kept["is"] == ARRAYS:
        return [_read_array(folder / f"{name}.{number}.npy") for number in range(kept["count"])]
    if kept["is"] == NETWORK:
        return (folder / f"{name}.onnx").read_bytes()
    return kept["value"]


def _write_array(path: Path, array: NDArray[Any]) -> None:
    _write(path, lambda file: np.save(file, array, allow_pickle=False))


def _write(path: Path, write: Callable[[BinaryIO], Any]) -> None:
    # Another process may have the old file mapped: it keeps that one, and never sees half of this.
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        write(file)
    partial.replace(path)


def _read_array(path: Path) -> NDArray[Any]:
    mapped: NDArray[Any] = np.load(path, mmap_mode="c", allow_pickle=False)
    return mapped.view(np.ndarray)
