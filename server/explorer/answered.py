"""What the API answers now for one user or course, and where that comes from."""

from dataclasses import dataclass

from server.lookup.question import MODEL, Answer, Question, look_up
from server.problems import Problem
from server.reading.live_view import LiveGeneration
from shared.kinds import KINDS, Entity, Kind
from shared.records import Handle


@dataclass(frozen=True, slots=True)
class Answered:
    """The answer to a request that names no model, or why there is none."""

    kind: Kind
    result: Answer | Problem

    @property
    def answer(self) -> Answer | None:
        return self.result if isinstance(self.result, Answer) else None

    @property
    def problem(self) -> Problem | None:
        return self.result if isinstance(self.result, Problem) else None

    @property
    def source(self) -> str:
        """`source` of the answer, in words."""
        answer = self.answer
        if answer is None:
            return "no list"
        if answer.source == MODEL:
            return "the model itself"
        fallback = answer.source.partition("fallback:")[2]
        if answer.from_model:
            return f"the first {answer.from_model} from the model, then the fallback {fallback}"
        return f"the fallback {fallback}: the model has nothing for this {self.kind.subject}"

    @property
    def courses_named(self) -> set[Handle]:
        answer = self.answer
        return set(answer.entries) if answer and self.kind.entry == "course" else set()


def answered(live: LiveGeneration, entity: Entity, subject: Handle, limit: int) -> list[Answered]:
    """For each kind of list of such a subject, from the default models."""
    return [
        Answered(kind, _result(live, kind, subject, limit))
        for kind in KINDS.values()
        if kind.subject == entity
    ]


def _result(live: LiveGeneration, kind: Kind, subject: Handle, limit: int) -> Answer | Problem:
    try:
        return look_up(live, Question(kind, [subject], limit))[0]
    except Problem as problem:
        return problem
