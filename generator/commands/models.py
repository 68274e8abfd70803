"""`run_generator.py models`: which models there are, and what can be chosen about each."""

import click
from rich.markup import escape
from rich.table import Table

from generator.commands.wiring import Wiring


@click.command()
@click.pass_obj
def models(wiring: Wiring) -> None:
    """List the models, what each needs, and its options (set by MODEL_OPTIONS)."""
    from generator.models.options import allowed_values
    from generator.models.registry import MODELS, STANDARD, model_class

    for handle in MODELS:
        found = model_class(handle)
        console = wiring.reporter.console
        runs = "standard" if handle in STANDARD else "by name or with all"
        console.print(f"[bold]{handle}[/bold]: {escape(found.title)} ({runs})")
        wants = f", wants {', '.join(found.wants)}" if found.wants else ""
        made = f", made from {', '.join(found.uses)}" if found.uses else ""
        needs = f"needs {', '.join(found.needs)}{wants}{made}"
        console.print(f"  serves {', '.join(found.serves)}; {needs}")
        table = Table("option", "default", "allowed", "meaning", box=None, padding=(0, 2, 0, 2))
        for name, option in found.Options.model_fields.items():
            meaning = escape(option.description or "")
            default = option.get_default(call_default_factory=True)
            table.add_row(name, escape(str(default)), allowed_values(option), meaning)
        if table.row_count:
            console.print(table)
