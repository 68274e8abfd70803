"""How a run ended, kept in the store so that servers can tell who watches them."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from shared.clock import utc_now
from shared.errors import KindredError, LockHeld, StoreError, StoreUnavailable
from shared.records import RunOutcome
from shared.stores import Store


@contextmanager
def noted_outcome(store: Store, tenant: str) -> Iterator[RunOutcome]:
    """Note how the block ends; it may say of which generation.

    Not of a run that found another at work, whose outcome counts, nor where the store is away: on a
    full disk even this record would take the room that `rollback` may need.
    """
    outcome = RunOutcome("", 0)
    try:
        yield outcome
    except (LockHeld, StoreUnavailable):
        raise
    except Exception as error:
        outcome.exit_code = error.exit_code if isinstance(error, KindredError) else 1
        _note(store, tenant, outcome)
        raise
    _note(store, tenant, outcome)


def _note(store: Store, tenant: str, outcome: RunOutcome) -> None:
    outcome.ended_at = utc_now().isoformat()
    # The lists are live, or not, by now: nobody's night fails because this could not be noted.
    with suppress(StoreError):
        store.note_outcome(tenant, outcome)
