"""Names in `.env` that are no settings, but look as if they were meant to be one."""

from difflib import get_close_matches
from pathlib import Path

from dotenv import dotenv_values

from shared.settings.example_env import SIDES
from shared.settings.places import PROJECT

LIKENESS = 0.8


def misspelt(path: Path = PROJECT / ".env") -> list[str]:
    """A sentence for each such name; other programs' variables are passed over."""
    known = {name for side in SIDES.values() for name in side.model_fields}
    written = [name for name in dotenv_values(path, interpolate=False) if name.lower() not in known]
    close = {name: get_close_matches(name.lower(), known, 1, LIKENESS) for name in written}
    return [
        f"{name} in {path} is no setting of Kindred and is passed over; {meant[0].upper()} is one."
        for name, meant in close.items()
        if meant
    ]
