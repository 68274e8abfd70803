"""What a reader of a generation must know about it: its manifest and model cards."""

from collections.abc import Sequence
from typing import Literal

from generator.checks.sample import ListSample
from generator.dataset.dataset import Dataset
from generator.lists.questionnaire import questions_of
from generator.models.base import Model
from generator.models.group_ranking import RanksGroups
from generator.models.registry import STANDARD
from shared.kinds import KINDS, KindName
from shared.records import Handle, Manifest, ModelCard, list_section
from shared.settings import GeneratorSettings


def describe(manifest: Manifest, dataset: Dataset, settings: GeneratorSettings) -> None:
    """Fill in what follows from the data, the settings and the cards of the models."""
    cards = manifest.served_models
    manifest.default_models = {
        kind: default for kind in KINDS if (default := _default_model(kind, cards, settings))
    }
    ran = {card.model_handle for card in cards if "recommendations" in card.serves}
    manifest.fallbacks = [handle for handle in settings.fallback_models if handle in ran]
    manifest.users, manifest.courses = len(dataset.users), len(dataset.courses)
    manifest.user_handle_type = _handle_type(dataset.users.is_integer)
    manifest.course_handle_type = _handle_type(dataset.courses.is_integer)
    manifest.stored_list_length = settings.stored_list_length
    manifest.questionnaire = questions_of(dataset, settings.questionnaire_length)


def name_examples(manifest: Manifest, sample: ListSample) -> None:
    """Some user and some course for whom the default models list something, if there are any."""
    manifest.example_user_handle = _example(manifest, "similar_users", sample)
    manifest.example_course_handle = _example(manifest, "similar_courses", sample)


def card_of(model: Model, kinds: Sequence[KindName]) -> ModelCard:
    """The card of a model, fitted or not; what fitting brought is in it if there was any."""
    return ModelCard(
        model.handle,
        model.title,
        list(kinds),
        list(model.needs),
        is_personal=model.is_personal,
        grouped_by=list(model.grouped_by) if isinstance(model, RanksGroups) else [],
        uses=list(model.made_from),
        users=len(model.known_users()) if model.is_fitted else 0,
        config=model.options,
        # Plain numbers: the manifest is JSON, which knows none of numpy's.
        measures={name: float(of) for name, of in model.measures.items()}
        if model.is_fitted
        else {},
        reason_kinds={
            kind: model.reason_kinds[kind] for kind in kinds if kind in model.reason_kinds
        },
    )


def _default_model(
    kind: KindName, cards: Sequence[ModelCard], settings: GeneratorSettings
) -> str | None:
    """The first of those that are wanted that has such lists; else the first that has any."""
    serving = [card for card in cards if kind in card.serves]
    wanted = [settings.default_model_handle] if KINDS[kind].subject == "user" else []
    if kind == "recommendations":
        hybrids = [c.model_handle for c in serving if c.uses and c.model_handle in STANDARD]
        wanted = [settings.default_recommendations_model, *hybrids, *wanted]
    serving.sort(key=lambda card: not card.is_personal)
    handles = [card.model_handle for card in serving]
    return next((handle for handle in [*wanted, *handles] if handle in handles), None)


def _example(manifest: Manifest, kind: KindName, sample: ListSample) -> Handle | None:
    lists = sample.sections.get(list_section(kind, manifest.default_for(kind)), {})
    return next((subject for subject, entries in lists.items() if entries), None)


def _handle_type(is_integer: bool) -> Literal["int", "str"]:
    return "int" if is_integer else "str"
