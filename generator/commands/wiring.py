"""What the commands are given to work with, so that run_generator.py alone decides it."""

from collections.abc import Callable
from functools import cached_property
from typing import Any

from generator.progress import Reporter
from shared.settings import Settings
from shared.stores import Store


class Wiring:
    def __init__(
        self, load_settings: Callable[..., Settings], open_store: Callable[[str], Store]
    ) -> None:
        self._load_settings = load_settings
        self._open_store = open_store
        self.reporter = Reporter()

    def read_settings(self, **overrides: Any) -> None:
        self.settings = self._load_settings(**overrides)

    @cached_property
    def store(self) -> Store:
        """Opened when first asked for: some commands need no store."""
        return self._open_store(self.settings.store_url)
