"""The two questions the server answers: who is like this user, and what should they take next."""

from collections.abc import Sequence, Set
from dataclasses import dataclass, replace
from typing import Literal

from server.absence import Task, explain_absence, find_card, unknown_user
from server.fallback import popular_lists
from server.problems import Problem
from server.reading.live_view import LiveGeneration
from shared.records import Handle, UserLists

Entries = list[Handle]
Scores = list[float]
Source = Literal["model", "fallback:popular", "model+fallback:popular"]


@dataclass(slots=True)
class Question:
    task: Task
    user_handles: Sequence[Handle]
    limit: int
    model_handle: str | None = None
    """None asks the generation's default model."""
    exclude: Set[Handle] = frozenset()


@dataclass(slots=True)
class Answer:
    """One user's list, best first; a score stands at the place of its entry."""

    user_handle: Handle
    model_handle: str
    generation: str
    source: Source
    entries: list[Handle]
    scores: list[float]
    from_model: int
    """So many first entries are the model's; the others are popular."""
    lists: UserLists | None = None
    """What is stored of the user, with the reasons; None if the model knows nothing of them."""


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

    def result(handle: Handle) -> Answer | Problem:
        lists = found.get(handle)
        if lists is None:
            return problems[handle]
        kept = _kept(lists.similar_users, lists.similar_user_scores, question)
        return Answer(handle, model_handle, live.generation, "model", *kept, len(kept[0]), lists)

    return [result(handle) for handle in question.user_handles]


def _recommendations(
    live: LiveGeneration, question: Question, model_handle: str, found: dict[Handle, UserLists]
) -> list[Answer | Problem]:
    kept = {
        handle: _kept(lists.courses, lists.course_scores, question)
        for handle, lists in found.items()
    }
    short = [h for h in question.user_handles if _is_short(found.get(h), kept.get(h), question)]
    popular = popular_lists(live, short, known=found) if short else {}

    def result(handle: Handle) -> Answer | Problem:
        if handle not in found and handle not in popular:
            return unknown_user(live, handle)
        courses, scores = kept.get(handle, ([], []))
        from_model = len(courses)
        if handle in popular:
            courses, scores = _filled(courses, scores, popular[handle], question)
        source: Source = "model"
        if not from_model and handle in popular:
            source = "fallback:popular"
        elif len(courses) > from_model:
            source = "model+fallback:popular"
        of_list = source, courses, scores, from_model, found.get(handle)
        return Answer(handle, model_handle, live.generation, *of_list)

    return [result(handle) for handle in question.user_handles]


def _kept(entries: Entries, scores: Scores, question: Question) -> tuple[Entries, Scores]:
    """The first entries that are not excluded."""
    if not question.exclude:
        return entries[: question.limit], scores[: question.limit]
    places = [p for p, entry in enumerate(entries) if entry not in question.exclude]
    places = places[: question.limit]
    return [entries[p] for p in places], [scores[p] for p in places]


def _is_short(
    lists: UserLists | None, kept: tuple[Entries, Scores] | None, question: Question
) -> bool:
    """Whether popular courses are wanted: there is none of the model's, or some were excluded."""
    if lists is None or kept is None or not lists.courses:
        return True
    excluded = not question.exclude.isdisjoint(lists.courses)
    return excluded and len(kept[0]) < question.limit


def _filled(
    courses: Entries, scores: Scores, popular: UserLists, question: Question
) -> tuple[Entries, Scores]:
    more = replace(
        question, exclude=question.exclude | set(courses), limit=question.limit - len(courses)
    )
    extra = _kept(popular.courses, popular.course_scores, more)
    return courses + extra[0], scores + extra[1]
