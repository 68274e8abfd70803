"""What the API answers now for one user or course, and where that comes from."""

from collections.abc import Mapping
from dataclasses import dataclass

from server.lookup.question import COLD_START, FRESH, MODEL, Answer, Question, look_up
from server.lookup.since import Since
from server.problems import Problem
from server.reading.live_view import LiveGeneration
from shared.kinds import KINDS, RECOMMENDATIONS, Entity, Kind
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
        if answer.source == FRESH:
            day, time = answer.refreshed_at[:10], answer.refreshed_at[11:19]
            return f"the model itself, made again at {day} {time} UTC"
        if answer.source.startswith(COLD_START):
            groups = answer.source.removeprefix(COLD_START).replace("+", ", ")
            return f"made now for a newcomer, of what is ranked for {groups}"
        fallback = answer.source.partition("fallback:")[2]
        if answer.from_model:
            return f"the first {answer.from_model} from the model, then the fallback {fallback}"
        return f"the fallback {fallback}: the model has nothing for this {self.kind.subject}"

    @property
    def courses_named(self) -> set[Handle]:
        answer = self.answer
        return set(answer.entries) if answer and self.kind.entry == "course" else set()


def answered(
    live: LiveGeneration,
    entity: Entity,
    subject: Handle,
    limit: int,
    since: Mapping[Handle, Since] | None = None,
) -> list[Answered]:
    """For each kind of list that a model gives of such a subject, from the default models.

    `since`: what users did since the lists were made, which recommendations heed.
    """
    served = {kind for card in live.manifest.served_models for kind in card.serves}
    return [
        Answered(kind, _result(live, kind, subject, limit, since or {}))
        for kind in KINDS.values()
        if kind.subject == entity and kind.name in served
    ]


def _result(
    live: LiveGeneration, kind: Kind, subject: Handle, limit: int, since: Mapping[Handle, Since]
) -> Answer | Problem:
    question = Question(kind, [subject], limit)
    if kind is RECOMMENDATIONS:
        question.since = since
    try:
        return look_up(live, question)[0]
    except Problem as problem:
        return problem
