"""One question, and the lists that answer it: from one generation, cut to what was asked for."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, field

from server.lookup.absence import explain_absence, find_card, unknown_subject
from server.lookup.cold_start import newcomers_list
from server.lookup.course_filter import Filter, passing
from server.lookup.fallback import Filler, fillers, rankings_for_everybody
from server.lookup.since import Since, courses_of
from server.lookup.stored import known_among, lists_of, seen_by
from server.problems import Problem
from server.reading.fresh_lists import FreshRow
from server.reading.live_view import LiveGeneration
from shared.kinds import Kind
from shared.records import Handle, ListRow, ModelCard, Reason

MODEL = "model"
FRESH = "fresh"
"""The model's too, made since the generation."""
COLD_START = "cold-start:"
"""How the source of a list begins that was merged for a newcomer; its groups follow."""


@dataclass(slots=True)
class Question:
    kind: Kind
    subjects: Sequence[Handle]
    limit: int
    offset: int = 0
    """So many entries are passed over."""
    model_handle: str | None = None
    """None asks the generation's default model."""
    exclude: Set[Handle] = frozenset()
    only: Set[Handle] | None = None
    """None allows every entry."""
    filter: Filter = field(default_factory=dict)
    unseen_by: Handle | None = None
    """A user whose seen courses are left out."""
    since: Mapping[Handle, Since] = field(default_factory=dict)
    """User -> what they did since the lists were made."""

    @property
    def is_choosy(self) -> bool:
        """Whether some entries of a stored list may not be answered."""
        return bool(self.exclude or self.filter) or self.only is not None


@dataclass(slots=True)
class Answer:
    """One subject's list, best first; a score stands at the place of its entry."""

    subject: Handle
    model_handle: str
    generation: str
    source: str
    """model, fresh, fallback:NAME, model+fallback:NAME, fresh+fallback:NAME, or
    cold-start:GROUP+GROUP."""
    entries: list[Handle]
    scores: list[float]
    from_model: int
    """So many first entries are the model's; the others are the fallback's."""
    row: ListRow | None = None
    """What is stored of the subject, with the reasons; None if the model knows nothing of it."""
    reasons: list[Reason | None] | None = None
    """Of each entry, where they are not stored."""
    refreshed_at: str = ""
    """When a fresh list was made."""


def look_up(live: LiveGeneration, question: Question) -> list[Answer | Problem]:
    """One answer or problem per subject, in the order asked.

    Raises Problem if the model is unknown or does not give such lists, since then nobody has any.
    """
    card = find_card(live, question.kind, question.model_handle)
    if question.unseen_by is not None:
        question = _without_seen(live, question, question.unseen_by)
    rows = lists_of(live, card, question.kind, question.subjects)
    if question.kind.falls_back:
        return _filled(live, question, card, rows)
    absent = [subject for subject in question.subjects if subject not in rows]
    problems = explain_absence(live, question.kind, card, absent) if absent else {}
    allowed = _allowed(live, question, rows.values())
    return [
        _answer(live, question, card, rows[subject], allowed)
        if subject in rows
        else problems[subject]
        for subject in question.subjects
    ]


def _without_seen(live: LiveGeneration, question: Question, user: Handle) -> Question:
    seen = seen_by(live, [user]).get(user)
    if seen is None and user not in question.since:
        raise unknown_subject(live, "user", user)
    question.exclude = question.exclude | set(seen or ()) | courses_of(question.since, user)
    return question


def _filled(
    live: LiveGeneration, question: Question, card: ModelCard, rows: Mapping[Handle, ListRow]
) -> list[Answer | Problem]:
    """Recommendations: where the model has none, or exclusions made holes, a fallback's follow."""
    allowed = _allowed(live, question, rows.values())
    answers = {s: _answer(live, question, card, row, allowed) for s, row in rows.items()}
    short = [
        subject
        for subject in question.subjects
        if subject not in rows or _holes(question, answers[subject], rows[subject])
    ]
    if not short:
        return [answers[subject] for subject in question.subjects]
    known = known_among(live, "user", [subject for subject in short if subject not in rows])
    wanting = [subject for subject in short if subject in rows or subject in known]
    fallbacks = fillers(live, wanting, without=card.model_handle)

    def result(subject: Handle) -> Answer | Problem:
        if subject in rows and subject not in wanting:
            return answers[subject]
        if subject not in rows and subject not in known:
            return _for_newcomer(live, question, card, subject)
        nothing = ListRow(question.kind.name, subject, card.model_handle)
        answer = answers.get(subject) or _answer(live, question, card, nothing, None)
        answer.row = rows.get(subject)
        return _with_fallback(live, question, answer, fallbacks[subject])

    return [result(subject) for subject in question.subjects]


def _for_newcomer(
    live: LiveGeneration, question: Question, card: ModelCard, user: Handle
) -> Answer | Problem:
    """What a user of whom the generation knows nothing gets, once they have said or done
    anything."""
    if user not in question.since:
        return unknown_subject(live, "user", user)
    own = newcomers_list(live, user, question.since[user].groups)
    row = own.row if own else ListRow(question.kind.name, user, card.model_handle)
    answer = _answer(live, question, card, row, _allowed(live, question, [row]))
    answer.row = None
    if own is None:
        return _with_fallback(live, question, answer, rankings_for_everybody(live))
    answer.model_handle, answer.source = row.model_handle, f"{COLD_START}{own.name}"
    answer.reasons = [own.reasons[entry] for entry in answer.entries]
    return answer


def _holes(question: Question, answer: Answer, row: ListRow) -> int:
    """Entries that are missing of those there would be if the question allowed all."""
    if not row.entries:
        return question.limit
    if not question.is_choosy and not courses_of(question.since, answer.subject):
        return 0
    there_would_be = len(row.entries[question.offset : question.offset + question.limit])
    return there_would_be - len(answer.entries)


def _answer(
    live: LiveGeneration,
    question: Question,
    card: ModelCard,
    row: ListRow,
    allowed: Set[Handle] | None,
) -> Answer:
    cut = slice(question.offset, question.offset + question.limit)
    gone = courses_of(question.since, row.subject)
    if allowed is None and not gone:
        entries, scores = row.entries[cut], row.scores[cut]
    else:
        places = [
            place
            for place, entry in enumerate(row.entries)
            if entry not in gone and (allowed is None or entry in allowed)
        ][cut]
        entries, scores = [row.entries[p] for p in places], [row.scores[p] for p in places]
    generation = live.generation
    refreshed_at = row.made_at if isinstance(row, FreshRow) else ""
    return Answer(
        row.subject,
        card.model_handle,
        generation,
        FRESH if refreshed_at else MODEL,
        entries,
        scores,
        len(entries),
        row,
        refreshed_at=refreshed_at,
    )


def _with_fallback(
    live: LiveGeneration, question: Question, answer: Answer, fallbacks: Sequence[Filler]
) -> Answer:
    """The answer with the best of the first fallbacks in its holes."""
    row = answer.row
    wanted = question.limit if row is None else _holes(question, answer, row)
    # Where the model has nothing, the fallback is the list, and is passed over like one.
    passed_over = question.offset if row is None or not row.entries else 0
    gone = courses_of(question.since, answer.subject)
    for filler in fallbacks:
        allowed = _allowed(live, question, [filler.row])
        taken = set(answer.entries) if row is None else {*answer.entries, *row.entries}
        places = [
            place
            for place, entry in enumerate(filler.row.entries)
            if entry not in taken and entry not in gone and (allowed is None or entry in allowed)
        ][passed_over : passed_over + wanted]
        if not places:
            continue
        answer.entries = answer.entries + [filler.row.entries[place] for place in places]
        answer.scores = answer.scores + [filler.row.scores[place] for place in places]
        # The scores of two models mean different things: one fallback is enough.
        own = f"{answer.source}+" if answer.from_model else ""
        answer.source = f"{own}fallback:{filler.name}"
        break
    return answer


def _allowed(
    live: LiveGeneration, question: Question, rows: Iterable[ListRow]
) -> Set[Handle] | None:
    """The entries of these rows that may be answered; None if all may."""
    if not question.is_choosy:
        return None
    listed = {entry for row in rows for entry in row.entries}
    listed -= question.exclude
    if question.only is not None:
        listed &= question.only
    return passing(live, listed, question.filter) if question.filter else listed
