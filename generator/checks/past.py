"""What was live before, as the gate looks at it."""

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial

from generator.checks.found_again import shares_found_again
from generator.checks.likeness import Likeness, group_likeness, likeness, ranking_likeness
from generator.checks.sample import ListSample, ListsOfSection, lists_of
from shared.errors import GenerationDamaged, GenerationMissing, StoreError
from shared.kinds import Entity
from shared.records import (
    FORMAT,
    RANKINGS,
    Handle,
    Manifest,
    ModelCard,
    Section,
    list_section,
)
from shared.stores import Store

SUBJECTS_COMPARED = 500
"""Of the sample, for each section: each is read from up to two generations."""


@dataclass(frozen=True)
class Likenesses:
    """How much new, live, and the generation before the live one resemble each other."""

    with_live: Likeness | None = None
    with_before: Likeness | None = None
    live_with_before: Likeness | None = None

    def is_repair(self, least: float) -> bool:
        """True if the live lists are the odd ones out: then a bad generation went live.

        `least` is what lists of the same subjects must have in common.
        """
        if self.with_before is None or self.live_with_before is None:
            return False
        was_odd = not self.live_with_before.is_at_least(least)
        return was_odd and self.with_before.is_at_least(least)


@dataclass(frozen=True)
class Past:
    live: Manifest | None = None
    before: Manifest | None = None
    """The generation that was live before the live one."""
    likenesses: Mapping[Section, Likenesses] = field(default_factory=dict)
    measured: Mapping[str, ModelCard] = field(default_factory=dict)
    """Model handle -> its card in the last generation that has figures of it."""
    found_again: Mapping[Entity, float] = field(default_factory=dict)
    """Share of the users, and of the courses, of the live generation that the new one has."""
    before_found_again: Mapping[Entity, float] = field(default_factory=dict)
    """The same of the generation before the live one."""
    unread: str | None = None
    """Why lists were not compared, if they were not."""


def read_past(new: Manifest, sample: ListSample, store: Store) -> Past:
    """`sample` has the lists of `new`. Lists that cannot be read are no error: `unread` says so."""
    published = _published(store, new.tenant)
    if not published:
        return Past()
    live, before = published[0], next(iter(published[1:]), None)
    measured = {
        card.model_handle: card
        for manifest in reversed(published)
        for card in manifest.served_models
        if card.evaluation
    }
    past = Past(live, before, measured=measured)
    try:
        return replace(
            past,
            likenesses=_likenesses(new, live, before, sample, store),
            found_again=shares_found_again(new, live, sample, store),
            before_found_again=_before_found_again(new, before, sample, store),
        )
    except (GenerationDamaged, GenerationMissing) as damage:
        # The new generation is the cure, so what ails the live one must not stop it.
        return replace(past, unread=str(damage))


def _published(store: Store, tenant: str) -> list[Manifest]:
    """The live generation and those that were live before it, newest first."""
    by_name = {manifest.generation: manifest for manifest in store.generations(tenant)}
    names = store.state(tenant).live_and_before
    return [by_name[name] for name in names if name in by_name]


def _likenesses(
    new: Manifest, live: Manifest, before: Manifest | None, sample: ListSample, store: Store
) -> dict[Section, Likenesses]:
    if live.format != FORMAT:
        raise GenerationDamaged("the live ones were written by another version of Kindred.")
    compared = _of_rankings(new, live, before)
    for section, lists in sample.sections.items():
        step = max(1, len(lists) // SUBJECTS_COMPARED)
        subjects = dict(list(lists.items())[::step])
        now = lists_of(store, live, section, subjects) if section in live.row_counts else {}
        then = _lists_before(store, before, section, subjects)
        alike = likeness
        if section.partition("/")[0] == RANKINGS:
            alike = partial(group_likeness, courses=new.courses)
        compared[section] = Likenesses(
            alike(subjects, now), alike(subjects, then), alike(now, then)
        )
    return compared


def _lists_before(
    store: Store, before: Manifest | None, section: Section, subjects: Iterable[Handle]
) -> ListsOfSection:
    """None that cannot be read: without them no repair is recognised, and that is all."""
    if before is None or before.format != FORMAT or section not in before.row_counts:
        return {}
    with suppress(StoreError):
        return lists_of(store, before, section, subjects)
    return {}


def _before_found_again(
    new: Manifest, before: Manifest | None, sample: ListSample, store: Store
) -> Mapping[Entity, float]:
    with suppress(StoreError):
        return shares_found_again(new, before, sample, store)
    return {}


def _of_rankings(
    new: Manifest, live: Manifest, before: Manifest | None
) -> dict[Section, Likenesses]:
    """Of the models with one list for everybody; they serve recommendations alone."""
    then = before.rankings if before is not None else {}
    return {
        list_section("recommendations", handle): Likenesses(
            ranking_likeness(ranking, live.rankings.get(handle), new.courses),
            ranking_likeness(ranking, then.get(handle), new.courses),
            ranking_likeness(live.rankings.get(handle), then.get(handle), new.courses),
        )
        for handle, ranking in new.rankings.items()
    }
