"""Which user or course a page or a form is about."""

from collections.abc import Mapping

import orjson
from flask import request

from server.problems import Problem
from shared.records import Handle, is_handle


def handle_asked() -> Handle | None:
    """The handle of the address, if it has one."""
    return handle_in(request.args)


def handle_in(fields: Mapping[str, str]) -> Handle | None:
    """As JSON, so that 999 and "999" stay two users."""
    text = fields.get("handle")
    if text is None:
        return None
    try:
        handle = orjson.loads(text)
    except orjson.JSONDecodeError:
        handle = None
    if not is_handle(handle):
        raise Problem("bad-request", '`handle` must be a handle as JSON: 999 or "ada".')
    found: Handle = handle
    return found
