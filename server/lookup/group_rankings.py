"""Rankings that are the same for everybody, or for all of a group."""

from collections.abc import Sequence
from typing import Any

from server.problems import Problem
from server.reading.live_view import LiveGeneration
from shared.records import RANKINGS, Handle, ListRow, group_key, handle_key, is_handle, list_section


def ranking_of(live: LiveGeneration, model_handle: str, group: str | None) -> dict[str, Any]:
    """`group`: None for everybody. Raises Problem if the model ranks neither for everybody nor for
    groups, or ranks nothing for such a group."""
    _check_ranks(live, model_handle)
    if group is None and model_handle in live.manifest.rankings:
        ranking = live.manifest.rankings[model_handle]
        return _answer(live, model_handle, None, ranking.courses, ranking.scores)
    key = list_section(RANKINGS, model_handle), group_key(group or "")
    row = live.rows([key]).get(key) if is_handle(key[1]) else None
    if not isinstance(row, ListRow):
        raise Problem("unknown-group", _unknown(live, model_handle, group))
    return _answer(live, model_handle, group, row.entries, row.scores)


def _unknown(live: LiveGeneration, model_handle: str, group: str | None) -> str:
    without = ", or without a group" if model_handle in live.manifest.rankings else ""
    asked = "everybody" if group is None else handle_key(group)
    return (
        f"Model {handle_key(model_handle)} ranks nothing for {asked}: ask for level/NAME, "
        f"tag/NAME, segment/COLUMN/VALUE or interest/TAG{without}. A run with GROUP_RANKINGS makes "
        "those that the model has, of segments of ten users or more."
    )


def _check_ranks(live: LiveGeneration, model_handle: str) -> None:
    valid = list(dict.fromkeys([*live.manifest.rankings, *models_ranking_groups(live)]))
    if model_handle not in valid:
        cure = f"use one of: {', '.join(valid)}" if valid else "no model does"
        raise Problem(
            "unknown-model",
            f"Model {handle_key(model_handle)} has no ranking for everybody or for groups in "
            f"generation {live.generation}; {cure}.",
            valid_model_handles=valid,
        )


def models_ranking_groups(live: LiveGeneration) -> list[str]:
    """Handles of the models with a ranking of any group."""
    rows = live.manifest.row_counts
    handles = (card.model_handle for card in live.manifest.served_models)
    return [handle for handle in handles if rows.get(list_section(RANKINGS, handle))]


def _answer(
    live: LiveGeneration,
    model_handle: str,
    group: str | None,
    courses: Sequence[Handle],
    scores: Sequence[float],
) -> dict[str, Any]:
    asked = {"model_handle": model_handle, "group": group, "generation": live.generation}
    return asked | {"courses": list(courses), "scores": list(scores)}
