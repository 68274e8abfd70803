"""The two questions the server answers: who is like this user, and what should they take next."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from server.absence import Task, explain_absence, find_card, unknown_user
from server.fallback import popular_lists
from server.live_view import LiveGeneration
from server.problems import Problem
from shared.records import Handle, UserLists

Source = Literal["model", "fallback:popular"]


@dataclass(frozen=True, slots=True)
class Question:
    task: Task
    user_handles: Sequence[Handle]
    limit: int
    model_handle: str | None = None
    """None asks the generation's default model."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One user's list, best first; a score stands at the place of its entry."""

    user_handle: Handle
    model_handle: str
    generation: str
    source: Source
    entries: list[Handle]
    scores: list[float]


def look_up(live: LiveGeneration, question: Question) -> list[Answer | Problem]:
    """One answer or problem per user, in the order asked.

    Raises Problem if the model is unknown or does not give such lists, since then no user has any.
    """
    card = find_card(live, question.task, question.model_handle)
    found = live.lists(card.model_handle, question.user_handles)
    answers = _similar_users if question.task == "similar_users" else _recommendations
    return answers(live, question, card.model_handle, found)


def _similar_users(
    live: LiveGeneration, question: Question, model_handle: str, found: dict[Handle, UserLists]
) -> list[Answer | Problem]:
    absent = [handle for handle in question.user_handles if handle not in found]
    problems = explain_absence(live, model_handle, absent) if absent else {}
    top = slice(question.limit)
    return [
        Answer(
            handle,
            model_handle,
            live.generation,
            "model",
            found[handle].similar_users[top],
            found[handle].similar_user_scores[top],
        )
        if handle in found
        else problems[handle]
        for handle in question.user_handles
    ]


def _recommendations(
    live: LiveGeneration, question: Question, model_handle: str, found: dict[Handle, UserLists]
) -> list[Answer | Problem]:
    empty = [h for h in question.user_handles if h not in found or not found[h].courses]
    popular = popular_lists(live, empty, known=found) if empty else {}
    top = slice(question.limit)

    def result(handle: Handle) -> Answer | Problem:
        source: Source = "model"
        lists = found.get(handle)
        if lists is None or not lists.courses:
            source, lists = "fallback:popular", popular.get(handle)
        if lists is None:
            return unknown_user(live, handle)
        courses, scores = lists.courses[top], lists.course_scores[top]
        return Answer(handle, model_handle, live.generation, source, courses, scores)

    return [result(handle) for handle in question.user_handles]
