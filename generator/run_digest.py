"""What a run depends on besides its data, as one digest: equal digests give equal lists."""

import hashlib

import orjson

from shared import __version__
from shared.settings import Settings

LIST_SETTINGS = {
    "data_columns",
    "default_model_handle",
    "models",
    "model_options",
    "memory_budget_mb",  # decides which models fit
    "stored_list_length",
    "reasons_per_list",
    "store_profiles",
    "user_handle_type",
    "course_handle_type",
    "seed",
}


def config_digest(settings: Settings) -> str:
    """SHA-256 over the settings that change lists, and the version of Kindred."""
    chosen = settings.model_dump(include=LIST_SETTINGS)
    text = orjson.dumps([__version__, chosen], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()
