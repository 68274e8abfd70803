"""How old lists may be before an answer says so, or is refused."""

from typing import TypedDict

from server.problems import Problem
from server.reading.live_view import LiveGeneration, retry_after
from shared.clock import utc_now
from shared.settings import ServerSettings


class Age(TypedDict, total=False):
    """What an answer says of its age; nothing if nobody set a limit."""

    created_at: str
    stale: bool


def staleness(live: LiveGeneration, asked: float | None, settings: ServerSettings) -> Age:
    """Whether the lists are older than the request, or MAX_AGE_SECONDS, allows.

    Raises Problem if they are and STALE_LISTS=refuse.
    """
    allowed = [seconds for seconds in (asked, settings.max_age_seconds) if seconds is not None]
    if not allowed:
        return {}
    age_seconds = (utc_now() - live.created_at).total_seconds()
    stale = age_seconds > min(allowed)
    if stale and settings.stale_lists == "refuse":
        raise Problem(
            "lists-too-old",
            f"Generation {live.generation} is {age_seconds:,.0f} s old, and {min(allowed):,.0f} s "
            "are allowed. Ask with a larger max_age_seconds, or run the generator.",
            headers=retry_after(settings.pointer_refresh_seconds),
        )
    return {"created_at": live.manifest.created_at, "stale": stale}
