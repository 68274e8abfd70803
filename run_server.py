"""Serve what is live: `python run_server.py`. Settings: example.env."""

import sys
from functools import partial

from flask import Flask

from server import create_app
from server.process import serve
from shared.errors import KindredError
from shared.settings import Settings
from shared.stores import open_store


def build_app(settings: Settings) -> Flask:
    """Called in each worker, so that no connection of a store is shared by processes."""
    return create_app(settings, open_store(settings.store_url))


def main() -> int:
    try:
        settings = Settings.load()
        settings.check_exposure()
        open_store(settings.store_url).close()
        serve(settings, partial(build_app, settings), partial(print, flush=True))
    except KindredError as error:
        print(f"error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
