"""What the commands are given to work with, so that run_generator.py alone decides it."""

from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

from generator.process.progress import Reporter
from shared.errors import SettingsError
from shared.events import EventLog, open_log
from shared.fresh import FreshLists, open_fresh
from shared.settings import GeneratorSettings, placed, store_placed
from shared.stores import Store, importing

Found = TypeVar("Found")


class Wiring:
    def __init__(
        self, load_settings: Callable[..., GeneratorSettings], open_store: Callable[[str], Store]
    ) -> None:
        self._load_settings = load_settings
        self._open_store = open_store
        self.reporter = Reporter()
        self._overrides: dict[str, Any] = {}
        self._quiet = False

    def read_settings(
        self, via: str | None = None, quiet: bool | None = None, **overrides: Any
    ) -> None:
        """`via` is a folder in S3 from which the store shall import its lists; `quiet` has a run
        say what it came to and nothing else.

        A command that has options of the whole program itself calls this again; they win.
        """
        self._overrides |= {name: value for name, value in overrides.items() if value is not None}
        # Settings are relative to the project, but what is typed to where it is typed.
        for name, place in (("data_url", placed), ("store_url", store_placed)):
            if name in self._overrides:
                self._overrides[name] = place(self._overrides[name], Path.cwd())
        self.settings = self._load_settings(**self._overrides)
        self._quiet = self._quiet if quiet is None else quiet
        self.reporter.speak(self.settings.log_format, self._quiet)
        if via:
            store_url = importing(self.settings.store_url, via)
            self.settings = self.settings.model_copy(update={"store_url": store_url})

    @cached_property
    def store(self) -> Store:
        """Opened when first asked for: some commands need no store."""
        return self._open_store(self.settings.store_url)

    @cached_property
    def log(self) -> EventLog | None:
        """Of events, beside the store; None where its backend has none."""
        return open_log(self.settings.store_url)

    @property
    def event_log(self) -> EventLog:
        """As `log`. Raises SettingsError where there is none."""
        return _kept(self.log, "events; SQLite and DynamoDB do")

    @cached_property
    def fresh(self) -> FreshLists | None:
        """Lists over those of the store; None where its backend has none."""
        return open_fresh(self.settings.store_url)

    @property
    def fresh_lists(self) -> FreshLists:
        """As `fresh`. Raises SettingsError where there are none."""
        return _kept(self.fresh, "fresh lists; SQLite does")

    def name_unreadable(self) -> None:
        """Say which generations of the tenant a command passes over."""
        for generation in self.store.unreadable(self.settings.tenant):
            self.reporter.warn(
                f"the manifest of generation {generation} cannot be read, so it is passed "
                "over. If a newer version of Kindred wrote it, that one can read it."
            )


def _kept(found: Found | None, what: str) -> Found:
    if found is None:
        raise SettingsError(f"STORE_URL names a store that keeps no {what}.")
    return found
