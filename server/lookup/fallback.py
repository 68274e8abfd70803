"""Courses for users to whom the asked model gives none: those of the generation's fallbacks."""

from collections.abc import Sequence
from dataclasses import dataclass

from server.lookup.stored import lists_of
from server.reading.live_view import LiveGeneration
from shared.kinds import RECOMMENDATIONS
from shared.records import Handle, ListRow


@dataclass(frozen=True, slots=True)
class Filler:
    """What one fallback has for a user."""

    name: str
    """The first word of the model's handle: popular of popular_course_view."""
    row: ListRow


def fillers(
    live: LiveGeneration, users: Sequence[Handle], without: str
) -> dict[Handle, list[Filler]]:
    """For each of these known users the lists of the fallbacks, in the order of the manifest.

    `without`: the asked model, which is no fallback for itself.
    """
    found: dict[Handle, list[Filler]] = {user: [] for user in users}
    for model_handle in live.manifest.fallbacks:
        card = live.cards.get(model_handle)
        if card is None or model_handle == without:
            continue
        for user, row in lists_of(live, card, RECOMMENDATIONS, users).items():
            found[user].append(Filler(model_handle.partition("_")[0], row))
    return found


def rankings_for_everybody(live: LiveGeneration) -> list[Filler]:
    """The same for a user of whom the generation knows nothing."""
    rankings = live.manifest.rankings
    return [
        Filler(
            handle.partition("_")[0],
            ListRow(
                RECOMMENDATIONS.name, "", handle, rankings[handle].courses, rankings[handle].scores
            ),
        )
        for handle in live.manifest.fallbacks
        if handle in rankings
    ]
