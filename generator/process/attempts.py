"""Work whose failure is no reason to stop the rest."""

import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from shared.errors import KindredError, ModelError


@dataclass
class Attempt:
    failed: str | None = None
    """Why, in words, if it did."""


@contextmanager
def attempt(say: Callable[[str], None]) -> Iterator[Attempt]:
    """Swallows whatever one model stumbles over, since the others can run; its traceback is said.

    Other errors of Kindred, such as those of the store, concern all of them and go on.
    """
    outcome = Attempt()
    try:
        yield outcome
    except ModelError as error:
        outcome.failed = str(error)
    except KindredError:
        raise
    except Exception as error:
        outcome.failed = f"{type(error).__name__}: {error}"
        say(traceback.format_exc())
