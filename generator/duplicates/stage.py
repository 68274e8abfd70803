"""The stage of a run that looks for duplicates."""

from pathlib import Path

from generator.dataset.dataset import Dataset
from generator.duplicates.find import duplicates_of
from generator.duplicates.groups import CourseGroups
from generator.duplicates.matcher import Matcher
from generator.process.attempts import attempt
from generator.process.memory import BYTES_PER_MB, give_back, resident_bytes
from generator.process.processors import available_threads
from generator.process.progress import Reporter
from shared.settings import GeneratorSettings

BYTES_PER_TEXT_BYTE = 6
BYTES_PER_TEXT_BYTE_LEARNED = 32
"""A learned matcher looks at words and letters of all columns, each apart and all together."""
BYTES_PER_COURSE = 2000


def duplicates_in(
    dataset: Dataset, settings: GeneratorSettings, reporter: Reporter
) -> CourseGroups:
    """What DUPLICATES asks for: groups of courses that are the same, or none.

    A run does not need them: one that cannot have them says why, and every course is unique.
    """
    matcher = matcher_of(settings)
    nothing = CourseGroups.none(len(dataset.courses))
    if not settings.duplicates or not len(dataset.texts):
        return nothing
    budget, needed = settings.memory_budget_mb * BYTES_PER_MB, memory_bytes(dataset, matcher)
    if resident_bytes() + needed > budget:
        reporter.say(
            f"Duplicates are not looked for: that takes about {needed // BYTES_PER_MB:,} MB of "
            f"memory, and MEMORY_BUDGET_MB is {settings.memory_budget_mb:,}."
        )
        return nothing
    with reporter.stage("duplicates") as steps:
        with attempt(reporter.say) as outcome:
            threads = settings.threads or available_threads()
            groups = duplicates_of(dataset, settings.duplicates_keep, matcher, threads, steps)
        steps.rows = len(dataset.texts)
    give_back()
    if outcome.failed:
        reporter.say(f"Duplicates are not merged: looking for them failed: {outcome.failed}")
        return nothing
    if len(groups):
        merged = int(groups.is_merged.sum())
        reporter.say(f"  {len(groups):,} groups of duplicates: {merged:,} courses are not listed")
    return groups


def matcher_of(settings: GeneratorSettings) -> Matcher | None:
    """The one that DUPLICATES_MATCHER names. Raises SettingsError if it cannot be read."""
    named = settings.duplicates_matcher
    return Matcher.read(Path(named)) if named else None


def memory_bytes(dataset: Dataset, matcher: Matcher | None = None) -> int:
    """Bytes that looking for duplicates takes at most beside the data, by the size of the texts."""
    per_byte = BYTES_PER_TEXT_BYTE_LEARNED if matcher else BYTES_PER_TEXT_BYTE
    return per_byte * dataset.texts.nbytes + BYTES_PER_COURSE * len(dataset.courses)
