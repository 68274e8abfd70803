"""`run_generator.py`: a whole run."""

from collections.abc import Iterator, Sequence

from rich.table import Table

from generator.commands.outcome import noted_outcome
from generator.commands.wiring import Wiring
from generator.load.sources.digest import data_digest
from generator.process.progress import stages_table
from generator.run_digest import config_digest, digest_with_events, gate_digest
from shared.clock import utc_now
from shared.errors import GenerationHeld, ModelError
from shared.kinds import KINDS, RECOMMENDATIONS, SIMILAR_USERS
from shared.records import Manifest, ModelCard, RunOutcome
from shared.settings import GeneratorSettings, as_written
from shared.stores import Store


def generate(wiring: Wiring, if_changed: bool, force: bool) -> None:
    """Publish a new generation, unless nothing changed and that was asked.

    Raises GenerationHeld if the gate holds it, ModelError if it is live without a model that broke.
    """
    with noted_outcome(wiring.store, wiring.settings.tenant) as outcome:
        _generate(wiring, if_changed, force, outcome)


def _generate(wiring: Wiring, if_changed: bool, force: bool, outcome: RunOutcome) -> None:
    wiring.name_unreadable()
    if if_changed and not force and (made := _unchanged(wiring)):
        outcome.generation = made.generation
        if made.state == "held":
            raise _held(made, wiring.store)
        wiring.reporter.conclude(
            f"Nothing changed since generation {made.generation}, which stays live. "
            "Without --if-changed the run is done all the same."
        )
        return
    # Here and not above: pandas and scikit-learn take seconds to import.
    from generator import pipeline

    settings, reporter = wiring.settings, wiring.reporter
    manifest = pipeline.generate(settings, wiring.store, reporter, force, wiring.log)
    outcome.generation = manifest.generation
    reporter.show(_models_table(manifest), stages_table(manifest.stages))
    if manifest.held_because:
        raise _held(manifest, wiring.store)
    reporter.conclude(
        f"Generation {manifest.generation} of tenant {manifest.tenant} is live: "
        f"{manifest.users:,} users, {manifest.courses:,} courses, in "
        f"{as_written(settings.store_url)}."
    )
    for kind, model_handle in manifest.default_models.items():
        reporter.say(f"  {kind}: {model_handle} by default")
    for sentence in _unheeded_defaults(manifest, settings):
        reporter.warn(sentence)
    if failed := _failed(manifest):
        if {card.model_handle for card in failed} - {*settings.gate_may_go}:
            raise ModelError(_without(failed, manifest))
        reporter.warn(_without(failed, manifest))


def _unheeded_defaults(manifest: Manifest, settings: GeneratorSettings) -> Iterator[str]:
    """Of the default models that were asked for, those that others stand in for."""
    for name, kind in (
        ("default_model_handle", SIMILAR_USERS.name),
        ("default_recommendations_model", RECOMMENDATIONS.name),
    ):
        wanted, default = getattr(settings, name), manifest.default_for(kind)
        usual = GeneratorSettings.model_fields[name].default
        if wanted not in ("", usual, default):
            yield (
                f"{name.upper()} is {wanted}, which has no {KINDS[kind].title} in generation "
                f"{manifest.generation}; {default or 'no model'} answers in its place."
            )


def _unchanged(wiring: Wiring) -> Manifest | None:
    """What was made of this data and these settings, if it is live, or held for the same reasons
    that a new run would be."""
    settings = wiring.settings
    files = data_digest(settings.data_url, settings.data_columns, settings.data_platform)
    data = digest_with_events(files, wiring.log, settings.tenant)
    digests, today = (data, config_digest(settings)), utc_now().date()
    state = wiring.store.state(settings.tenant)
    for manifest in reversed(wiring.store.generations(settings.tenant)):
        if not manifest.is_of(*digests, today):
            continue
        if manifest.generation == state.live:
            return manifest
        if manifest.state == "held" and manifest.gate_digest == gate_digest(settings, state):
            return manifest
    return None


def _held(manifest: Manifest, store: Store) -> GenerationHeld:
    """While the live one is pinned nothing can be published, so that is not proposed."""
    pinned = store.state(manifest.tenant).pinned_at
    release = f"`python run_generator.py publish {manifest.generation}`"
    return GenerationHeld(
        f"Generation {manifest.generation} is held back, and what was live stays live: "
        f"{' '.join(manifest.held_because)} "
        + (f"After that: {release}." if pinned else f"If it is right all the same: {release}.")
    )


def _failed(manifest: Manifest) -> list[ModelCard]:
    return [card for card in manifest.models if card.failed]


def _without(failed: Sequence[ModelCard], manifest: Manifest) -> str:
    reasons = "; ".join(f"{card.model_handle} {card.skipped}" for card in failed)
    return f"Generation {manifest.generation} is live without models that broke: {reasons}"


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
