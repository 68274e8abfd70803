"""What a run depends on besides its data, as one digest: equal digests give equal lists."""

import hashlib
import os
from pathlib import Path

import orjson

from shared import __version__
from shared.events import EventLog
from shared.events.log import START
from shared.settings import GeneratorSettings
from shared.stores.state import TenantState

LIST_SETTINGS = {
    "data_columns",
    "data_platform",
    "pictures_url",
    "view_gap_minutes",
    "rating_scale",
    "default_model_handle",
    "default_recommendations_model",
    "fallback_models",
    "models",
    "model_options",
    "memory_budget_mb",  # decides which models fit
    "stored_list_length",
    "candidates_per_user",
    "reasons_per_list",
    "diversity",
    "novelty_share",
    "list_caps",
    "prerequisites",
    "level_share",
    "catalogue_attribute",
    "duplicates",
    "duplicates_keep",
    "duplicates_matcher",
    "group_rankings",
    "questionnaire_length",
    "store_profiles",
    "user_handle_type",
    "course_handle_type",
    "seed",
    # Whether a model that loses to the most viewed courses is left out, and what is learned of it.
    "evaluate",
    "rehearsal_views",
    "evaluation_protocol",
    "gate_metric",
    "gate_must_beat_popular",
    "gate_losing_model",
}
GATE_SETTINGS = {name for name in GeneratorSettings.model_fields if name.startswith("gate_")}


def config_digest(settings: GeneratorSettings) -> str:
    """SHA-256 over the settings that change lists, what a file that they name holds, and the
    version of Kindred."""
    matcher = Path(settings.duplicates_matcher)
    learned = matcher.read_text(encoding="utf-8") if matcher.is_file() else None
    beside = [learned] if learned else []
    return _digest(settings, LIST_SETTINGS, *beside, *_files_of_options(settings))


def digest_with_events(digest: str, log: EventLog | None, tenant: str) -> str:
    """The digest of the tables, or of these and of how far the log of events is."""
    cursor = log.last_cursor(tenant) if log else START
    if log is None or cursor == START:
        return digest
    return hashlib.sha256(f"{digest} {cursor} {log.size(tenant)}".encode()).hexdigest()


def gate_digest(settings: GeneratorSettings, state: TenantState) -> str:
    """The same over the settings of the gate, the live generation, and whether that is pinned: with
    others it may judge otherwise."""
    pinned = [f"pinned since {state.pinned_at}"] if state.pinned_at else []
    return _digest(settings, GATE_SETTINGS, state.live, *pinned)


def _files_of_options(settings: GeneratorSettings) -> list[str]:
    """Name, size and time of each file that options of models name, such as those of an encoder.

    Weights are hundreds of megabytes: they are not read to see whether they are the same.
    """
    options = [of for handle in sorted(settings.model_options) for of in _values(settings, handle)]
    files = []
    for value in options:
        # A value may be no path at all, which pathlib would raise for.
        if not isinstance(value, str) or not os.path.exists(value):
            continue
        for file in sorted(Path(value).iterdir()) if os.path.isdir(value) else [Path(value)]:
            about = file.stat()
            files.append(f"{file} {about.st_size} {about.st_mtime_ns}")
    return files


def _values(settings: GeneratorSettings, handle: str) -> list[object]:
    options = settings.model_options[handle]
    return [options[name] for name in sorted(options)]


def _digest(settings: GeneratorSettings, names: set[str], *beside: str | None) -> str:
    chosen = settings.model_dump(include=names)
    text = orjson.dumps([__version__, chosen, *beside], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(text).hexdigest()
