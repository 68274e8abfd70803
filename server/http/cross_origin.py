"""Which pages of other origins may read answers: CORS (https://fetch.spec.whatwg.org/)."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ANY_ORIGIN = "*"
SENT_HEADERS = "Content-Type, If-None-Match, X-API-Key, X-Request-ID, traceparent, tracestate"
EXPOSED_HEADERS = "ETag, X-Request-ID, Retry-After, RateLimit, RateLimit-Policy"
PREFLIGHT_SECONDS = 600


class CrossOrigin:
    """A WSGI application that lets pages of the `origins` ask and read.

    Cookies are never among what such a page may use: whoever asks shows a key in a header, so the
    browser's own sign-in to the explorer is of no use to it, with ANY_ORIGIN neither.
    """

    def __init__(self, app: "WSGIApplication", origins: Sequence[str]) -> None:
        self._app = app
        self._origins = frozenset(origins)
        self._any = ANY_ORIGIN in origins

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        origin = environ.get("HTTP_ORIGIN", "")
        allowed = self._headers(origin)
        asks_first = "HTTP_ACCESS_CONTROL_REQUEST_METHOD" in environ
        if asks_first and allowed and environ["REQUEST_METHOD"] == "OPTIONS":
            start_response("204 No Content", [*allowed, *_PREFLIGHT])
            return []

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            vary = [] if self._any else [("Vary", "Origin")]
            return start_response(status, [*headers, *allowed, *vary], *error)

        return self._app(environ, start)

    def _headers(self, origin: str) -> list[tuple[str, str]]:
        if not origin or not (self._any or origin in self._origins):
            return []
        return [
            ("Access-Control-Allow-Origin", ANY_ORIGIN if self._any else origin),
            ("Access-Control-Expose-Headers", EXPOSED_HEADERS),
        ]


_PREFLIGHT = [
    ("Access-Control-Allow-Methods", "GET, POST"),
    ("Access-Control-Allow-Headers", SENT_HEADERS),
    ("Access-Control-Max-Age", str(PREFLIGHT_SECONDS)),
    ("Vary", "Origin, Access-Control-Request-Method, Access-Control-Request-Headers"),
]
