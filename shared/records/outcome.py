"""How the last run of the generator for a tenant ended."""

from dataclasses import dataclass
from typing import Self

import orjson
from pydantic import TypeAdapter


@dataclass(slots=True)
class RunOutcome:
    ended_at: str
    exit_code: int
    """With which run_generator.py ended."""
    generation: str = ""
    """The one that it published, held or found unchanged; "" if it came to none."""

    def to_json(self) -> bytes:
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Fields that this version does not know are passed over. Raises ValueError."""
        return _RUN_OUTCOME.validate_json(text)  # type: ignore[return-value]


_RUN_OUTCOME = TypeAdapter(RunOutcome)
