"""GET /health: is this process alive? GET /ready: can it answer from a live generation?"""

from functools import partial

from server.live_view import LiveGeneration, nothing_published
from server.problems import Problem
from server.routes.description import blueprint, problems
from server.schemas import HealthAnswer, ReadyAnswer
from server.service import service
from shared import __version__
from shared.errors import StoreError
from shared.records import SEEN_POPULAR
from shared.stores import Store

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

    The store is asked now: it names a live generation, and its lists can be read. If it does not
    answer, but lists are remembered, the status is `cache-only`: some users are still answered.
    """
    known = service()
    try:
        if known.store.live_generation(known.tenant) is None:
            raise nothing_published(known.tenant, known.settings.pointer_refresh_seconds)
        # Not always the live one: a damaged generation is refused, and the one before it served.
        generation = known.live_view.read(known.tenant, partial(_readable, known.store))
    except (StoreError, Problem):
        generation = known.live_view.current(known.tenant).generation
        if not known.lists.holds(known.tenant, generation):
            raise
        return {"status": "cache-only", "generation": generation}
    return {"status": "ready", "generation": generation}


def _readable(store: Store, live: LiveGeneration) -> str:
    """The generation, once the store has given lists of it; the cache would prove nothing."""
    store.get_texts(live.manifest.tenant, live.generation, SEEN_POPULAR, [0])
    return live.generation
