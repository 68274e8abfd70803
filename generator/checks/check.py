"""Before publishing: how the models compare, and whether the gate lets the generation pass."""

from generator.checks.gate import reasons_to_hold
from generator.checks.model_comparison import activity_groups, model_overlaps
from generator.checks.past import read_past
from generator.checks.sample import ListSample
from generator.dataset.dataset import Dataset
from generator.progress import Reporter
from shared.records import Manifest
from shared.settings import GeneratorSettings
from shared.stores import Store


def check(
    manifest: Manifest,
    dataset: Dataset,
    sample: ListSample,
    store: Store,
    settings: GeneratorSettings,
    reporter: Reporter,
) -> list[str]:
    """Note on the manifest what its lists are like; returns why it should not go live."""
    manifest.activity = activity_groups(dataset)
    manifest.model_overlaps = model_overlaps(manifest.served_models, sample)
    past = read_past(manifest, sample, store)
    if past.unread:
        reporter.say(f"The new lists cannot be compared with the live ones: {past.unread}")
    manifest.overlap_with_live = {
        section: round(likenesses.with_live.share, 4)
        for section, likenesses in past.likenesses.items()
        if likenesses.with_live is not None
    }
    return reasons_to_hold(manifest, past, settings)
