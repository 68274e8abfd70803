"""`run_generator.py generations`, `publish`, `rollback`, `prune`: what there is, what is live."""

import click
from rich.table import Column, Table

from generator.commands.wiring import Wiring
from generator.process.progress import stages_table
from shared.errors import GenerationMissing
from shared.records import Manifest
from shared.stores.state import TenantState

BYTES_PER_MB = 2**20


@click.command()
@click.argument("generation", required=False)
@click.pass_obj
def generations(wiring: Wiring, generation: str | None) -> None:
    """List the generations of the tenant, oldest first, and which of them is live.

    With a GENERATION: what each stage of the run that made it took.
    """
    tenant, store = wiring.settings.tenant, wiring.store
    if generation is not None:
        stages = store.manifest(tenant, generation).stages
        wiring.reporter.console.print(stages_table(stages))
        return
    wiring.name_unreadable()
    state = store.state(tenant)
    found = store.generations(tenant)
    if not found:
        wiring.reporter.say(
            f"Tenant {tenant} has no generation yet in {wiring.settings.store_url}; "
            "`python run_generator.py` makes one."
        )
        return
    table = Table(
        Column("generation", no_wrap=True),
        "state",
        "published",
        "users",
        "MB",
        "models",
        "measures",
    )
    for manifest in found:
        size = store.size_bytes(tenant, manifest.generation)
        table.add_row(
            manifest.generation,
            _state_of(manifest, state),
            (manifest.published_at or "")[:19],
            f"{manifest.users:,}",
            "?" if size is None else f"{size / BYTES_PER_MB:.1f}",
            "\n".join(f"{card.model_handle} {card.users:,}" for card in manifest.served_models),
            "\n".join(_measures(manifest)),
        )
    wiring.reporter.console.print(table)
    for manifest in found:
        for card in manifest.models:
            if card.failed:
                wiring.reporter.say(f"{manifest.generation}: {card.model_handle} {card.skipped}")
        if manifest.state == "held":
            for reason in manifest.held_because:
                wiring.reporter.say(f"{manifest.generation} is held: {reason}")
    if any(manifest.state == "held" for manifest in found):
        wiring.reporter.say("`publish` makes a held one live, `discard --held` removes them.")


@click.command()
@click.argument("generation", required=False)
@click.pass_obj
def publish(wiring: Wiring, generation: str | None) -> None:
    """Make a generation live that the gate has held; without a name the newest such."""
    settings, store = wiring.settings, wiring.store
    wiring.name_unreadable()
    with store.lock(settings.tenant, settings.lock_lease_seconds):
        held = [m for m in store.generations(settings.tenant) if m.state == "held"]
        chosen = [m for m in held if generation in (None, m.generation)]
        if not chosen:
            names = ", ".join(m.generation for m in held) or "none"
            asked = f"held generation {generation}" if generation else "held generation"
            raise GenerationMissing(
                f"Tenant {settings.tenant} has no {asked} to publish; held are: {names}."
            )
        store.go_live(chosen[-1])
    wiring.reporter.say(f"Generation {chosen[-1].generation} of {settings.tenant} is live.")


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
    """Remove old generations and wrecks.

    The live one and the one before it always stay, and so does what a server may still read.
    """
    settings, store = wiring.settings, wiring.store
    wiring.name_unreadable()
    with store.lock(settings.tenant, settings.lock_lease_seconds):
        removed = store.prune(
            settings.tenant, keep or settings.keep_generations, settings.grace_seconds
        )
    wiring.reporter.say(f"Removed of tenant {settings.tenant}: {', '.join(removed) or 'nothing'}.")
    left = len(store.state(settings.tenant).history)
    if left > max(keep or settings.keep_generations, 2):
        wiring.reporter.say(
            f"{left} are left: what was live in the last {settings.grace_seconds:g} s may still be "
            "read by a server; prune again later."
        )


def _state_of(manifest: Manifest, state: TenantState) -> str:
    if manifest.generation != state.live:
        return manifest.state
    return "live, pinned" if state.pinned_at else "live"


def _measures(manifest: Manifest) -> list[str]:
    return [
        f"{name} {value:.4g}" for card in manifest.models for name, value in card.measures.items()
    ]
