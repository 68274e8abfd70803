"""`python run_server.py` serves; `python run_server.py keys ...` looks after API keys."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import click

from server.access.api_keys import ApiKey, Right, new_key
from server.access.key_file import change, read
from shared import __version__
from shared.errors import KindredError, SettingsError
from shared.settings import TENANT_PATTERN, ServerSettings


class _Group(click.Group):
    """Errors of ours end in one line, with their own exit code."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except KindredError as error:
            click.echo(f"error: {error}", err=True)
            sys.exit(error.exit_code)


def program(serve: Callable[[], None]) -> click.Group:
    """The command line; without a command it calls `serve`."""

    @click.group(cls=_Group, invoke_without_command=True)
    @click.version_option(__version__, prog_name="Kindred")
    @click.pass_context
    def kindred(context: click.Context) -> None:
        """Serve what is live. Settings: example.env."""
        if context.invoked_subcommand is None:
            serve()

    kindred.add_command(keys)
    return kindred


@click.group()
def keys() -> None:
    """Create, list and revoke API keys. Running servers follow within seconds."""


@keys.command()
@click.option("--tenant", required=True, help="Whose lists the key opens: a-z, 0-9 and _.")
@click.option("--name", default="", help="Who uses it, for your own records.")
@click.option(
    "--requests-per-second",
    type=click.FloatRange(0, 1e6),
    default=100.0,
    show_default=True,
    help="0: as many as the server can answer.",
)
@click.option(
    "--burst",
    type=click.IntRange(1, 1_000_000),
    help="Requests at once after a pause; without it, those of two seconds.",
)
@click.option(
    "--rights",
    type=click.Choice(["read", "write", "read,write"]),
    default="read",
    show_default=True,
    help="read: lists; write: events (POST /interactions).",
)
def create(
    tenant: str, name: str, requests_per_second: float, burst: int | None, rights: str
) -> None:
    """Make a key and show it, this once."""
    path = _path()
    if burst is None:
        burst = max(1, min(1_000_000, round(2 * requests_per_second)))
    try:
        allowed = cast(frozenset[Right], frozenset(rights.split(",")))
        record, key = new_key(tenant, name, requests_per_second or None, burst, allowed)
    except ValueError as error:
        raise SettingsError(
            f"--tenant must match {TENANT_PATTERN}, --name be printable, on one line, and at most "
            "100 characters."
        ) from error
    change(path, lambda records: [*records, record])
    click.echo(key)
    click.echo(f"Kept in {path} as a salted hash; the key is not shown again.", err=True)


@keys.command("list")
def list_keys() -> None:
    """Show every key without its secret."""
    records = read(_path())
    if not records:
        click.echo("no keys" if records is not None else f"no keys: there is no file {_path()}")
        return
    for r in sorted(records, key=lambda record: (record.tenant, record.created_at)):
        shown = [r.key_id, r.tenant, "+".join(sorted(r.rights)), _limit(r), r.created_at, r.name]
        click.echo("  ".join(shown).rstrip())


@keys.command()
@click.argument("key_id")
def revoke(key_id: str) -> None:
    """Make a key worthless."""

    def without(records: list[ApiKey]) -> list[ApiKey]:
        kept = [record for record in records if record.key_id != key_id]
        if len(kept) == len(records):
            raise SettingsError(
                f"There is no key {key_id!r}; `python run_server.py keys list` shows what there is."
            )
        return kept

    change(_path(), without)
    click.echo(f"{key_id} is revoked; servers follow within POINTER_REFRESH_SECONDS.")


def _path() -> Path:
    return Path(ServerSettings.load().api_keys_file)


def _limit(record: ApiKey) -> str:
    if record.requests_per_second is None:
        return "no limit"
    return f"{record.requests_per_second:g}/s, {record.burst} at once"
