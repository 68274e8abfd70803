"""`run_generator.py generations`, `rollback`, `prune`: see what is published, and change it."""

import click
from rich.table import Column, Table

from generator.commands.wiring import Wiring


@click.command()
@click.pass_obj
def generations(wiring: Wiring) -> None:
    """List the generations of the tenant, oldest first, and which of them is live."""
    tenant = wiring.settings.tenant
    state = wiring.store.state(tenant)
    published = {entry.generation: entry.published_at for entry in state.history}
    table = Table(
        Column("generation", no_wrap=True), "state", "published", "users", "lists", "models"
    )
    for manifest in wiring.store.generations(tenant):
        generation = manifest.generation
        table.add_row(
            generation,
            "live" if generation == state.live else manifest.state,
            published.get(generation, "")[:19],
            f"{manifest.users:,}",
            f"{sum(manifest.list_counts.values()):,}",
            ", ".join(card.model_handle for card in manifest.served_models),
        )
    if table.row_count:
        wiring.reporter.console.print(table)
    else:
        wiring.reporter.say(
            f"Tenant {tenant} has no generation yet; `python run_generator.py` makes one."
        )


@click.command()
@click.option("--to", metavar="GENERATION", help="Which one; without it the one before the live.")
@click.pass_obj
def rollback(wiring: Wiring, to: str | None) -> None:
    """Make an earlier generation live again, in one step."""
    live = wiring.store.rollback(wiring.settings.tenant, to)
    wiring.reporter.say(f"Generation {live} of tenant {wiring.settings.tenant} is live.")


@click.command()
@click.option("--keep", type=click.IntRange(1), help="How many to keep. [KEEP_GENERATIONS]")
@click.pass_obj
def prune(wiring: Wiring, keep: int | None) -> None:
    """Remove old generations and wrecks; the live one and the one before it always stay."""
    settings = wiring.settings
    with wiring.store.lock(settings.tenant, settings.lock_lease_seconds):
        removed = wiring.store.prune(settings.tenant, keep or settings.keep_generations)
    wiring.reporter.say(f"Removed: {', '.join(removed) or 'nothing'}.")
