"""From a checked request to the bytes of its answer."""

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any
from zlib import crc32

import orjson

from server.absence import Task
from server.freshness import staleness
from server.lookup import Answer, Question, look_up
from server.problems import Problem
from server.reading.live_view import LiveGeneration
from server.reasons import in_words, reasons_of
from server.schemas import BatchRequest, ListRequest
from server.service import Service
from shared import __version__

LIST_NAMES: dict[Task, str] = {"similar_users": "similar_users", "recommendations": "courses"}


@dataclass(slots=True)
class Asked:
    """A request for lists. `text` is its body as it came, for which the ETag stands."""

    task: Task
    body: ListRequest | BatchRequest
    text: bytes
    if_none_match: str | None = None


@dataclass(slots=True)
class Reply:
    """`body` is None if the client has it already (304)."""

    etag: str
    body: bytes | None


def answer(service: Service, tenant: str, asked: Asked) -> Reply:
    """The answer for one user, or for each of a batch, all of one generation.

    Raises Problem if the one user, or the whole batch, cannot be answered; StoreError in an outage.
    """
    return service.live_view.read(tenant, partial(_of_generation, service, tenant, asked))


def _of_generation(service: Service, tenant: str, asked: Asked, live: LiveGeneration) -> Reply:
    body, settings = asked.body, service.settings
    age = staleness(live, body.max_age_seconds, settings)
    # A generation never changes, so the same question has the same answer in it.
    seed = _seed(tenant, asked.task, settings.answered_list_length, str(age))
    etag = f'"{live.generation}-{crc32(asked.text, seed):08x}"'
    if asked.if_none_match is not None and etag in asked.if_none_match:
        return Reply(etag, None)
    single = isinstance(body, ListRequest)
    handles = [body.user_handle] if isinstance(body, ListRequest) else body.user_handles
    limit = body.limit or settings.answered_list_length
    results = look_up(
        live, Question(asked.task, handles, limit, body.model_handle, frozenset(body.exclude))
    )
    if single and isinstance(results[0], Problem):
        raise results[0]
    if asked.task == "recommendations":
        _count_fallbacks(service, tenant, results)
    described = [
        {"request_data": handle, "error": result.to_dict()}
        if isinstance(result, Problem)
        else _described(asked.task, result, body, live) | age
        for handle, result in zip(handles, results, strict=True)
    ]
    return Reply(etag, orjson.dumps(described[0] if single else {"results": described}))


def _count_fallbacks(service: Service, tenant: str, results: list[Answer | Problem]) -> None:
    if fallbacks := sum(isinstance(r, Answer) and r.source != "model" for r in results):
        service.metrics.of(tenant).fallbacks(fallbacks)


@lru_cache(maxsize=256)
def _seed(*what_else_an_answer_depends_on: object) -> int:
    return crc32(repr((__version__, *what_else_an_answer_depends_on)).encode())


def _described(
    task: Task, answer: Answer, body: ListRequest | BatchRequest, live: LiveGeneration
) -> dict[str, Any]:
    data: dict[str, Any] = {"model_handle": answer.model_handle, LIST_NAMES[task]: answer.entries}
    if body.with_scores:
        data["scores"] = answer.scores
    if body.with_reasons:
        card = live.cards.get(answer.model_handle)
        reasons = reasons_of(task, card, answer.lists, answer.entries)
        data["reasons"] = [reason and in_words(reason) for reason in reasons]
    described = {
        "request_data": answer.user_handle,
        "data": data,
        "generation": answer.generation,
        "source": answer.source,
    }
    if answer.source == "model+fallback:popular":
        described["from_model"] = answer.from_model
    return described
