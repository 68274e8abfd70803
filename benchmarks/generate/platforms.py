"""The reference platform, whole or a part of it, synthesized once and kept."""

from pathlib import Path

from generator.synthetic.synthesize import synthesize

USERS = 267_000
COURSES = 395_000
VIEWS = 2_800_000
REFERENCE = "reference"


def platform(folder: Path, scale: float, seed: int, shape: str) -> Path:
    """The folder of the tables; `shape` is "reference" or what `synthesize --extreme` takes."""
    tables = folder / f"{shape}-{scale:g}-{seed}"
    done = tables / "complete"
    if not done.exists():
        print(f"Synthesizing {tables} ...", flush=True)
        synthesize(
            tables,
            users=round(USERS * scale),
            courses=round(COURSES * scale),
            views=round(VIEWS * scale),
            seed=seed,
            extreme=None if shape == REFERENCE else shape,
        )
        done.touch()
    return tables
