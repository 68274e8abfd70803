"""What is kept of a training after each epoch, so that a killed one goes on from there.

FOLDER/progress.json   how far it is; written last, so that the rest is whole
FOLDER/EPOCH.npz       all numbers after that epoch: weights, and what the optimizer remembers
FOLDER/best-EPOCH.npz  likewise after the best one so far
"""

import hashlib
import json
import shutil
import time
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PROGRESS = "progress.json"
UNUSED_SECONDS = 7 * 86_400
DAMAGED = (OSError, ValueError, KeyError, TypeError, zipfile.BadZipFile)


@dataclass(frozen=True)
class Reached:
    epochs: int = 0
    """How many are done."""
    value: float = float("-inf")
    """Of the last of them, on what was held out."""
    best_epoch: int = 0
    best_value: float = float("-inf")

    def after(self, epochs: int, value: float) -> "Reached":
        """One epoch more, and how good the network was after it."""
        if value > self.best_value:
            return Reached(epochs, value, epochs, value)
        return replace(self, epochs=epochs, value=value)


class Checkpoints:
    """Of one training; in memory alone where there is no folder."""

    def __init__(self, folder: Path | None, say: Callable[[str], None]) -> None:
        """folder: named after all that decides what is learned, so that it is of no other."""
        self._folder, self._say = folder, say
        self._best: Sequence[NDArray[Any]] = ()

    def restore(self, network: Any) -> Reached:
        """Give a network that is compiled the numbers of the last epoch that was kept, if any."""
        if self._folder is None or not (self._folder / PROGRESS).is_file():
            return Reached()
        try:
            reached = Reached(**json.loads((self._folder / PROGRESS).read_text(encoding="utf-8")))
            best = _read(self._folder / f"best-{reached.best_epoch}.npz")
            last = _read(self._folder / f"{reached.epochs}.npz")
        except DAMAGED as error:
            self._say(f"What was kept in {self._folder} is damaged ({error}): it begins anew.")
            return Reached()
        self._best = best
        _set_numbers(network, last)
        return reached

    def keep(self, network: Any, reached: Reached) -> None:
        """A disk that is full costs what a kill would lose, and not the training."""
        numbers = _numbers(network)
        if reached.best_epoch == reached.epochs:
            self._best = numbers
        if self._folder is None:
            return
        try:
            _write(self._folder, numbers, reached)
        except OSError as error:
            self._say(
                f"What was learned so far cannot be kept in {self._folder} ({error.strerror}): "
                "a run that is killed now begins anew."
            )
            self.remove()
            self._folder = None

    def restore_best(self, network: Any) -> None:
        if self._best:
            _set_numbers(network, self._best)

    def remove(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def folder_of(
    training_folder: Path, handle: str, about: str, arrays: Iterable[NDArray[Any]]
) -> Path:
    """Named after the model and the digest of `about` and `arrays`.

    Folders of trainings that nobody has gone on with for a week are removed.
    """
    digest = hashlib.sha256(about.encode())
    for array in arrays:
        digest.update(np.ascontiguousarray(array).data)
    for path in training_folder.glob(f"*/{PROGRESS}"):
        with suppress(OSError):
            if time.time() - path.stat().st_mtime > UNUSED_SECONDS:
                shutil.rmtree(path.parent, ignore_errors=True)
    return training_folder / f"{handle}-{digest.hexdigest()[:16]}"


def _write(folder: Path, numbers: list[NDArray[Any]], reached: Reached) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    last = folder / f"{reached.epochs}.npz"
    best = folder / f"best-{reached.best_epoch}.npz"
    np.savez(last, *numbers)
    if reached.best_epoch == reached.epochs:
        np.savez(best, *numbers)
    written = folder / f"{PROGRESS}.new"
    written.write_text(json.dumps(asdict(reached)), encoding="utf-8")
    written.replace(folder / PROGRESS)
    for path in folder.glob("*.npz"):
        if path not in (last, best):
            path.unlink()


def _variables(network: Any) -> list[Any]:
    return [*network.variables, *network.optimizer.variables]


def _numbers(network: Any) -> list[NDArray[Any]]:
    return [np.asarray(variable.value).copy() for variable in _variables(network)]


def _set_numbers(network: Any, numbers: Sequence[NDArray[Any]]) -> None:
    for variable, value in zip(_variables(network), numbers, strict=True):
        variable.assign(value)


def _read(path: Path) -> list[NDArray[Any]]:
    # Numpy leaves a file open in which it finds no archive.
    with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        return [arrays[f"arr_{place}"] for place in range(len(arrays.files))]
