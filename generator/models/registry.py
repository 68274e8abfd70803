"""Which models there are. A new model is one file, and one line here."""

from importlib import import_module

from generator.models.base import Model
from shared.errors import SettingsError

MODELS = {
    handle: f"generator.models.{handle}:{name}"
    for handle, name in {
        "tfidf_user_interest": "TfidfUserInterest",
        "knn_collab_filtering_user_course_view": "KnnUserCourseView",
        "dnn_collab_filtering_user_course_level": "DnnUserCourseLevel",
        "als_collab_filtering_user_course_view": "AlsUserCourseView",
    }.items()
}
"""model_handle -> "module:Class"; named as text so that a TF-IDF run never loads TensorFlow."""


def model_class(handle: str) -> type[Model]:
    """Import the class behind a handle. Raises SettingsError if there is no such model."""
    if handle not in MODELS:
        raise SettingsError(f"There is no model {handle!r}; models are: {', '.join(MODELS)}.")
    module, _, name = MODELS[handle].partition(":")
    found: type[Model] = getattr(import_module(module), name)
    return found
