"""How long to keep trying something that failed and may soon work."""

import random
import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Patience:
    """Bounds on one call to a backend: attempts, the pauses between them, and each one's timeouts.

    The pause after attempt i is drawn from 0 to min(longest_pause, first_pause * 2^i): full
    jitter, which spreads clients that failed together (M. Brooker, AWS Architecture Blog, 2015).
    """

    attempts: int
    first_pause_seconds: float
    longest_pause_seconds: float
    connect_timeout_seconds: float
    read_timeout_seconds: float


class Backoff:
    """The attempts at one thing, counted."""

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.attempts = 1

    def pause(self) -> bool:
        """Sleep before another attempt; False, at once, if all attempts were made."""
        if self.attempts >= self._patience.attempts:
            return False
        ceiling = self._patience.first_pause_seconds * 2 ** (self.attempts - 1)
        time.sleep(
            random.uniform(0, min(ceiling, self._patience.longest_pause_seconds))  # noqa: S311
        )
        self.attempts += 1
        return True

    def restart(self) -> None:
        """Count from the start again: something was achieved."""
        self.attempts = 1


class Pauses:
    """Pauses between looks at something that takes long, ever longer ones, for so many seconds."""

    def __init__(self, seconds: float, longest_pause_seconds: float = 20) -> None:
        self._deadline = time.monotonic() + seconds
        self._longest_pause_seconds = longest_pause_seconds
        self._next_pause_seconds = 0.05

    def pause(self) -> bool:
        """Sleep before another look; False, at once, if the time is up."""
        if time.monotonic() > self._deadline:
            return False
        time.sleep(self._next_pause_seconds)
        self._next_pause_seconds = min(1.5 * self._next_pause_seconds, self._longest_pause_seconds)
        return True
