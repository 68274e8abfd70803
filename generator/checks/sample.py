"""A sample of users and of courses, and what is listed for them: what checks look at.

The subjects are drawn from the data, so that a run which goes on where another died looks at lists
of the same ones as a run of its own: what it did not write itself is read back from the store.
"""

from collections.abc import Iterable
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from generator.dataset.dataset import Dataset
from generator.dataset.vocabulary import Vocabulary
from generator.lists.groups import groups_of
from shared.kinds import KINDS, Entity, KindName
from shared.records import (
    RANKINGS,
    Handle,
    ListRow,
    Manifest,
    RankingsKind,
    Section,
    list_section,
)
from shared.stores import Store

SUBJECTS_SAMPLED = 2000
ENTRIES_COMPARED = 10

ListsOfSection = dict[Handle, list[Handle]]
"""Subject -> the first entries of its list, which may be none."""


class ListSample:
    def __init__(self, dataset: Dataset, seed: int) -> None:
        self._dataset = dataset
        self._drawn: dict[Entity, NDArray[np.bool_]] = {
            "user": _drawn(len(dataset.users), seed),
            "course": _drawn(len(dataset.courses), seed),
        }
        self._vocabularies: dict[Entity, Vocabulary] = {
            "user": dataset.users,
            "course": dataset.courses,
        }
        self.sections: dict[Section, ListsOfSection] = {}

    def places(self, kind: KindName | RankingsKind, subjects: NDArray[np.int32]) -> list[int]:
        """Which of these row numbers belong to the sample, as places in `subjects`: all groups."""
        if kind == RANKINGS:
            return list(range(len(subjects)))
        places: list[int] = np.flatnonzero(self._drawn[KINDS[kind].subject][subjects]).tolist()
        return places

    def keep(self, section: Section, rows: Iterable[ListRow]) -> None:
        lists = self.sections.setdefault(section, {})
        lists |= {row.subject: row.entries[:ENTRIES_COMPARED] for row in rows}

    def forget(self, model_handle: str) -> None:
        """Keep nothing of a model that broke."""
        for kind in KINDS:
            self.sections.pop(list_section(kind, model_handle), None)
        self.sections.pop(list_section(RANKINGS, model_handle), None)

    def read_back(self, store: Store, manifest: Manifest) -> None:
        """Look up, in the sealed generation, each section of which nothing was kept."""
        for card in manifest.served_models:
            for kind in card.facts:
                section = list_section(kind, card.model_handle)
                if manifest.row_counts.get(section) and section not in self.sections:
                    subjects = (
                        self._groups if kind == RANKINGS else self.subjects(KINDS[kind].subject)
                    )
                    self.sections[section] = lists_of(store, manifest, section, subjects)

    @cached_property
    def _groups(self) -> list[Handle]:
        """The names of all groups that may have rankings."""
        return [group.name for group in groups_of(self._dataset)]

    def subjects(self, entity: Entity) -> list[Handle]:
        """The handles of the sample, in the order of their row numbers."""
        drawn = np.flatnonzero(self._drawn[entity]).astype(np.int32)
        return self._vocabularies[entity].handles(drawn)


def lists_of(
    store: Store, manifest: Manifest, section: Section, subjects: Iterable[Handle]
) -> ListsOfSection:
    """What a generation has for these subjects; those without a row are left out."""
    keys = [(section, subject) for subject in subjects]
    rows = store.get_many(manifest.tenant, manifest.generation, keys).values()
    return {row.subject: row.entries[:ENTRIES_COMPARED] for row in rows if isinstance(row, ListRow)}


def _drawn(subjects: int, seed: int) -> NDArray[np.bool_]:
    drawn = np.zeros(subjects, bool)
    drawn[np.random.default_rng(seed).permutation(subjects)[:SUBJECTS_SAMPLED]] = True
    return drawn
