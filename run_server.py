"""Serve what is live: `python run_server.py`. Settings: example.env."""

from functools import partial
from pathlib import Path

import click
from flask import Flask

from server import create_app
from server.access.rate_limit import shared_marks
from server.access.session_secret import SessionSecret, session_secret
from server.process.commands import program
from server.process.exposure import who_may_ask
from server.process.own_folder import own_folder
from server.process.workers import serve
from shared.events import open_log
from shared.fresh import open_fresh
from shared.settings import ServerSettings, misspelt
from shared.stores import open_store


def build_app(
    settings: ServerSettings, marks: Path | None, counts: Path | None, secret: SessionSecret
) -> Flask:
    """Called in each worker, so that no connection of a store is shared by processes."""
    store = open_store(settings.store_url)
    return create_app(
        settings,
        store,
        marks=marks,
        counts=counts,
        secret=secret,
        log=open_log(settings.store_url),
        fresh=open_fresh(settings.store_url),
    )


def main() -> None:
    settings = ServerSettings.load()
    for sentence in misspelt():
        click.echo(f"WARNING: {sentence}")
    who = who_may_ask(settings)
    store = open_store(settings.store_url)
    threads = settings.threads_of_a_worker(store.reads_are_local)
    store.close()
    # Unlike print, echo ends a line in the same write: the processes share one stream.
    click.echo(who)
    click.echo(f"Lists are read from {settings.store_url}.")
    # Without keys nobody signs in.
    guarded = Path(settings.api_keys_file).exists()
    secret_file = Path(settings.session_secret_file) if guarded else None
    with (
        own_folder(click.echo) as folder,
        shared_marks(folder) as marks,
        session_secret(secret_file, click.echo) as secret,
    ):
        if marks is None:
            click.echo("WARNING: rate limits of keys hold for each worker apart: see above.")
        build = partial(build_app, settings, marks, folder, secret)
        serve(settings, threads, build, click.echo)


if __name__ == "__main__":
    program(main)()
