"""What the store keeps of a generation, row by row: one list each, or facts that are no list.

A row is found by its section and its subject. The section says what the subject is, so user 7 and
course 7 never meet:

    section                          subject     text
    similar_users/tfidf_user_...     user 7      {"entries": [67, 319], "scores": [0.9, 0.4]}
    similar_courses/ease_user_...    course 7    {"entries": ["go-101"], "scores": [0.2]}
    rankings/popular_course_view     tag/python  {"entries": ["py-101"], "scores": [31.0]}
    seen                             user 7      {"courses": ["go-101"]}
"""

from dataclasses import dataclass, field
from typing import Any, Final, Literal
from unicodedata import normalize

import msgspec
import orjson

from shared.kinds import KindName
from shared.records.handles import Handle
from shared.records.reasons import ListReasons

Section = str
"""Rows of one kind and model (`list_section`), or facts of one kind."""
Key = tuple[Section, Handle]
Text = bytes | str

RankingsKind = Literal["rankings"]
RANKINGS: Final = "rankings"
"""Of every group (`group_key`): what a model that is not personal ranks there; what it ranks for
everybody is in `Manifest.rankings`."""
FactsKind = Literal[
    "seen",
    "user_profile",
    "course_facts",
    "course_viewers",
    "user_directory",
    "course_directory",
    "course_facets",
]
SEEN: FactsKind = "seen"
"""Of every user: ``{"courses": [...]}``, those they have viewed, the latest first. The row also
says that the user is known, so it is there even if empty."""
USER_PROFILE: FactsKind = "user_profile"
"""Of every user: what the data says of them, for people to look at."""
COURSE_FACTS: FactsKind = "course_facts"
"""Of every course: what it is called and what it can be chosen by (level, tags, attributes)."""
COURSE_VIEWERS: FactsKind = "course_viewers"
"""Of every course that anybody viewed: who did last, for people to look at."""
USER_DIRECTORY: FactsKind = "user_directory"
"""Under the numbers of pages: every user handle in alphabetical order."""
COURSE_DIRECTORY: FactsKind = "course_directory"
"""Likewise every course, by its title, or by its handle where it has none."""
COURSE_FACETS: FactsKind = "course_facets"
"""Under ``facet/value`` (`group_key`): which courses of the directory have it."""
FACETS_START = -1
"""The row of the facets that names each, with its commonest values."""
DIRECTORY_START = -1
"""The page of a directory that says with which key each other page starts."""


def group_key(group: str) -> str:
    """``level/Beginner``, ``tag/python``, ``segment/department/Sales``, in any case, as one."""
    return normalize("NFC", normalize("NFC", group.strip()).casefold())


def list_section(kind: KindName | RankingsKind, model_handle: str) -> Section:
    return f"{kind}/{model_handle}"


@dataclass(slots=True)
class ListRow:
    """One subject's list of one kind from one model, best first; scores in the same order."""

    kind: KindName | RankingsKind
    subject: Handle
    model_handle: str
    entries: list[Handle] = field(default_factory=list)
    scores: list[float] = field(default_factory=list)
    reasons: ListReasons | None = None

    @property
    def section(self) -> Section:
        return list_section(self.kind, self.model_handle)

    def to_json(self) -> bytes:
        """The stored form: the list alone, since the key already says whose it is."""
        stored: dict[str, Any] = {"entries": self.entries, "scores": self.scores}
        if self.reasons is not None:
            stored["reasons"] = self.reasons
        return orjson.dumps(stored)


@dataclass(slots=True)
class FactsRow:
    """What is known of one subject that is no list."""

    kind: FactsKind
    subject: Handle
    facts: dict[str, Any]

    @property
    def section(self) -> Section:
        return self.kind

    def to_json(self) -> bytes:
        return orjson.dumps(self.facts)


Row = ListRow | FactsRow


class _StoredList(msgspec.Struct):
    """A row of a list as it is stored. Decoding checks every type, and is done for every answer."""

    entries: list[Handle]
    scores: list[float]
    reasons: ListReasons | None = None


_list_of = msgspec.json.Decoder(_StoredList).decode
_facts_of = msgspec.json.Decoder(dict[str, Any]).decode


def read_row(key: Key, text: Text) -> Row:
    """The row of this key from its stored form. Raises ValueError if it is none."""
    section, subject = key
    kind, _, model_handle = section.partition("/")
    if not model_handle:
        return FactsRow(kind, subject, _facts_of(text))  # type: ignore[arg-type]
    stored = _list_of(text)
    return ListRow(
        kind,  # type: ignore[arg-type]
        subject,
        model_handle,
        stored.entries,
        stored.scores,
        stored.reasons,
    )
