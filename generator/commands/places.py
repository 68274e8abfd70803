"""Whose data, which store, which tenant: options that every command takes where it likes."""

from typing import Any

import click

from generator.commands.wiring import Wiring


def _read(context: click.Context, option: click.Parameter, value: Any) -> None:
    if value is not None and option.name:
        context.find_object(Wiring).read_settings(**{option.name: value})  # type: ignore[union-attr]


PLACES = {
    "data_url": ("--data", "URL", "Folder or URL of the tables. [DATA_URL]"),
    "store_url": ("--store", "URL", "Where the lists are. [STORE_URL]"),
    "tenant": ("--tenant", "NAME", "Whose lists these are. [TENANT]"),
}


def takes_places(command: click.Command) -> click.Command:
    """Let these options stand behind the command as well, unless it has them itself."""
    own = {parameter.name for parameter in command.params}
    for name, (flag, metavar, text) in PLACES.items():
        if name not in own:
            option = click.Option(
                [flag, name], metavar=metavar, help=text, expose_value=False, callback=_read
            )
            command.params.append(option)
    return command
