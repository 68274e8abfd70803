"""Why there is no list: which model or user was meant, and what the caller can do."""

from collections.abc import Sequence
from typing import Literal

import orjson

from server.problems import Problem
from server.reading.live_view import LiveGeneration
from shared.records import SEEN_POPULAR, Handle, ModelCard, UserLists, is_handle

Task = Literal["similar_users", "recommendations"]

TASK_NAMES: dict[Task, str] = {
    "similar_users": "similar users",
    "recommendations": "recommendations",
}


def find_card(live: LiveGeneration, task: Task, asked: str | None) -> ModelCard:
    """The card of the asked model, or of the default one.

    Raises Problem, with the handles that would do, if that model gives no such lists.
    """
    manifest = live.manifest
    model_handle = asked or manifest.default_model_handle
    card = live.cards.get(model_handle)
    if card is not None and task in card.serves:
        return card

    called = f"Model {_json(model_handle)}"
    if asked is None:
        called = f"The default model, {_json(model_handle)},"
    valid = [c.model_handle for c in manifest.served_models if task in c.serves]
    cure = f"use one of: {', '.join(valid)}" if valid else f"no model gives {TASK_NAMES[task]} now"
    skipped = next((c for c in manifest.models if c.model_handle == model_handle), None)
    if card is not None:
        gives = " and ".join(name for t, name in TASK_NAMES.items() if t in card.serves)
        kind, cause = "model-without-task", f"gives {gives or 'no lists'}, not {TASK_NAMES[task]}"
    elif skipped is not None:
        kind, cause = "model-skipped", f"did not run for this generation ({skipped.skipped})"
    else:
        kind, cause = "unknown-model", f"is not in generation {live.generation}"
    raise Problem(kind, f"{called} {cause}; {cure}.", valid_model_handles=valid)


def explain_absence(
    live: LiveGeneration, model_handle: str, user_handles: Sequence[Handle]
) -> dict[Handle, Problem]:
    """Why the model has no similar users for these; costs a read per model, but is seldom asked."""
    by_model = {
        card.model_handle: live.lists(card.model_handle, user_handles)
        for card in live.manifest.served_models
        if card.model_handle != model_handle
    }
    known = set(live.lists(SEEN_POPULAR, user_handles)).union(*by_model.values())
    return {
        handle: _without_lists(live, model_handle, handle, by_model)
        if handle in known
        else unknown_user(live, handle)
        for handle in user_handles
    }


def unknown_user(live: LiveGeneration, handle: Handle) -> Problem:
    cure = _type_hint(live, handle) or "New users appear after the next run of the generator."
    return Problem(
        "unknown-user",
        f"User {_json(handle)} is in no list of generation {live.generation}. {cure}",
    )


def _without_lists(
    live: LiveGeneration,
    model_handle: str,
    handle: Handle,
    by_model: dict[str, dict[Handle, UserLists]],
) -> Problem:
    helpful = [m for m, rows in by_model.items() if handle in rows and rows[handle].similar_users]
    cure = f"ask one of: {', '.join(helpful)}" if helpful else "no other model has any either"
    card = live.cards.get(model_handle)
    needs = " and ".join(card.needs) if card else "other data"
    return Problem(
        "user-without-lists",
        f"Model {_json(model_handle)} has no similar users for user {_json(handle)}: it needs "
        f"{needs}, and this user has none that it can use; {cure}.",
        models_with_lists=helpful,
    )


def _type_hint(live: LiveGeneration, handle: Handle) -> str | None:
    expected = live.manifest.user_handle_type
    if expected == "str" and isinstance(handle, int):
        return f"User handles are text here: send {_json(str(handle))} rather than {handle}."
    if expected == "int" and isinstance(handle, str):
        try:
            number = int(handle)
        except ValueError:
            return "User handles are integers here."
        if is_handle(number):
            return f"User handles are integers here: send {number} rather than {_json(handle)}."
    return None


def _json(handle: Handle) -> str:
    return orjson.dumps(handle).decode()
