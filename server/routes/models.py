"""GET /models: what the live generation holds."""

from typing import Any

import orjson
from flask import Response, request

from server.http.answers import Reply
from server.http.schemas import ModelsAnswer
from server.routes.description import NOT_MODIFIED, blueprint, problems
from server.routes.lists import as_response
from server.service import service
from shared import __version__
from shared.kinds import SIMILAR_USERS
from shared.records import Manifest

routes = blueprint(__name__, "models")


@routes.get("/models", responses={200: ModelsAnswer, **NOT_MODIFIED, **problems(503)})
def models() -> Response:
    """The models of the live generation

    What each serves, needs and measured, and why others did not run.
    """
    known = service()
    manifest = known.live_view.current(known.tenant).manifest
    etag = f'"{manifest.generation}-{__version__}"'
    known_already = etag in request.headers.get("If-None-Match", "")
    return as_response(Reply(etag, None if known_already else orjson.dumps(_described(manifest))))


def _described(manifest: Manifest) -> dict[str, Any]:
    served = [
        {
            "model_handle": card.model_handle,
            "title": card.title,
            "default": card.model_handle == manifest.default_for(SIMILAR_USERS.name),
            "default_for": [
                k for k, m in manifest.default_models.items() if m == card.model_handle
            ],
            "serves": card.serves,
            "needs": card.needs,
            "users": card.users,
            "measures": card.measures,
            "fit_seconds": card.fit_seconds,
        }
        for card in manifest.served_models
    ]
    skipped = [
        {
            "model_handle": card.model_handle,
            "title": card.title,
            "needs": card.needs,
            "reason": card.skipped,
        }
        for card in manifest.models
        if card.skipped is not None
    ]
    return {
        "generation": manifest.generation,
        "created_at": manifest.created_at,
        "default_model_handle": manifest.default_for(SIMILAR_USERS.name),
        "default_models": manifest.default_models,
        "user_handle_type": manifest.user_handle_type,
        "example_user_handle": manifest.example_user_handle,
        "example_course_handle": manifest.example_course_handle,
        "users": manifest.users,
        "courses": manifest.courses,
        "models": served,
        "skipped": skipped,
    }
