"""GET /health: is this process alive? GET /ready: can it answer from a live generation?"""

from server.live_view import LiveGeneration, nothing_published
from server.routes.description import blueprint, problems
from server.schemas import HealthAnswer, ReadyAnswer
from server.service import service
from shared import __version__
from shared.records import SEEN_POPULAR

routes = blueprint(__name__, "operation")


@routes.get("/health", responses={200: HealthAnswer, **problems()})
def health() -> dict[str, str]:
    """Is the process alive?

    It says nothing of the store.
    """
    return {"status": "alive", "version": __version__}


@routes.get("/ready", responses={200: ReadyAnswer, **problems(503)})
def ready() -> dict[str, str]:
    """Can lists be read?

    The store is asked now: it names a live generation, and its lists can be read.
    """
    known = service()
    if known.store.live_generation(known.tenant) is None:
        raise nothing_published(known.tenant, known.settings.pointer_refresh_seconds)
    # Not always the live one: a damaged generation is refused, and the one before it served.
    generation = known.live_view.read(known.tenant, _generation_whose_lists_can_be_read)
    return {"status": "ready", "generation": generation}


def _generation_whose_lists_can_be_read(live: LiveGeneration) -> str:
    live.lists(SEEN_POPULAR, [0])
    return live.generation
