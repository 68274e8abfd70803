"""The text of example.env: every setting of both sides with its help and its default."""

import textwrap

import orjson
from pydantic_settings import BaseSettings

from shared.settings.both_sides import SharedSettings
from shared.settings.generator import GeneratorSettings
from shared.settings.server import ServerSettings

SIDES: dict[str, type[SharedSettings]] = {
    "Both sides": SharedSettings,
    "The generator": GeneratorSettings,
    "The server": ServerSettings,
}


def example_env() -> str:
    lines = ["# Copy to .env and change what you need; every line here is the default.", ""]
    for side, settings in SIDES.items():
        lines += [f"# --- {side}", ""]
        for name in own_fields(settings):
            field = settings.model_fields[name]
            lines += textwrap.wrap(
                field.description or "", 98, initial_indent="# ", subsequent_indent="# "
            )
            lines += [f"{name.upper()}={_as_env(field.get_default(call_default_factory=True))}", ""]
    return "\n".join(lines)


def own_fields(settings: type[BaseSettings]) -> list[str]:
    """The settings of one side, without those of both; those of a file of their own come last."""
    shared = SharedSettings.model_fields
    names = [n for n in settings.model_fields if settings is SharedSettings or n not in shared]
    return sorted(names, key=lambda name: name not in settings.__annotations__)


def _as_env(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return ",".join(value)
        case dict():
            return orjson.dumps(value).decode() if value else ""
        case _:
            return str(value)
