"""Input tables of the nights of a small platform: much the same, never quite."""

import random
from dataclasses import dataclass
from pathlib import Path

from generator.synthetic.synthesize import synthesize

USERS, COURSES = 120, 150
NIGHTS = 3


@dataclass(frozen=True)
class Nights:
    folders: list[Path]

    @classmethod
    def synthesized(cls, folder: Path) -> "Nights":
        """Each night another one in twenty rows is missing."""
        synthesize(folder / "all", USERS, COURSES, seed=5)
        return cls([_without_some_rows(folder, night) for night in range(NIGHTS)])

    def __getitem__(self, night: int) -> str:
        return str(self.folders[night % len(self.folders)])


def _without_some_rows(folder: Path, night: int) -> Path:
    chance = random.Random(night)
    target = folder / f"night-{night}"
    target.mkdir()
    for table in (folder / "all").glob("*.csv"):
        header, *rows = table.read_text().splitlines(keepends=True)
        kept = [row for row in rows if chance.random() > 0.05]
        (target / table.name).write_text("".join([header, *kept]))
    return target
