"""Which stretch of a directory an address asks for."""

import re

from flask import request

from server.explorer.directory import Directory, Look, Place
from server.problems import Problem

PLACE = re.compile(r"([0-9]{1,9})\.([0-9]{1,9})")


def look_asked(directory: Directory, chosen: int | None = None) -> Look:
    """`at=PAGE.OFFSET`, as links have it, or `from=TEXT`, as people type it; else the beginning.

    With `chosen` only of those whose bit is set. Raises Problem if `at` is no place.
    """
    place = _place_asked(directory)
    return directory.look(place) if chosen is None else directory.look_among(chosen, place)


def _place_asked(directory: Directory) -> Place:
    if begins := request.args.get("from", "").strip():
        return directory.place_of(begins)
    asked = PLACE.fullmatch(request.args.get("at", "0.0"))
    if asked is None:
        raise Problem("bad-request", "`at` must be a place as links here have it: 3.50.")
    return Place(int(asked[1]), int(asked[2]))
