"""The contract of every log of events: append, and read in the order of arrival."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

from shared.events.event import Event
from shared.records import Handle

START = 0
"""The cursor before the first event."""


@dataclass(frozen=True, slots=True)
class Page:
    """Events in the order of their arrival."""

    events: Sequence[Event]
    cursor: int
    """What to read on from: that of the last event, or the one that was asked from."""


EVENTS_PER_PAGE = 10_000


class EventLog(ABC):
    """Of all tenants, each apart.

    Every method raises StoreUnavailable where it cannot be reached, read or written.
    """

    reads_are_local: ClassVar[bool] = False
    """Whether a look takes no longer than the lookup that it is for."""

    @classmethod
    @abstractmethod
    def from_url(cls, store_url: str) -> Self:
        """Raises SettingsError."""

    @abstractmethod
    def append(self, tenant: str, events: Sequence[Event]) -> list[bool]:
        """Keep them; returns when they would survive a power failure. Where it fails, none of them
        is kept, or the first ones, if a backend says so.

        Of each whether it is new: one whose id was seen before, here or in the log, changes
        nothing.
        """

    @abstractmethod
    def read_since(self, tenant: str, cursor: int, limit: int) -> Page:
        """The next events after `cursor`, at most `limit`. An event that is kept later has a later
        cursor, whoever wrote it."""

    def read_all(self, tenant: str) -> Iterator[Event]:
        """Every event there is, in the order of arrival."""
        cursor = START
        while (page := self.read_since(tenant, cursor, EVENTS_PER_PAGE)).events:
            yield from page.events
            cursor = page.cursor

    @abstractmethod
    def has_changed(self, tenant: str) -> bool:
        """Whether anything was kept or erased, by anybody, since this thread asked last; True the
        first time that there is a log. Every lookup asks."""

    @abstractmethod
    def users_since(self, tenant: str, cursor: int) -> tuple[Sequence[Handle], int]:
        """Whoever did something after `cursor`, each once, and the cursor of the last event."""

    @abstractmethod
    def of_user(self, tenant: str, user: Handle, limit: int) -> list[Event]:
        """A user's events, the last to arrive first."""

    @abstractmethod
    def size(self, tenant: str) -> int:
        """About how many are kept."""

    @abstractmethod
    def last_cursor(self, tenant: str) -> int:
        """That of the last event, or one after which all new ones come; START before the first."""

    @abstractmethod
    def erasures(self, tenant: str) -> int:
        """How often events were dropped or forgotten: another number than before says that what was
        read may be gone."""

    @abstractmethod
    def drop_through(self, tenant: str, cursor: int) -> int:
        """Forget the events up to this cursor; how many. Their ids are forgotten too."""

    @abstractmethod
    def forget(self, tenant: str, user: Handle) -> int:
        """Erase what there is of a user; how many events."""

    @abstractmethod
    def close(self) -> None: ...
