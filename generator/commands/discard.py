"""`run_generator.py discard`: remove generations by name, or all that are held."""

import click

from generator.commands.wiring import Wiring
from shared.errors import GenerationMissing, SettingsError


@click.command()
@click.argument("generations", nargs=-1)
@click.option("--held", is_flag=True, help="Every generation that the gate has held.")
@click.pass_obj
def discard(wiring: Wiring, generations: tuple[str, ...], held: bool) -> None:
    """Remove GENERATIONS and their lists: held ones, wrecks, old ones, but never the live one."""
    settings, store = wiring.settings, wiring.store
    tenant = settings.tenant
    if not generations and not held:
        raise SettingsError("Say which: `discard GENERATION`, or `discard --held`.")
    with store.lock(tenant, settings.lock_lease_seconds):
        manifests = store.generations(tenant)
        known = {*store.state(tenant).generations, *store.unreadable(tenant)}
        known |= {manifest.generation for manifest in manifests}
        doomed = list(generations)
        if held:
            doomed += [m.generation for m in manifests if m.state == "held"]
        for generation in dict.fromkeys(doomed):
            if generation not in known and store.size_bytes(tenant, generation) is None:
                raise GenerationMissing(
                    f"Tenant {tenant} has no generation {generation}; `generations` lists them."
                )
            store.discard(tenant, generation)
            wiring.reporter.say(f"Removed generation {generation} of tenant {tenant}.")
    if not doomed:
        wiring.reporter.say(f"Tenant {tenant} has no held generation.")
