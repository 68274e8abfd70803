"""Why there is no list: which model, user or course was meant, and what the caller can do."""

from collections.abc import Mapping, Sequence

from server.lookup.stored import known_among
from server.problems import Problem
from server.reading.live_view import LiveGeneration
from shared.kinds import KINDS, Entity, Kind
from shared.records import Handle, ListRow, ModelCard, handle_key, is_handle, list_section

NEWCOMERS = {
    "user": "New users have lists as soon as they do or say something (POST /interactions, POST "
    "/users), or after the next run of the generator.",
    "course": "New courses have lists after the next refresh, once they are described (POST "
    "/courses), or after the next run of the generator.",
}


def find_card(live: LiveGeneration, kind: Kind, asked: str | None) -> ModelCard:
    """The card of the asked model, or of the default one.

    Raises Problem, with the handles that would do, if that model gives no such lists.
    """
    manifest = live.manifest
    model_handle = asked or manifest.default_for(kind.name)
    card = live.cards.get(model_handle)
    if card is not None and kind.name in card.serves:
        return card

    valid = [c.model_handle for c in manifest.served_models if kind.name in c.serves]
    if not asked and not valid:
        raise Problem(
            "model-without-kind",
            f"No model of generation {live.generation} gives {kind.title}; MODELS of the generator "
            "says which run.",
            valid_model_handles=[],
        )
    called = f"Model {handle_key(model_handle)}"
    if asked is None:
        called = f"The default model, {handle_key(model_handle)},"
    cure = f"use one of: {', '.join(valid)}" if valid else f"no model gives {kind.title} now"
    skipped = next((c for c in manifest.models if c.model_handle == model_handle), None)
    if card is not None:
        gives = " and ".join(k.title for k in KINDS.values() if k.name in card.serves)
        name, cause = "model-without-kind", f"gives {gives or 'no lists'}, not {kind.title}"
    elif skipped is not None:
        name, cause = "model-skipped", f"did not run for this generation ({skipped.skipped})"
    else:
        name, cause = "unknown-model", f"is not in generation {live.generation}"
    raise Problem(name, f"{called} {cause}; {cure}.", valid_model_handles=valid)


def explain_absence(
    live: LiveGeneration, kind: Kind, card: ModelCard, subjects: Sequence[Handle]
) -> dict[Handle, Problem]:
    """Why the model has no lists of these.

    One read says who is known; what other models have is read, at once, for those alone.
    """
    known = known_among(live, kind.subject, subjects)
    others = _lists_of_others(live, kind, card, [s for s in subjects if s in known])
    return {
        subject: _without_lists(kind, card, subject, others)
        if subject in known
        else unknown_subject(live, kind.subject, subject)
        for subject in subjects
    }


def unknown_subject(live: LiveGeneration, entity: Entity, handle: Handle) -> Problem:
    cure = _type_hint(live, entity, handle) or NEWCOMERS[entity]
    called = f"{entity.capitalize()} {handle_key(handle)}"
    return Problem(f"unknown-{entity}", f"{called} is not in generation {live.generation}. {cure}")


def _lists_of_others(
    live: LiveGeneration, kind: Kind, card: ModelCard, subjects: Sequence[Handle]
) -> dict[Handle, list[str]]:
    """Subject -> the other models that have a list of it."""
    if not subjects:
        return {}
    sections = [
        list_section(kind.name, other.model_handle)
        for other in live.manifest.served_models
        if kind.name in other.serves and other is not card
    ]
    rows = live.rows([(section, subject) for section in sections for subject in subjects])
    helpful: dict[Handle, list[str]] = {subject: [] for subject in subjects}
    for row in rows.values():
        if isinstance(row, ListRow) and row.entries:
            helpful[row.subject].append(row.model_handle)
    return helpful


def _without_lists(
    kind: Kind, card: ModelCard, subject: Handle, others: Mapping[Handle, Sequence[str]]
) -> Problem:
    helpful = list(others[subject])
    cure = f"ask one of: {', '.join(helpful)}" if helpful else "no other model has any either"
    needs = " and ".join(card.needs) or "other data"
    return Problem(
        f"{kind.subject}-without-lists",
        f"Model {handle_key(card.model_handle)} has no {kind.title} for {kind.subject} "
        f"{handle_key(subject)}: it needs {needs}, and this {kind.subject} has none that it can "
        f"use; {cure}.",
        models_with_lists=helpful,
    )


def _type_hint(live: LiveGeneration, entity: Entity, handle: Handle) -> str | None:
    manifest = live.manifest
    expected = manifest.user_handle_type if entity == "user" else manifest.course_handle_type
    handles = f"{entity.capitalize()} handles are"
    if expected == "str" and isinstance(handle, int):
        return f"{handles} text here: send {handle_key(str(handle))} rather than {handle}."
    if expected == "int" and isinstance(handle, str):
        try:
            number = int(handle)
        except ValueError:
            return f"{handles} integers here."
        if is_handle(number):
            return f"{handles} integers here: send {number} rather than {handle_key(handle)}."
    return None
