"""The description of one generation, written beside its rows, read by server and operator."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal, Self

import orjson
from pydantic import TypeAdapter

from shared.kinds import KindName
from shared.records.cards import Figure, ModelCard
from shared.records.handles import Handle
from shared.records.known_kinds import OfKnownKinds
from shared.records.rows import Section

FORMAT = 2
"""Of the stored rows. 1 kept all of a user's lists from one model in one row."""

REPEATED_ROW = "exact duplicate of an earlier row"
"""The reason that says no more than that."""

GenerationState = Literal["building", "ready", "held", "published"]
"""Being written; complete; complete but kept back by the gate; live now or before."""
HandleType = Literal["int", "str"]


@dataclass(slots=True)
class Evaluation:
    """How the figures on the model cards were measured, and what they stand beside."""

    protocol: str
    users: int
    """Users asked about."""
    baselines: dict[str, list[Figure]] = field(default_factory=dict)
    """Baseline (`popular`) -> its figures on the same users."""


@dataclass(slots=True)
class ActivityGroup:
    """Users by the number of courses they have viewed; `high` None is without limit."""

    low: int
    high: int | None
    users: int


@dataclass(slots=True)
class ModelOverlap:
    """How much two models list the same for the same subjects."""

    kind: KindName
    first: str
    second: str
    share: float
    """Mean share of the first ten entries that both lists have."""
    subjects: int
    """Compared: those in the sample with both lists."""


@dataclass(slots=True)
class Ranking:
    """One list for everybody; what a user has seen of it is left out when it is served."""

    courses: list[Handle]
    scores: list[float]


@dataclass(slots=True)
class Question:
    """What to ask somebody of whom nothing is known."""

    about: Literal["tag", "course"]
    name: Handle
    share: float
    """Of the users who would say yes to anything, who would to this."""
    bits: float
    """What the answer tells, given those to the questions before it."""


@dataclass(slots=True)
class TableReport:
    """Rows of one input table: how many came in, stayed, and were set aside for which reason."""

    table: str
    source: str
    rows_read: int = 0
    rows_kept: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    """Reason -> rows."""
    samples: dict[str, str] = field(default_factory=dict)
    """Reason -> what stood in the first row that was set aside for it."""
    left_out: dict[str, int] = field(default_factory=dict)
    """Reason -> rows that were not asked for, such as events of other kinds."""

    def with_sample(self, reason: str) -> str:
        """The reason, and what stood there if that is known: `ts is not a date, as '-159'`."""
        sample = self.samples.get(reason)
        return f"{reason}, as {sample!r}" if sample else reason

    @property
    def rows_set_aside(self) -> int:
        return sum(self.set_aside.values())

    @property
    def losses(self) -> dict[str, int]:
        """Reason -> rows set aside for it, but for repeated ones: what they say was kept."""
        return {reason: rows for reason, rows in self.set_aside.items() if reason != REPEATED_ROW}

    @property
    def rows_lost(self) -> int:
        return sum(self.losses.values())

    @property
    def rows_asked_for(self) -> int:
        return self.rows_read - sum(self.left_out.values())


@dataclass(slots=True)
class Stage:
    """One stage of a run as it was measured."""

    name: str
    seconds: float
    rows: int = 0
    peak_mb: int = 0
    """The most memory (MiB) that the process held meanwhile."""


@dataclass(slots=True)
class Manifest:
    tenant: str
    generation: str
    state: GenerationState
    created_at: str
    format: int = 1
    default_models: Annotated[dict[KindName, str], OfKnownKinds] = field(default_factory=dict)
    """Kind -> the model that answers when a request names none."""
    fallbacks: list[str] = field(default_factory=list)
    """Models whose courses are recommended, in this order, where the asked one has none."""
    published_at: str | None = None
    user_handle_type: HandleType = "int"
    course_handle_type: HandleType = "str"
    users: int = 0
    courses: int = 0
    stored_list_length: int = 0
    example_user_handle: Handle | None = None
    """A user of whom the default model knows something, for whoever wants to try the API."""
    example_course_handle: Handle | None = None
    models: list[ModelCard] = field(default_factory=list)
    row_counts: dict[Section, int] = field(default_factory=dict)
    """Rows written of each section; what is read back is held against it."""
    rankings: dict[str, Ranking] = field(default_factory=dict)
    """Model handle -> its one list, of models that are not personal."""
    tables: list[TableReport] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    questionnaire: list[Question] = field(default_factory=list)
    """What to ask newcomers, the question that tells most first."""
    rules: list[str] = field(default_factory=list)
    """What was done to lists after the models had ranked them, in a few words each."""
    on_offer_until: str | None = None
    """The first day, as 2026-12-31, that is the last one of a course which was on offer; None if
    that is not known of any."""
    events_cursor: int = 0
    """Of the log of events: all up to it were learned from."""
    data_digest: str = ""
    config_digest: str = ""
    checksum: str | None = None
    """SHA-256 of the stored rows as a whole; None if the store checks its own storage."""
    evaluation: Evaluation | None = None
    """None if the run did not evaluate."""
    activity: list[ActivityGroup] = field(default_factory=list)
    model_overlaps: Annotated[list[ModelOverlap], OfKnownKinds] = field(default_factory=list)
    overlap_with_live: dict[Section, float] = field(default_factory=dict)
    """Section -> mean overlap (Jaccard) of its lists with those that were live before."""
    held_because: list[str] = field(default_factory=list)
    """Why the gate kept the generation back."""
    gate_digest: str = ""
    """Of the settings that the gate judged it by, and of the generation that was live then."""

    def is_of(self, data_digest: str, config_digest: str, today: date) -> bool:
        """True if a run of this data and these settings would list the same today."""
        same = (self.data_digest, self.config_digest) == (data_digest, config_digest)
        return same and (self.on_offer_until is None or today.isoformat() <= self.on_offer_until)

    def to_json(self) -> bytes:
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        """Fields that this version does not know are passed over. Raises ValueError."""
        return _MANIFEST.validate_json(text)  # type: ignore[return-value]

    @property
    def served_models(self) -> list[ModelCard]:
        """The models that ran and have lists in this generation."""
        return [card for card in self.models if card.skipped is None]

    def card(self, model_handle: str) -> ModelCard | None:
        return next((c for c in self.served_models if c.model_handle == model_handle), None)

    def default_for(self, kind: KindName) -> str:
        """The model that answers a request of this kind that names none; "" if there is none."""
        return self.default_models.get(kind, "")


_MANIFEST = TypeAdapter(Manifest)
