"""Rankings that are the same for everybody, or for all of a group."""

from collections.abc import Sequence
from typing import Any

from server.problems import Problem
from server.reading.live_view import LiveGeneration
from shared.records import RANKINGS, Handle, ListRow, group_key, handle_key, is_handle, list_section


def ranking_of(live: LiveGeneration, model_handle: str, group: str | None) -> dict[str, Any]:
    """`group`: None for everybody. Raises Problem if the model is not one that ranks alike for
    everybody, or ranks nothing for such a group."""
    _check_ranks(live, model_handle)
    if group is None:
        ranking = live.manifest.rankings[model_handle]
        return _answer(live, model_handle, None, ranking.courses, ranking.scores)
    key = list_section(RANKINGS, model_handle), group_key(group)
    row = live.rows([key]).get(key) if is_handle(key[1]) else None
    if not isinstance(row, ListRow):
        raise Problem(
            "unknown-group",
            f"Model {handle_key(model_handle)} ranks nothing for {handle_key(group)}: ask for "
            "level/NAME, tag/NAME or segment/COLUMN/VALUE, or without a group. A run with "
            "GROUP_RANKINGS makes them, of segments of ten users or more.",
        )
    return _answer(live, model_handle, group, row.entries, row.scores)


def _check_ranks(live: LiveGeneration, model_handle: str) -> None:
    valid = list(live.manifest.rankings)
    if model_handle not in valid:
        cure = f"use one of: {', '.join(valid)}" if valid else "no model does"
        raise Problem(
            "unknown-model",
            f"Model {handle_key(model_handle)} has no ranking for everybody in generation "
            f"{live.generation}; {cure}.",
            valid_model_handles=valid,
        )


def _answer(
    live: LiveGeneration,
    model_handle: str,
    group: str | None,
    courses: Sequence[Handle],
    scores: Sequence[float],
) -> dict[str, Any]:
    asked = {"model_handle": model_handle, "group": group, "generation": live.generation}
    return asked | {"courses": list(courses), "scores": list(scores)}
