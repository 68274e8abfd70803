"""What a reader of a generation must know about it: its manifest and model cards."""

from typing import Literal

from generator.dataset.dataset import Dataset
from generator.lists.popular import PopularCourses
from generator.models.base import Model
from shared.records import Manifest, ModelCard, Stage, TableReport
from shared.settings import Settings


def describe(
    manifest: Manifest,
    dataset: Dataset,
    settings: Settings,
    tables: list[TableReport],
    stages: list[Stage],
) -> None:
    """Fill in what the run has found out, apart from the models."""
    popular = PopularCourses(dataset, settings.stored_list_length)
    served = [card.model_handle for card in manifest.served_models]
    preferred = settings.default_model_handle
    manifest.default_model_handle = preferred if preferred in served else served[0]
    manifest.users, manifest.courses = len(dataset.users), len(dataset.courses)
    manifest.user_handle_type = _handle_type(dataset.users.is_integer)
    manifest.course_handle_type = _handle_type(dataset.courses.is_integer)
    manifest.popular_courses = popular.courses
    manifest.popular_course_scores = popular.scores
    manifest.tables, manifest.stages = tables, stages


def card_of(model: Model) -> ModelCard:
    """The card of a model, fitted or not; what fitting brought is in it if there was any."""
    return ModelCard(
        model.handle,
        model.title,
        list(model.serves),
        list(model.needs),
        users=len(model.known_users()) if model.is_fitted else 0,
        config=model.options,
        measures=dict(model.measures) if model.is_fitted else {},
        reason_kinds=dict(model.reason_kinds.items()),
    )


def _handle_type(is_integer: bool) -> Literal["int", "str"]:
    return "int" if is_integer else "str"
