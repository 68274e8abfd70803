"""`run_generator.py pin` and `unpin`: what is live stays so, whatever tonight's run makes."""

import click

from generator.commands.wiring import Wiring


@click.command()
@click.argument("generation", required=False)
@click.pass_obj
def pin(wiring: Wiring, generation: str | None) -> None:
    """Keep the live generation live; with a GENERATION roll back to that first.

    Runs go on, and what they make is held until `unpin`.
    """
    tenant, store = wiring.settings.tenant, wiring.store
    if generation is not None and generation != store.live_generation(tenant):
        store.rollback(tenant, generation)
    state = store.pin(tenant)
    wiring.reporter.say(f"Generation {state.live} of tenant {tenant} is live, and stays so.")


@click.command()
@click.pass_obj
def unpin(wiring: Wiring) -> None:
    """Let other generations go live again: the next run's, or a held one by `publish`."""
    tenant = wiring.settings.tenant
    wiring.store.unpin(tenant)
    wiring.reporter.say(f"Other generations of tenant {tenant} may go live again.")
