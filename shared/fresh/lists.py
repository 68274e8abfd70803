"""The contract of every store of fresh lists.

    generation   user 7: [a, b, c]   user 8: [b, d, e]   user 9: [a, c, f]      never changes
    fresh lists                      user 8: [e, a, f]                          lie over it

They belong to the generation that they lie over: another one that goes live leaves them behind, and
they go when it goes: the store removes both.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import NamedTuple, Self

from shared.records import Handle, Key, Row, Text


@dataclass(frozen=True, slots=True)
class FreshText:
    text: Text
    """As `ListRow.to_json` makes it."""
    made_at: str
    """ISO 8601 in UTC, to the millisecond."""


class Made(NamedTuple):
    """When a list was made. Clocks may go back, and numbers do not."""

    number: int
    """Of the write, from 1 on."""
    at: str


FreshTexts = Mapping[Key, FreshText]


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the events are that the fresh lists of a generation are made from."""

    cursor: int
    """Of the log of events: all up to it are in."""
    made_at: str


class FreshLists(ABC):
    """Of all tenants, each apart. Every method raises StoreUnavailable where it cannot be reached,
    read or written."""

    @classmethod
    @abstractmethod
    def from_url(cls, store_url: str) -> Self:
        """Raises SettingsError."""

    @abstractmethod
    def lock(self, tenant: str) -> AbstractContextManager[None]:
        """Keep others from refreshing this tenant; it ends with the process that holds it, however
        that ends. Raises LockHeld."""

    @abstractmethod
    def progress(self, tenant: str, generation: str) -> Progress | None:
        """None before the first time."""

    @abstractmethod
    def write(self, tenant: str, generation: str, rows: Iterable[Row], progress: Progress) -> int:
        """Put these lists over older ones and note how far they are, all at once or not at all;
        how many."""

    @abstractmethod
    def get_many(self, tenant: str, generation: str, keys: Sequence[Key]) -> FreshTexts:
        """Those that are there."""

    @abstractmethod
    def has_any(self, tenant: str, generation: str) -> bool:
        """Whether anything was ever written over it."""

    @abstractmethod
    def has_changed(self, tenant: str, generation: str) -> bool:
        """Whether anything was written or removed, by anybody, since this thread asked last; True
        the first time that there is something. Every lookup asks."""

    @abstractmethod
    def made_since(self, tenant: str, generation: str, number: int) -> Mapping[Handle, Made]:
        """Whose lists were made by later writes than that of this number, and by which last."""

    @abstractmethod
    def size(self, tenant: str, generation: str) -> int:
        """How many lists there are."""

    @abstractmethod
    def forget(self, tenant: str, user: Handle) -> int:
        """Remove the lists of a user from all generations, and other users' lists that name them;
        how many."""

    @abstractmethod
    def close(self) -> None: ...
