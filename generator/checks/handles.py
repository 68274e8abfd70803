"""Handles that are not what they were: callers would find nobody by those they know."""

from collections.abc import Iterator

from generator.checks.found_again import SECTIONS, count_of, handle_type_of
from generator.checks.likeness import ENOUGH_SUBJECTS
from generator.checks.past import Past
from shared.records import Manifest
from shared.settings import GeneratorSettings

KIND_OF_HANDLE = {"int": "integers", "str": "text"}


def changed_handles(new: Manifest, past: Past, settings: GeneratorSettings) -> Iterator[str]:
    """A sentence where their type differs from the live ones, or few live ones are found again.

    What is like the generation before the live one repairs a bad one, and passes.
    """
    if past.live is None:
        return
    least = settings.gate_min_found_again
    for entity in SECTIONS:
        if past.before_found_again.get(entity, 0.0) > least:
            continue
        now, then = handle_type_of(new, entity), handle_type_of(past.live, entity)
        found, count = past.found_again.get(entity, 1.0), count_of(past.live, entity)
        if now != then:
            yield (
                f"Handles of {entity}s are {KIND_OF_HANDLE[now]}, and live ones are "
                f"{KIND_OF_HANDLE[then]}, by which no caller would find them: "
                f"{entity.upper()}_HANDLE_TYPE=auto keeps what is live."
            )
        elif found < least and count >= ENOUGH_SUBJECTS:
            yield (
                f"Of the {count:,} {entity}s that are live about {found:.0%} are found again, less "
                f"than GATE_MIN_FOUND_AGAIN ({least:.0%}): have their handles changed?"
            )
