"""`run_generator.py`: a whole run."""

from rich.table import Table

from generator.commands.wiring import Wiring
from generator.load.digest import data_digest
from generator.progress import stages_table
from generator.run_digest import config_digest
from shared.errors import GenerationHeld
from shared.records import Manifest


def generate(wiring: Wiring, if_changed: bool, force: bool) -> None:
    """Publish a new generation, unless nothing changed and that was asked.

    Raises GenerationHeld if the gate holds it.
    """
    if if_changed and (live := _unchanged(wiring)):
        wiring.reporter.say(
            f"Nothing changed since generation {live}, which stays live. "
            "Without --if-changed the run is done all the same."
        )
        return
    # Here and not above: pandas and scikit-learn take seconds to import.
    from generator import pipeline

    manifest = pipeline.generate(wiring.settings, wiring.store, wiring.reporter, force)
    wiring.reporter.console.print(_models_table(manifest), stages_table(manifest.stages))
    if manifest.held_because:
        raise GenerationHeld(
            f"Generation {manifest.generation} is held back, and what was live stays live: "
            f"{' '.join(manifest.held_because)} If it is right all the same: "
            f"`python run_generator.py publish {manifest.generation}`."
        )
    wiring.reporter.say(
        f"Generation {manifest.generation} of tenant {manifest.tenant} is live: "
        f"{manifest.users:,} users, {manifest.courses:,} courses, "
        f"default model {manifest.default_model_handle}."
    )


def _unchanged(wiring: Wiring) -> str | None:
    settings = wiring.settings
    live = wiring.store.live(settings.tenant)
    if live is None or live.config_digest != config_digest(settings):
        return None
    return live.generation if live.data_digest == data_digest(settings.data_url) else None


def _models_table(manifest: Manifest) -> Table:
    table = Table("model", "users", "fit s", "measures")
    for card in manifest.models:
        measures = ", ".join(f"{name} {value:.4g}" for name, value in card.measures.items())
        table.add_row(
            card.model_handle,
            f"{card.users:,}",
            f"{card.fit_seconds:.1f}",
            f"skipped: {card.skipped}" if card.skipped else measures,
        )
    return table
