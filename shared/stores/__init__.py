"""Where lists live between generator and server. `open_store(url)` picks the backend."""

from importlib import import_module
from urllib.parse import quote

from shared.errors import SettingsError
from shared.stores.base import Store

BACKENDS = {
    "sqlite": "shared.stores.sqlite:SQLiteStore",
    "dynamodb": "shared.stores.dynamodb:DynamoDBStore",
}
"""URL scheme -> "module:Class"; named as text so that only the backend in use is imported."""


def open_store(url: str) -> Store:
    """Open the store that `url` names. Nothing is created before the first write.

    Raises SettingsError if the scheme or a part of the URL is not understood.
    """
    scheme, _, _ = url.partition("://")
    if scheme not in BACKENDS:
        raise SettingsError(
            f"STORE_URL is {url!r}, but must start with one of: "
            + ", ".join(f"{name}://" for name in BACKENDS)
        )
    module, _, name = BACKENDS[scheme].partition(":")
    backend: type[Store] = getattr(import_module(module), name)
    return backend.from_url(url)


def importing(url: str, via: str) -> str:
    """The URL of the same store, but with lists that come in through the folder `via` in S3.

    Raises SettingsError if it is a store that imports nothing.
    """
    if not url.startswith("dynamodb://"):
        raise SettingsError(
            f"--via is for lists that DynamoDB imports from S3, but STORE_URL is {url!r}; leave "
            "--via out, or set STORE_URL=dynamodb://PREFIX."
        )
    return f"{url}{'&' if '?' in url else '?'}via={quote(via, safe=':/')}"


__all__ = ["BACKENDS", "Store", "importing", "open_store"]
