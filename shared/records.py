"""What the generator writes and the server reads: plain data, and its one JSON form."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal, Self, TypeVar

import orjson

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Record = TypeVar("Record", bound="DataclassInstance")
Handle = int | str
"""A name from outside, kept as the type it came in: 999 and "999" are two users."""

SEEN_POPULAR = "seen_popular"
"""Kept like a model, for every user: which of the popular courses they have seen. The row also says
that the user is known, so it is there even if empty."""

USER_PROFILE = "user_profile"
"""Kept like a model, for every user: what the data says of them, for people to look at."""
COURSE_TITLE = "course_title"
"""Kept like a model, under the course's handle: what the course is called."""
USER_DIRECTORY = "user_directory"
"""Kept like a model, under the numbers of pages: every user handle in alphabetical order."""

GenerationState = Literal["building", "ready", "held", "published"]
"""Being written; complete; complete but kept back by the gate; live now or before."""

ReasonKind = Literal["shared_tags", "shared_courses", "watched_courses", "neighbours"]
"""Why an entry is in a list: tags that both sides have; courses that both users viewed; the user's
own courses that led to it; the like users who viewed it."""

MAX_HANDLE_CHARACTERS = 512
DIRECTORY_KEY_CHARACTERS = 32
DIRECTORY_START = -1
"""The page of the directory that says with which key each other page starts."""
INT64_MAX = 2**63 - 1


def is_handle(value: object) -> bool:
    """True for a 64-bit integer (not a bool) or a non-empty Unicode text of bounded length."""
    if isinstance(value, bool):
        return False
    if isinstance(value, int):
        return -INT64_MAX - 1 <= value <= INT64_MAX
    return (
        isinstance(value, str)
        and 0 < len(value) <= MAX_HANDLE_CHARACTERS
        # Half of a surrogate pair, which JSON can smuggle in, is no text and has no UTF-8.
        and not any("\ud800" <= character <= "\udfff" for character in value)
    )


def handle_key(handle: Handle) -> str:
    """The handle as JSON text (``999``, ``"ada"``): one string key that keeps the type."""
    return orjson.dumps(handle).decode()


def directory_key(handle: Handle) -> str:
    """What handles are ordered by in the directory; the beginning of a long one will do."""
    return str(handle).casefold()[:DIRECTORY_KEY_CHARACTERS]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class ListReasons:
    """Why the first entries of a list are in it; the model's card says of which kind."""

    names: list[Handle]
    """The tags, courses or users that are named below, each once."""
    seconds: list[int]
    """Beside each name the user's own view time; empty unless names are courses they viewed."""
    entries: list[list[int]]
    """For each of the first entries: how many reasons it has in all, then of the strongest, one
    after the other, its place in `names`, its part of all of them in per cent, and, for
    shared_courses, the listed user's view time in seconds."""

    @classmethod
    def of(cls, stored: dict[str, Any] | None) -> Self | None:
        if stored is None:
            return None
        return cls(stored["names"], stored["seconds"], stored["entries"])


@dataclass(slots=True)
class UserLists:
    """One user's two lists from one model, best first; scores stand in the same order."""

    user_handle: Handle
    model_handle: str
    similar_users: list[Handle] = field(default_factory=list)
    similar_user_scores: list[float] = field(default_factory=list)
    courses: list[Handle] = field(default_factory=list)
    course_scores: list[float] = field(default_factory=list)
    similar_user_reasons: ListReasons | None = None
    course_reasons: ListReasons | None = None
    facts: dict[str, Any] | None = None
    """What a row holds that is no list: a profile, a title, a page of the directory."""

    def to_json(self) -> bytes:
        """The stored form: the lists alone, since the key already names user and model."""
        if self.facts is not None:
            return orjson.dumps({"facts": self.facts})
        stored: dict[str, Any] = {
            "similar_users": self.similar_users,
            "similar_user_scores": self.similar_user_scores,
            "courses": self.courses,
            "course_scores": self.course_scores,
        }
        for name in _REASONS:
            if (reasons := getattr(self, name)) is not None:
                stored[name] = reasons
        return orjson.dumps(stored)

    @classmethod
    def from_json(cls, user_handle: Handle, model_handle: str, text: bytes | str) -> Self:
        # Field by field: a newer Kindred may have written more.
        stored = orjson.loads(text).get
        return cls(
            user_handle,
            model_handle,
            stored("similar_users", []),
            stored("similar_user_scores", []),
            stored("courses", []),
            stored("course_scores", []),
            ListReasons.of(stored("similar_user_reasons")),
            ListReasons.of(stored("course_reasons")),
            stored("facts"),
        )


_REASONS = ("similar_user_reasons", "course_reasons")


@dataclass(slots=True)
class ListFacts:
    """What the lists of one model look like as a whole; the gate compares generations by it."""

    users: int = 0
    empty: int = 0
    """Users with neither similar users nor courses."""
    without_similar_users: int = 0
    without_courses: int = 0
    distinct_courses: int = 0
    """Courses that are in any list."""
    effective_courses: float = 0.0
    """Hill number of order 2 (inverse Simpson index) of the listed courses: how many courses there
    would be if all of them were listed equally often."""


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
class Evaluation:
    """How the figures on the model cards were measured, and what they stand beside."""

    protocol: str
    users: int
    """Users asked about."""
    baselines: dict[str, list[Figure]] = field(default_factory=dict)
    """Baseline (`popular`) -> its figures on the same users."""


@dataclass(slots=True)
class ListSpread:
    """Of one kind of list of one model, over a sample of users."""

    quantiles: list[float] = field(default_factory=list)
    """Scores of all entries at 0 %, 5 %, ... 100 %; empty if there are no entries."""
    mean_length: float = 0.0
    """Entries of a list, users without any included."""


@dataclass(slots=True)
class ActivityGroup:
    """Users by the number of courses they have viewed; `high` None is without limit."""

    low: int
    high: int | None
    users: int


@dataclass(slots=True)
class ListOverlap:
    """How much two models list the same for the same users."""

    task: str
    one: str
    other: str
    share: float
    """Mean share of the first ten entries that both lists have."""
    users: int
    """Compared: those in the sample with both lists."""


@dataclass(slots=True)
class ModelCard:
    """What one model is and did in this generation."""

    model_handle: str
    title: str
    serves: list[str]
    needs: list[str]
    users: int = 0
    """Users with lists from this model."""
    config: dict[str, Any] = field(default_factory=dict)
    measures: dict[str, float] = field(default_factory=dict)
    """What the model learned about itself while fitting, such as its held-out accuracy."""
    reason_kinds: Mapping[str, ReasonKind] = field(default_factory=dict)
    """similar_users, recommendations -> what their stored reasons are; absent if there are none."""
    known_by_activity: list[float] = field(default_factory=list)
    """Share of each group of `Manifest.activity` that the model has lists for."""
    spreads: dict[str, ListSpread] = field(default_factory=dict)
    """similar_users, recommendations -> how their scores are spread."""
    mean_viewers_share: float | None = None
    """Share of all users who viewed a listed course, mean over the first ten entries of a sample:
    the higher, the more the lists keep to what is popular."""
    fit_seconds: float = 0.0
    skipped: str | None = None
    """Why the model did not run; None if it did."""
    lists: ListFacts = field(default_factory=ListFacts)
    evaluation: list[Figure] = field(default_factory=list)
    """Headline figures if the run evaluated; `Manifest.evaluation` says how."""

    def figure(self, name: str) -> Figure | None:
        """By its name with cut-off, such as `ndcg_at_10`; None if it was not measured."""
        return figure_named(self.evaluation, name)


@dataclass(slots=True)
class TableReport:
    """Rows of one input table: how many came in, stayed, and were set aside for which reason."""

    table: str
    source: str
    rows_read: int = 0
    rows_kept: int = 0
    set_aside: dict[str, int] = field(default_factory=dict)
    """Reason -> rows."""

    @property
    def rows_set_aside(self) -> int:
        return sum(self.set_aside.values())


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
    """The description of one generation; written beside its lists, read by server and operator."""

    tenant: str
    generation: str
    state: GenerationState
    created_at: str
    default_model_handle: str = ""
    published_at: str | None = None
    user_handle_type: Literal["int", "str"] = "int"
    course_handle_type: Literal["int", "str"] = "str"
    users: int = 0
    courses: int = 0
    example_user_handle: Handle | None = None
    """A user of whom the default model knows something, for whoever wants to try the API."""
    models: list[ModelCard] = field(default_factory=list)
    list_counts: dict[str, int] = field(default_factory=dict)
    """Model handle (and `seen_popular`) -> rows written; what is read back is held against it."""
    popular_courses: list[Handle] = field(default_factory=list)
    popular_course_scores: list[float] = field(default_factory=list)
    tables: list[TableReport] = field(default_factory=list)
    stages: list[Stage] = field(default_factory=list)
    data_digest: str = ""
    config_digest: str = ""
    checksum: str | None = None
    """SHA-256 of the stored lists as a whole; None if the store checks its own storage."""
    evaluation: Evaluation | None = None
    """None if the run did not evaluate."""
    activity: list[ActivityGroup] = field(default_factory=list)
    overlaps: list[ListOverlap] = field(default_factory=list)
    """Between models of this generation; those listed by an earlier, killed run are left out."""
    overlap_with_live: dict[str, float] = field(default_factory=dict)
    """Model handle -> mean overlap (Jaccard) of its lists with those that were live before."""
    held_because: list[str] = field(default_factory=list)
    """Why the gate kept the generation back."""

    def to_json(self) -> bytes:
        return orjson.dumps(self)

    @classmethod
    def from_json(cls, text: bytes | str) -> Self:
        manifest = _known(cls, orjson.loads(text))
        manifest.models = [_known(ModelCard, card) for card in manifest.models]
        for card in manifest.models:
            card.lists = _known(ListFacts, card.lists)
            card.evaluation = _figures(card.evaluation)
            card.spreads = {t: _known(ListSpread, spread) for t, spread in card.spreads.items()}
        if manifest.evaluation:
            manifest.evaluation = _known(Evaluation, manifest.evaluation)
            by_name = manifest.evaluation.baselines.items()
            manifest.evaluation.baselines = {name: _figures(found) for name, found in by_name}
        manifest.tables = [_known(TableReport, report) for report in manifest.tables]
        manifest.activity = [_known(ActivityGroup, group) for group in manifest.activity]
        manifest.overlaps = [_known(ListOverlap, overlap) for overlap in manifest.overlaps]
        manifest.stages = [_known(Stage, stage) for stage in manifest.stages]
        return manifest

    @property
    def served_models(self) -> list[ModelCard]:
        """The models that ran and have lists in this generation."""
        return [card for card in self.models if card.skipped is None]

    def card(self, model_handle: str) -> ModelCard | None:
        return next((c for c in self.served_models if c.model_handle == model_handle), None)


def figure_named(figures: Iterable[Figure], name: str) -> Figure | None:
    return next((one for one in figures if f"{one.name}_at_{one.k}" == name), None)


def _figures(values: Any) -> list[Figure]:
    return [_known(Figure, value) for value in values]


def _known(record: type[Record], values: Any) -> Record:
    """A record from those of `values` that it has: a newer Kindred may have written more."""
    names = {f.name for f in fields(record)}
    return record(**{name: value for name, value in values.items() if name in names})
