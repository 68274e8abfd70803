"""GET /health: is this process alive? GET /ready: can it answer from a live generation?"""

from flask_openapi.blueprint import APIBlueprint

from server.live_view import nothing_published
from server.routes.answers import problems
from server.schemas import HealthAnswer, ReadyAnswer
from server.service import service
from shared import __version__
from shared.records import SEEN_POPULAR

routes = APIBlueprint("health", __name__, abp_tags=[{"name": "operation"}])


@routes.get("/health", responses={200: HealthAnswer, **problems()})
def health() -> dict[str, str]:
    """Alive: the process answers. It says nothing of the store."""
    return {"status": "alive", "version": __version__}


@routes.get("/ready", responses={200: ReadyAnswer, **problems(503)})
def ready() -> dict[str, str]:
    """Ready: the store is asked now, names a live generation, and lets its lists be read."""
    known = service()
    generation = known.store.live_generation(known.tenant)
    if generation is None:
        raise nothing_published(known.tenant, known.settings.pointer_refresh_seconds)
    known.store.get(known.tenant, generation, SEEN_POPULAR, 0)
    return {"status": "ready", "generation": generation}
