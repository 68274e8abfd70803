"""What is kept of a training after each epoch, so that a killed one goes on from there.

FOLDER/progress.json           how far it is; written last, so that the rest is whole
FOLDER/EPOCH.weights.h5        weights and what the optimizer remembers
FOLDER/best-EPOCH.weights.h5   of the best epoch so far
"""

import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

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
        if value > self.best_value:
            return Reached(epochs, value, epochs, value)
        return replace(self, epochs=epochs, value=value)


class Checkpoints:
    """Of one training; in memory alone where there is no folder."""

    def __init__(self, folder: Path | None) -> None:
        """folder: named after all that decides what is learned, so that it is of no other."""
        self._folder = folder
        self._best: list[Any] = []

    def restore(self, network: Any) -> Reached:
        """Give a network that is compiled the weights of the last epoch that was kept, if any."""
        if self._folder is None or not (self._folder / PROGRESS).is_file():
            return Reached()
        reached = Reached(**json.loads((self._folder / PROGRESS).read_text(encoding="utf-8")))
        network.load_weights(_weights(self._folder, f"best-{reached.best_epoch}"))
        self._best = network.get_weights()
        network.load_weights(_weights(self._folder, reached.epochs))
        return reached

    def keep(self, network: Any, reached: Reached) -> None:
        is_best = reached.best_epoch == reached.epochs
        if is_best:
            self._best = network.get_weights()
        if self._folder is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        last = _weights(self._folder, reached.epochs)
        best = _weights(self._folder, f"best-{reached.best_epoch}")
        network.save_weights(last)
        if is_best:
            network.save_weights(best)
        written = self._folder / f"{PROGRESS}.new"
        written.write_text(json.dumps(asdict(reached)), encoding="utf-8")
        written.replace(self._folder / PROGRESS)
        for path in self._folder.glob("*.weights.h5"):
            if path not in (last, best):
                path.unlink()

    def restore_best(self, network: Any) -> None:
        if self._best:
            network.set_weights(self._best)

    def remove(self) -> None:
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)


def _weights(folder: Path, name: int | str) -> Path:
    return folder / f"{name}.weights.h5"
