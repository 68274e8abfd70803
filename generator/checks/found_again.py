"""Whether the users and courses of a generation are in the next one: only they are compared."""

from collections.abc import Mapping

from generator.checks.sample import ListSample
from shared.kinds import Entity
from shared.records import COURSE_FACTS, FORMAT, SEEN, HandleType, Manifest, Section
from shared.stores import Store

SECTIONS: Mapping[Entity, Section] = {"user": SEEN, "course": COURSE_FACTS}
"""Entity -> the section with a row of each."""
HANDLES_LOOKED_UP = 500
ENOUGH_EXPECTED = 20
"""Of the sample, if all were found: where the new generation is so much larger, it says little."""


def shares_found_again(
    new: Manifest, old: Manifest | None, sample: ListSample, store: Store
) -> dict[Entity, float]:
    """Of the users and of the courses of `old`, about which share `new` has.

    The sample is of `new`, so what is counted is how many of it `old` has.
    """
    if old is None or old.format != FORMAT:
        return {}
    shares: dict[Entity, float] = {}
    for entity, section in SECTIONS.items():
        handles = sample.subjects(entity)[:HANDLES_LOOKED_UP]
        now, then = count_of(new, entity), old.row_counts.get(section, 0)
        if not then or len(handles) * min(then / max(now, 1), 1) < ENOUGH_EXPECTED:
            continue
        rows = store.get_many(old.tenant, old.generation, [(section, h) for h in handles])
        shares[entity] = len(rows) / len(handles) * now / then
    return shares


def count_of(manifest: Manifest, entity: Entity) -> int:
    return manifest.users if entity == "user" else manifest.courses


def handle_type_of(manifest: Manifest, entity: Entity) -> HandleType:
    return manifest.user_handle_type if entity == "user" else manifest.course_handle_type
