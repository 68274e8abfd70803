"""How a model runs, apart from what it is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class RunOptions:
    """How to run, apart from what a model is: none of it may change a list, except the seed.

    Models share their work out among `threads` themselves: BLAS keeps to one.
    """

    seed: int = 42
    threads: int = 1
    memory_budget_bytes: int = 2**31
    progress: Callable[[int, int], None] = field(default=lambda done, total: None)
    """Called with steps done and steps in all while a model is fitted."""
    say: Callable[[str], None] = field(default=lambda text: None)
    """Called with a sentence that the reader of the log should see."""
    vectors_folder: Path | None = None
    """Where encoders, and the vectors that they made, are kept between runs; None keeps none."""
    thumbnails_folder: Path | None = None
    """Where pictures are as thumbnails; None takes what the data says as paths of this machine."""
    vectors_bytes: int = 2**31
    """What the vectors in there may take."""
    training_folder: Path | None = None
    """Where networks are kept while they are trained, for a killed run to go on; None: nowhere."""

    @property
    def limits(self) -> dict[str, int]:
        """What every product takes of it, as keywords."""
        return {"threads": self.threads, "memory_budget_bytes": self.memory_budget_bytes}
