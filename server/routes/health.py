"""GET /health: is this process alive? GET /ready: can it answer?"""

from functools import partial

from flask import request

from server.access.guard import HEADER, IDENTITY, REFUSAL, auth_of_app
from server.http.schemas import HealthAnswer, ReadyAnswer
from server.problems import Problem
from server.reading.live_view import LiveGeneration, retry_after
from server.routes.description import blueprint, problems
from server.service import service
from shared import __version__
from shared.errors import StoreError
from shared.records import SEEN
from shared.stores import Store

routes = blueprint(__name__, "operation")


@routes.get("/health", responses={200: HealthAnswer, **problems()})
def health() -> dict[str, str]:
    """Is the process alive?

    It says nothing of the store.
    """
    return {"status": "alive", "version": __version__}


@routes.get("/ready", responses={200: ReadyAnswer, **problems(401, 503)})
def ready() -> dict[str, str]:
    """Can lists be read?

    The store is asked for a list now, as a lookup asks it. If that is of another generation than
    the one that is live, because that one or the pointer cannot be read, the status is `degraded`,
    and `trouble` says why. If the store does not answer, but lists are remembered, it is
    `cache-only`: some users are still answered.
    """
    identity = request.environ.get(IDENTITY)
    if identity is not None:
        return _state(identity.tenant)
    refusal: Problem = request.environ[REFUSAL]
    if HEADER in request.headers or refusal.kind.name == "keys-unreadable":
        raise refusal
    return {"status": _best_state(auth_of_app().tenants)}


def _best_state(tenants: list[str]) -> str:
    """Of any tenant, and names none of them: who asks has shown no key."""
    failure: StoreError | None = None
    for tenant in tenants:
        try:
            return _state(tenant)["status"]
        except Problem:
            continue
        except StoreError as error:
            failure = error
    if failure is not None:
        raise failure
    raise Problem(
        "nothing-published",
        "No tenant with a key has a published generation. Run `python run_generator.py` for one, "
        "then ask again.",
        headers=retry_after(service().settings.pointer_refresh_seconds),
    )


def _state(tenant: str) -> dict[str, str]:
    """Raises Problem or StoreError if this tenant's users cannot be answered."""
    known = service()
    try:
        generation = known.live_view.read(tenant, partial(_readable, known.store))
    except (StoreError, Problem):
        generation = known.live_view.current(tenant).generation
        if not known.rows.holds(tenant, generation):
            raise
        return {"status": "cache-only", "generation": generation}
    if trouble := known.live_view.trouble(tenant):
        return {"status": "degraded", "generation": generation, "trouble": trouble}
    return {"status": "ready", "generation": generation}


def _readable(store: Store, live: LiveGeneration) -> str:
    """The generation, once the store has given lists of it; the cache would prove nothing."""
    store.get_texts(live.manifest.tenant, live.generation, [(SEEN, 0)])
    return live.generation
