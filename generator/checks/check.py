"""Before publishing: how the models compare, and whether the gate lets the generation pass."""

from dataclasses import dataclass

from generator.checks.gate import reasons_to_hold
from generator.checks.model_comparison import activity_groups, model_overlaps
from generator.checks.past import read_past
from generator.checks.sample import ListSample
from generator.dataset.dataset import Dataset
from shared.records import Manifest
from shared.settings import GeneratorSettings
from shared.stores import Store


@dataclass(frozen=True)
class Verdict:
    reasons: list[str]
    """Why the generation should not go live; empty if it may."""
    unread: str | None
    """Why its lists could not be compared with the live ones, if they could not."""


def check(
    manifest: Manifest,
    dataset: Dataset,
    sample: ListSample,
    store: Store,
    settings: GeneratorSettings,
) -> Verdict:
    """Note on the manifest of a sealed generation what its lists are like, and judge them."""
    sample.read_back(store, manifest)
    manifest.activity = activity_groups(dataset)
    manifest.model_overlaps = model_overlaps(manifest.served_models, sample)
    past = read_past(manifest, sample, store)
    manifest.overlap_with_live = {
        section: round(likenesses.with_live.share, 4)
        for section, likenesses in past.likenesses.items()
        if likenesses.with_live is not None
    }
    return Verdict(reasons_to_hold(manifest, past, settings), past.unread)
