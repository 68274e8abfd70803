"""Every setting of Kindred, once: name, type, default, help.

Settings come from the environment, then from the project's `.env`, then from the defaults here;
nothing else in the house reads either. Each side reads its own and the shared ones, so that a bad
setting of the generator does not stop the server.
"""

from shared.settings.both_sides import TENANT_PATTERN, LogFormat, SharedSettings
from shared.settings.example_env import example_env
from shared.settings.generator import GeneratorSettings, HandleType
from shared.settings.places import PROJECT, as_written, placed, store_placed
from shared.settings.server import (
    DEFAULT_API_KEYS_FILE,
    LOOPBACK_HOSTS,
    LogRequests,
    ServerSettings,
)
from shared.settings.spelling import misspelt

__all__ = [
    "DEFAULT_API_KEYS_FILE",
    "LOOPBACK_HOSTS",
    "PROJECT",
    "TENANT_PATTERN",
    "GeneratorSettings",
    "HandleType",
    "LogFormat",
    "LogRequests",
    "ServerSettings",
    "SharedSettings",
    "as_written",
    "example_env",
    "misspelt",
    "placed",
    "store_placed",
]
