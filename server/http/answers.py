"""From a checked request to the bytes of its answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from zlib import crc32

import orjson

from server.http.requests import ListsRequest
from server.lookup.freshness import staleness
from server.lookup.question import FRESH, MODEL, Answer, Question, look_up
from server.lookup.reasons import in_words, reasons_of
from server.problems import Problem
from server.reading.live_view import LiveGeneration
from server.service import Service
from shared import __version__
from shared.kinds import RECOMMENDATIONS, Kind
from shared.records import Handle


@dataclass(slots=True)
class Asked:
    """A request for lists. `text` is its body as it came, for which the ETag stands."""

    kind: Kind
    body: ListsRequest
    text: bytes
    if_none_match: str | None = None


@dataclass(slots=True)
class Reply:
    """`body` is None if the client has it already (304)."""

    etag: str
    body: bytes | None


def answer(service: Service, tenant: str, asked: Asked) -> Reply:
    """The answer for one subject, or for each of a batch, all of one generation.

    Raises Problem if the one subject, or the whole batch, cannot be answered; StoreError in an
    outage.
    """
    return service.live_view.read(tenant, partial(_of_generation, service, tenant, asked))


def _of_generation(service: Service, tenant: str, asked: Asked, live: LiveGeneration) -> Reply:
    body, settings = asked.body, service.settings
    age = staleness(live, body.max_age_seconds, settings)
    since = service.events.since(tenant, _who_sees_courses(asked))
    live = service.fresh.over(live, body.subjects)
    # A generation never changes, so the same question has the same answer in it, until the user
    # does something, or fresh lists come of it.
    seed = _seed(tenant, asked.kind.name, settings.answered_list_length, str(age))
    if live.freshest:
        seed = crc32(repr(live.freshest).encode(), seed)
    for user, of_user in since.items():
        seed = crc32(of_user.told, crc32(repr(user).encode(), seed))
    etag = f'"{live.generation}-{crc32(asked.text, seed):08x}"'
    if asked.if_none_match is not None and etag in asked.if_none_match:
        return Reply(etag, None)
    question = question_of(asked, settings.answered_list_length)
    question.since = since
    results = look_up(live, question)
    if not body.is_batch and isinstance(results[0], Problem):
        raise results[0]
    if asked.kind.falls_back:
        _count_fallbacks(service, tenant, results)
    described = [
        {"request_data": handle, "error": result.to_dict()}
        if isinstance(result, Problem)
        else {**_described(asked.kind, result, body, live), **age}
        for handle, result in zip(body.subjects, results, strict=True)
    ]
    return Reply(etag, orjson.dumps({"results": described} if body.is_batch else described[0]))


def _who_sees_courses(asked: Asked) -> Sequence[Handle]:
    if asked.kind is RECOMMENDATIONS:
        return asked.body.subjects
    return () if asked.body.unseen_by is None else (asked.body.unseen_by,)


def question_of(asked: Asked, answered_list_length: int) -> Question:
    """What was asked, with the server's own length where the request has none."""
    body = asked.body
    return Question(
        asked.kind,
        body.subjects,
        body.limit or answered_list_length,
        body.offset or 0,
        body.model_handle,
        frozenset(body.exclude or ()),
        None if body.only is None else frozenset(body.only),
        body.facets,
        body.unseen_by,
    )


def _count_fallbacks(service: Service, tenant: str, results: list[Answer | Problem]) -> None:
    if fallbacks := sum(isinstance(r, Answer) and r.source not in (MODEL, FRESH) for r in results):
        service.metrics.of(tenant).fallbacks(fallbacks)


@lru_cache(maxsize=256)
def _seed(*what_else_an_answer_depends_on: object) -> int:
    return crc32(repr((__version__, *what_else_an_answer_depends_on)).encode())


def _described(
    kind: Kind, answer: Answer, body: ListsRequest, live: LiveGeneration
) -> dict[str, Any]:
    data: dict[str, Any] = {"model_handle": answer.model_handle, kind.field: answer.entries}
    if body.with_scores:
        data["scores"] = answer.scores
    if body.with_reasons:
        card = live.cards.get(answer.model_handle)
        reasons = answer.reasons or reasons_of(card, answer.row, answer.entries)
        data["reasons"] = [reason and in_words(reason) for reason in reasons]
    described = {
        "request_data": answer.subject,
        "data": data,
        "generation": answer.generation,
        "source": answer.source,
    }
    if answer.refreshed_at:
        described["refreshed_at"] = answer.refreshed_at
    if 0 < answer.from_model < len(answer.entries):
        described["from_model"] = answer.from_model
    return described
