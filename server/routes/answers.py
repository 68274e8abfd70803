"""What both kinds of lists share: from a request to the stored lists, and to the JSON answer."""

from functools import partial
from typing import Any

from server.absence import Task
from server.lookup import Answer, Question, look_up
from server.problems import Problem
from server.schemas import BatchRequest, ListRequest
from server.service import service
from shared.records import Handle

LIST_NAMES: dict[Task, str] = {"similar_users": "similar_users", "recommendations": "courses"}


def one(task: Task, body: ListRequest) -> dict[str, Any]:
    """The answer for one user. Raises Problem if there is none."""
    (result,) = _results(task, [body.user_handle], body)
    if isinstance(result, Problem):
        raise result
    return _answer(task, result, body.with_scores)


def many(task: Task, body: BatchRequest) -> dict[str, Any]:
    """An answer or a problem for each user, in the order asked."""
    results = _results(task, body.user_handles, body)
    return {
        "results": [
            {"request_data": handle, "error": result.to_dict()}
            if isinstance(result, Problem)
            else _answer(task, result, body.with_scores)
            for handle, result in zip(body.user_handles, results, strict=True)
        ]
    }


def _results(
    task: Task, user_handles: list[Handle], body: ListRequest | BatchRequest
) -> list[Answer | Problem]:
    known = service()
    limit = body.limit or known.settings.answered_list_length
    question = Question(task, user_handles, limit, body.model_handle)
    return known.live_view.read(known.tenant, partial(look_up, question=question))


def _answer(task: Task, answer: Answer, with_scores: bool) -> dict[str, Any]:
    data: dict[str, Any] = {"model_handle": answer.model_handle, LIST_NAMES[task]: answer.entries}
    if with_scores:
        data["scores"] = answer.scores
    return {
        "request_data": answer.user_handle,
        "data": data,
        "generation": answer.generation,
        "source": answer.source,
    }
