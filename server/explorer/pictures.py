"""Pictures of courses: what the page may load, and those that lie in a folder of ours.

An address comes from a table that anybody may have written, so a page loads only from where a
setting says; a path is looked up by its course, below a folder of the tenant's own, so that nobody
can ask for another file.
"""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Response, send_from_directory, url_for

from server.explorer.asked import handle_asked
from server.explorer.blueprint import routes
from server.lookup.stored import facts_of
from server.problems import Problem
from server.reading.live_view import LiveGeneration
from server.service import service
from shared.records import Handle, handle_key
from shared.settings import ServerSettings

SHOWN = frozenset({".avif", ".gif", ".jpeg", ".jpg", ".png", ".webp"})
"""No SVG: it can hold scripts."""
PICTURE_SECONDS = 3600


def picture_source(course: Handle, picture: str, settings: ServerSettings) -> str | None:
    """The address that a page loads it from; None if the settings do not let it."""
    address = urlsplit(picture)
    if address.scheme:
        origin = f"{address.scheme}://{address.netloc}".lower()
        allowed = settings.picture_origins
        is_allowed = origin in allowed or ("*" in allowed and address.scheme == "https")
        return picture if is_allowed else None
    if settings.pictures_folder and Path(picture).suffix.lower() in SHOWN:
        return url_for("explorer.picture", handle=handle_key(course))
    return None


@routes.get("/pictures")
def picture() -> Response:
    """The picture of a course whose path leads into PICTURES_FOLDER/TENANT."""
    known = service()
    path = known.live_view.read(known.tenant, _path_asked)
    folder = known.settings.pictures_folder
    if not path or not folder or urlsplit(path).scheme or Path(path).suffix.lower() not in SHOWN:
        raise Problem("unknown-route", "This course has no picture in PICTURES_FOLDER.")
    of_tenant = Path(folder, known.tenant).absolute()
    # The name that a table has for it does not go into a header.
    name = f"picture{Path(path).suffix.lower()}"
    return send_from_directory(of_tenant, path, max_age=PICTURE_SECONDS, download_name=name)


def _path_asked(live: LiveGeneration) -> str:
    course = handle_asked()
    facts = facts_of(live, "course", [] if course is None else [course])
    return str(facts[course].facts.get("picture", "")) if course in facts else ""
