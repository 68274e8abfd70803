"""What somebody needs to know to get the same figures again."""

import platform
import shlex
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

import orjson

from generator.evaluation.evaluate import Results
from shared import __version__
from shared.settings import GeneratorSettings

LIBRARIES = ("numpy", "scipy", "pandas", "scikit-learn", "implicit")
"""Those that figures depend on whichever models ran."""
NETWORK_LIBRARIES = ("tensorflow", "keras")
"""Likewise, where a model with a network ran."""
WITHOUT_FLAG = (
    "data_platform",
    "view_gap_minutes",
    "user_handle_type",
    "course_handle_type",
    "model_options",
    "memory_budget_mb",
    "diversity",
    "novelty_share",
    "list_caps",
    "catalogue_attribute",
)
"""Settings that change figures and are no options of the command."""


@dataclass(frozen=True)
class Origin:
    """Where the figures of a report come from."""

    label: str
    """The data, as a reader may see it: no credentials."""
    command: str = ""
    digests: Mapping[str, str] = field(default_factory=dict)
    """Which data -> SHA-256 of its files."""


def command_of(flags: Mapping[str, Any], settings: GeneratorSettings) -> str:
    """A line for a shell. `flags`: --NAME of `evaluate` -> its value, True if it has none.

    Those that are None or False are left out; settings without a flag stand before the command if
    they are not what they are by default.
    """
    kept = {name: getattr(settings, name) for name in WITHOUT_FLAG}
    changed = [
        f"{name.upper()}={shlex.quote(value if isinstance(value, str) else _json(value))}"
        for name, value in kept.items()
        if value != GeneratorSettings.model_fields[name].get_default(call_default_factory=True)
    ]
    words = ["python", "run_generator.py", "evaluate"]
    for name, value in flags.items():
        if value not in (None, False, ""):
            words += [f"--{name}"] if value is True else [f"--{name}", str(value)]
    return " ".join([*changed, shlex.join(words)])


def repeat_rows(results: Results, origin: Origin) -> list[list[str]]:
    """(what, what it was): command, data, seed, the options of every model, versions."""
    networks = [name for name in NETWORK_LIBRARIES if name in sys.modules]
    return [
        *([["command", origin.command]] if origin.command else []),
        *([f"SHA-256 of {which}", digest] for which, digest in origin.digests.items()),
        ["seed", str(results.seed)],
        *([["lists", "; ".join(results.rules.said)]] if results.rules.said else []),
        *([one.handle, _json(one.options)] for one in results.assessments),
        ["Kindred", __version__],
        ["Python", platform.python_version()],
        *([name, version(name)] for name in LIBRARIES),
        *([name, sys.modules[name].__version__] for name in networks),
    ]


def _json(value: object) -> str:
    return orjson.dumps(value).decode()
