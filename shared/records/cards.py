"""What one model is and did in a generation."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any

from shared.kinds import KindName
from shared.records.known_kinds import OfKnownKinds, OfKnownReasons
from shared.records.reasons import ReasonKind
from shared.records.rows import RANKINGS, RankingsKind

BEATS_POPULAR = "beats_popular"
"""A measure: 0 where a model finds less than the most viewed courses would, and that is not chance,
user by user; else 1."""


@dataclass(slots=True)
class ListFacts:
    """What the lists of one kind from one model look like as a whole; the gate compares by it."""

    subjects: int = 0
    """Users, or courses, with a row."""
    empty: int = 0
    """Of them, those whose list has no entry."""
    exhausted: int = 0
    """Of the empty ones, those for whom nothing was left to list, such as users who have viewed
    every course."""
    distinct_entries: int = 0
    effective_entries: float = 0.0
    """Hill number of order 2 (inverse Simpson index) of the entries: how many there would be if all
    of them were listed equally often."""


@dataclass(slots=True)
class Figure:
    """One figure of a model on views held out of its training: `ndcg` at `k` 10, for example."""

    name: str
    k: int
    value: float
    low: float
    """Lower end of the 95 % bootstrap interval over users; the value itself where there is none."""
    high: float


@dataclass(slots=True)
class ListSpread:
    """Of one kind of list of one model, over a sample of subjects."""

    quantiles: list[float] = field(default_factory=list)
    """Scores of all entries at 0 %, 5 %, ... 100 %; empty if there are no entries."""
    mean_length: float = 0.0
    """Entries of a list, subjects without any included."""


@dataclass(slots=True)
class ModelCard:
    """What one model is and did in this generation."""

    model_handle: str
    title: str
    serves: Annotated[list[KindName], OfKnownKinds]
    needs: list[str]
    is_personal: bool = True
    """False for one ranking for everybody, which `Manifest.rankings` holds in place of rows."""
    grouped_by: list[str] = field(default_factory=list)
    """Of which groups it has rankings: level, tag, segment, interest. Of a personal model users who
    are in the same ones have the same list."""
    uses: list[str] = field(default_factory=list)
    """Handles of the models that this one is made of."""
    users: int = 0
    """Users with lists from this model."""
    config: dict[str, Any] = field(default_factory=dict)
    measures: dict[str, float] = field(default_factory=dict)
    """What the model learned about itself while fitting, such as its held-out accuracy."""
    reason_kinds: Annotated[Mapping[KindName, ReasonKind], OfKnownKinds, OfKnownReasons] = field(
        default_factory=dict
    )
    """What the stored reasons of each kind of list are; absent if there are none."""
    known_by_activity: list[float] = field(default_factory=list)
    """Share of each group of `Manifest.activity` that the model has lists for."""
    spreads: Annotated[dict[KindName, ListSpread], OfKnownKinds] = field(default_factory=dict)
    mean_viewers_share: float | None = None
    """Share of all users who viewed a recommended course, mean over the first ten entries of a
    sample: the higher, the more the lists keep to what is popular."""
    fit_seconds: float = 0.0
    skipped: str | None = None
    """Why the model did not run; None if it did."""
    failed: bool = False
    """True if it was to run and broke: `skipped` says of what."""
    list_facts: Annotated[dict[KindName, ListFacts], OfKnownKinds] = field(default_factory=dict)
    group_facts: ListFacts | None = None
    """What its rankings of groups look like; None if it has none."""
    evaluation: list[Figure] = field(default_factory=list)
    """Headline figures if the run evaluated; `Manifest.evaluation` says how."""

    @property
    def is_below_popular(self) -> bool:
        """Whether a paired test found it worse than listing the most viewed courses."""
        return not self.measures.get(BEATS_POPULAR, 1)

    @property
    def facts(self) -> dict[KindName | RankingsKind, ListFacts]:
        """Of all that it has rows of: lists of each kind, and rankings of groups."""
        every: dict[KindName | RankingsKind, ListFacts] = dict(self.list_facts.items())
        if self.group_facts is not None:
            every[RANKINGS] = self.group_facts
        return every

    def figure(self, name: str) -> Figure | None:
        """By its name with cut-off, such as `ndcg_at_10`; None if it was not measured."""
        return figure_named(self.evaluation, name)


def figure_named(figures: Iterable[Figure], name: str) -> Figure | None:
    return next((figure for figure in figures if f"{figure.name}_at_{figure.k}" == name), None)
