"""Lists made between two runs, over those of a generation. `open_fresh(url)` picks the backend."""

from importlib import import_module

from shared.fresh.lists import FreshLists

FRESH_LISTS = {"sqlite": "shared.fresh.sqlite:SQLiteFreshLists"}
"""Scheme of STORE_URL -> "module:Class"; named as text so that only the one in use is imported."""


def open_fresh(store_url: str) -> FreshLists | None:
    """The fresh lists beside a store; None where its backend has none.

    Nothing is created before the first list. Raises SettingsError if the URL is not understood.
    """
    scheme = store_url.partition("://")[0]
    if scheme not in FRESH_LISTS:
        return None
    module, _, name = FRESH_LISTS[scheme].partition(":")
    backend: type[FreshLists] = getattr(import_module(module), name)
    return backend.from_url(store_url)


__all__ = ["FRESH_LISTS", "FreshLists", "open_fresh"]
