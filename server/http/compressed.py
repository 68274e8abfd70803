"""Long answers are compressed for those who ask for it."""

import gzip
from collections.abc import Iterable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LEAST_BYTES = 4096
"""Below this an answer fits into a few packets anyway, and a lookup is to cost nothing."""
LEVEL = 1
"""Lists of handles and sentences: level 6 takes six times as long for a tenth less."""
_SUFFIX = '-gzip"'


class Compressed:
    """A WSGI application whose long JSON answers are gzipped where the request accepts that.

    The two forms have different strong ETags, as RFC 9110 (8.8.3) wants them, and either of them
    brings a 304. Pages are left alone: they hold what a reader typed beside what is secret.
    """

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if _SUFFIX in environ.get("HTTP_IF_NONE_MATCH", ""):
            return self._known(environ, start_response)
        return self._compressed(environ, start_response)

    def _known(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """The client has a compressed answer, and the application knows only the plain one."""
        tags = environ["HTTP_IF_NONE_MATCH"]
        environ["HTTP_IF_NONE_MATCH"] = tags.replace(_SUFFIX, '"')

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            if status.startswith("304") and _gzipped(_value(headers, "ETag")) in tags:
                headers = _with_gzip_etag(headers)
            return start_response(status, headers, *error)

        return self._compressed(environ, start)

    def _compressed(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        if not _accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
            return self._app(environ, start_response)
        held: list[tuple[Any, ...]] = []
        pieces: list[bytes] = []

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            if not status.startswith("200") or not _is_long_json(headers):
                return start_response(status, headers, *error)
            held.append((status, headers, *error))
            return pieces.append

        body = self._app(environ, start)
        if not held or environ["REQUEST_METHOD"] == "HEAD":
            for plain in held:
                start_response(*plain)
            return body
        try:
            pieces.extend(body)
        finally:
            if close := getattr(body, "close", None):
                close()
        status, headers, *error = held[-1]
        text = gzip.compress(b"".join(pieces), LEVEL, mtime=0)
        kept = [header for header in _with_gzip_etag(headers) if header[0] != "Content-Length"]
        length = ("Content-Length", str(len(text)))
        start_response(status, [*kept, length, ("Content-Encoding", "gzip")], *error)
        return [text]


@lru_cache(maxsize=64)
def _accepts_gzip(header: str) -> bool:
    for part in header.lower().split(","):
        name, _, weight = part.replace(" ", "").partition(";")
        if name == "gzip":
            return not weight.startswith("q=0") or weight.strip("q=0.") != ""
    return False


def _is_long_json(headers: list[tuple[str, str]]) -> bool:
    length = _value(headers, "Content-Length")
    return (
        length.isdecimal()
        and int(length) > LEAST_BYTES
        and _value(headers, "Content-Type").startswith("application/json")
        and not _value(headers, "Content-Encoding")
    )


def _value(headers: list[tuple[str, str]], name: str) -> str:
    return next((value for key, value in headers if key == name), "")


def _with_gzip_etag(headers: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [(name, _gzipped(value) if name == "ETag" else value) for name, value in headers]


def _gzipped(etag: str) -> str:
    return etag[:-1] + _SUFFIX if etag.endswith('"') else etag
