"""Which models there are. A new model is one file, and one line here."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any

from generator.models.base import Model
from shared.errors import SettingsError

MODELS = {
    handle: f"generator.{room}.{handle}:{name}"
    for room, handle, name in (
        ("models", "tfidf_user_interest", "TfidfUserInterest"),
        ("models", "knn_collab_filtering_user_course_view", "KnnUserCourseView"),
        ("models", "knn_user_assessment_score", "KnnUserAssessmentScore"),
        ("models", "dnn_collab_filtering_user_course_level", "DnnUserCourseLevel"),
        ("models", "als_collab_filtering_user_course_view", "AlsUserCourseView"),
        ("models", "popular_course_view", "PopularCourseView"),
        ("models", "trending_course_view", "TrendingCourseView"),
        ("models", "completed_course_view", "CompletedCourseView"),
        ("models", "segment_user_attribute", "SegmentUserAttribute"),
        ("models", "maml_user_attribute", "MamlUserAttribute"),
        ("models", "unfinished_course_view", "UnfinishedCourseView"),
        ("models", "markov_course_sequence", "MarkovCourseSequence"),
        ("models", "item2vec_course_sequence", "Item2VecCourseSequence"),
        ("models", "lstm_course_sequence", "LstmCourseSequence"),
        ("models", "contrastive_course_sequence", "ContrastiveCourseSequence"),
        ("models", "sasrec_course_sequence", "SasrecCourseSequence"),
        ("models", "bert4rec_course_sequence", "Bert4recCourseSequence"),
        ("models", "transformer_xl_course_sequence", "TransformerXlCourseSequence"),
        ("models", "sentence_course_text", "SentenceCourseText"),
        ("models", "tfidf_course_text", "TfidfCourseText"),
        ("models", "image_course_picture", "ImageCoursePicture"),
        ("models", "itemknn_user_course_view", "ItemKnnUserCourseView"),
        ("models", "rp3beta_user_course_view", "Rp3betaUserCourseView"),
        ("models", "ease_user_course_view", "EaseUserCourseView"),
        ("models", "bspm_user_course_view", "BspmUserCourseView"),
        ("models", "mf_user_course_view", "MfUserCourseView"),
        ("models", "autoencoder_user_course_view", "AutoencoderUserCourseView"),
        ("models", "fm_user_course_attribute", "FmUserCourseAttribute"),
        ("hybrids", "weighted_hybrid", "WeightedHybrid"),
        ("hybrids", "progressive_hybrid", "ProgressiveHybrid"),
        ("hybrids", "lightgbm_ranker", "LightgbmRanker"),
        ("hybrids", "ensemble_similar_users", "EnsembleSimilarUsers"),
    )
}
"""model_handle -> "module:Class"; named as text so that a TF-IDF run never loads TensorFlow."""


STANDARD = (
    "tfidf_user_interest",
    "knn_collab_filtering_user_course_view",
    "dnn_collab_filtering_user_course_level",
    "als_collab_filtering_user_course_view",
    "popular_course_view",
    "segment_user_attribute",
    "unfinished_course_view",
    "markov_course_sequence",
    "tfidf_course_text",
    "weighted_hybrid",
)
"""What runs where nobody says otherwise."""

GROUPS = {"standard": STANDARD, "all": tuple(MODELS)}
"""Names that stand for several handles."""


def make_models(names: Sequence[str], options: Mapping[str, Mapping[str, Any]]) -> list[Model]:
    """A model for each handle, once, with its options; no names are the standard ones.

    names: handles, "standard" or "all". Raises SettingsError for a name or an option that there
    is not.
    """
    for handle in options:
        _check_known(handle)
    return [model_class(handle)(**options.get(handle, {})) for handle in handles_of(names)]


def handles_of(names: Sequence[str]) -> list[str]:
    """The handles that `names` stand for, in that order, each once."""
    found = [handle for name in names or ["standard"] for handle in GROUPS.get(name, (name,))]
    for handle in found:
        _check_known(handle)
    return list(dict.fromkeys(found))


def model_class(handle: str) -> type[Model]:
    """Import the class behind a handle. Raises SettingsError if there is no such model."""
    _check_known(handle)
    module, _, name = MODELS[handle].partition(":")
    found: type[Model] = getattr(import_module(module), name)
    return found


def _check_known(handle: str) -> None:
    if handle not in MODELS:
        raise SettingsError(
            f"There is no model {handle!r}; models are: {', '.join(MODELS)}. MODELS may also say "
            f"{' or '.join(GROUPS)}."
        )
