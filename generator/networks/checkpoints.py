"""What is kept of a training after each epoch, so that a killed one goes on from there.

FOLDER/progress.json   how far it is; written last, so that the rest is whole
FOLDER/EPOCH.npz       all numbers after that epoch: weights, and what the optimizer remembers
FOLDER/best-EPOCH.npz  likewise after the best one so far
"""

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

PROGRESS = "progress.json"


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

    def __init__(self, folder: Path | None) -> None:
        """folder: named after all that decides what is learned, so that it is of no other."""
        self._folder = folder
        self._best: Sequence[NDArray[Any]] = ()

    def restore(self, network: Any) -> Reached:
        """Give a network that is compiled the numbers of the last epoch that was kept, if any."""
        if self._folder is None or not (self._folder / PROGRESS).is_file():
            return Reached()
        reached = Reached(**json.loads((self._folder / PROGRESS).read_text(encoding="utf-8")))
        self._best = _read(self._folder / f"best-{reached.best_epoch}.npz")
        _set_numbers(network, _read(self._folder / f"{reached.epochs}.npz"))
        return reached

    def keep(self, network: Any, reached: Reached) -> None:
        is_best = reached.best_epoch == reached.epochs
        if is_best:
            self._best = _numbers(network)
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        last = self._folder / f"{reached.epochs}.npz"
        best = self._folder / f"best-{reached.best_epoch}.npz"
        np.savez(last, *_numbers(network))
        if is_best:
            np.savez(best, *self._best)
        written = self._folder / f"{PROGRESS}.new"
        written.write_text(json.dumps(asdict(reached)), encoding="utf-8")
        written.replace(self._folder / PROGRESS)
        for path in self._folder.glob("*.npz"):
            if path not in (last, best):
                path.unlink()

    def restore_best(self, network: Any) -> None:
        if self._best:
            _set_numbers(network, self._best)

    def remove(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _variables(network: Any) -> list[Any]:
    network.optimizer.build(network.trainable_variables)
    return [*network.variables, *network.optimizer.variables]


def _numbers(network: Any) -> list[NDArray[Any]]:
    return [np.asarray(variable.value).copy() for variable in _variables(network)]


def _set_numbers(network: Any, numbers: Sequence[NDArray[Any]]) -> None:
    for variable, value in zip(_variables(network), numbers, strict=True):
        variable.assign(value)


def _read(path: Path) -> list[NDArray[Any]]:
    with np.load(path, allow_pickle=False) as arrays:
        return [arrays[f"arr_{place}"] for place in range(len(arrays.files))]
