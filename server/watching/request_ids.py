"""A number for every request, so that answer, log and trace can be held together."""

import itertools
import re
import secrets
from contextvars import ContextVar

CURRENT: ContextVar[str] = ContextVar("request_id", default="")
"""The number of the request that this thread answers; empty outside of any."""

_is_sane = re.compile(r"[A-Za-z0-9._:/+=@-]{1,128}").fullmatch


class RequestIds:
    """Random once per process and counted on: unlike a random number each time, nearly free."""

    def __init__(self) -> None:
        self._prefix = secrets.token_hex(6)
        self._numbers = itertools.count(1)

    def begin(self, sent: str | None) -> str:
        """The number that the client sent, if it can stand in a log and a header; else a new."""
        sane = sent is not None and _is_sane(sent)
        request_id = str(sent) if sane else f"{self._prefix}-{next(self._numbers):x}"
        CURRENT.set(request_id)
        return request_id
