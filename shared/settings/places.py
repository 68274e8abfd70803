"""Where relative paths lead: settings from the project, so that no command, cron job or service
finds other files because it was started in another folder; what is typed, from where it is typed.
"""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

PROJECT = Path(__file__).resolve().parents[2]
"""The folder of run_generator.py and run_server.py."""
_SQLITE = "sqlite:///"


def placed(place: str, folder: Path = PROJECT) -> str:
    """A path as an absolute one; empty text, addresses and absolute paths stay as they are."""
    return place if not place or "://" in place else str(folder / place)


def store_placed(url: str, folder: Path = PROJECT) -> str:
    """The same of a STORE_URL, in which sqlite:/// is followed by a path."""
    path = url.removeprefix(_SQLITE)
    return url if path == url or not path else _SQLITE + placed(path, folder)


def as_written(place: str) -> str:
    """For people: what lies in the project without the way there."""
    return place.replace(f"{PROJECT}/", "", 1)


Place = Annotated[str, AfterValidator(placed)]
"""A path or an address; a relative path is one in the project."""
StoreURL = Annotated[str, AfterValidator(store_placed)]
