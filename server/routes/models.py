"""GET /models: what the live generation holds."""

from typing import Any

from server.routes.description import blueprint, problems
from server.schemas import ModelsAnswer
from server.service import service

routes = blueprint(__name__, "models")


@routes.get("/models", responses={200: ModelsAnswer, **problems(503)})
def models() -> dict[str, Any]:
    """The models of the live generation

    What each serves, needs and measured, and why others did not run.
    """
    known = service()
    manifest = known.live_view.current(known.tenant).manifest
    served = [
        {
            "model_handle": card.model_handle,
            "title": card.title,
            "default": card.model_handle == manifest.default_model_handle,
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
        "default_model_handle": manifest.default_model_handle,
        "user_handle_type": manifest.user_handle_type,
        "example_user_handle": manifest.example_user_handle,
        "users": manifest.users,
        "courses": manifest.courses,
        "models": served,
        "skipped": skipped,
    }
