"""Serve what is live: `python run_server.py`. Settings: example.env."""

from functools import partial
from pathlib import Path

from flask import Flask

from server import create_app
from server.access.rate_limit import marks_file
from server.process.commands import program
from server.process.exposure import who_may_ask
from server.process.workers import serve
from shared.settings import Settings
from shared.stores import open_store


def build_app(settings: Settings, marks: Path) -> Flask:
    """Called in each worker, so that no connection of a store is shared by processes."""
    return create_app(settings, open_store(settings.store_url), marks=marks)


def main() -> None:
    settings = Settings.load()
    say = partial(print, flush=True)
    who = who_may_ask(settings)
    open_store(settings.store_url).close()
    say(who)
    with marks_file() as marks:
        serve(settings, partial(build_app, settings, marks), say)


if __name__ == "__main__":
    program(main)()
