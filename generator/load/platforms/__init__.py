"""The exports of learning platforms, each read by a module of its own: `--platform NAME`."""

from collections.abc import Sequence
from importlib import import_module
from typing import Protocol, cast

from generator.load.platforms.export import Export
from generator.validation.raw_table import RawTable
from shared.errors import SettingsError

PLATFORMS = (
    "openedx",
    "xapi",
    "caliper",
    "moodle",
    "canvas",
    "oneroster",
    "oulad",
    "personalize",
    "gorse",
    "recbole",
    "movielens",
)


class Platform(Protocol):
    """What a module in here has, under the platform's name."""

    def read(self, export: Export) -> list[RawTable]:
        """Our tables, perhaps one of them in several parts; every row of every file that was read
        is in one of them, set aside, or left out. Raises DataError if the export lacks what it
        needs."""

    def recognises(self, export: Export) -> bool:
        """Whether these look like files of this platform, by names and first rows alone."""


def platform_of(name: str) -> Platform:
    """Raises SettingsError if there is none of that name."""
    if name not in PLATFORMS:
        raise SettingsError(f"There is no platform {name!r}: expected {', '.join(PLATFORMS)}.")
    return cast(Platform, import_module(f"generator.load.platforms.{name}"))


def recognised(export: Export, among: Sequence[str] = PLATFORMS) -> str:
    """The first platform that takes the export for its own; empty if none does."""
    return next((name for name in among if platform_of(name).recognises(export)), "")
