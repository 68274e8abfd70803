"""Requests whose body nobody read: their connection ends, and the answer says so.

A request that is refused before its body is looked at leaves that body on the connection. The
server of HTTP then closes the connection after the answer; a client that is not told sends its next
request into nothing.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed.wsgi import InputStream, StartResponse, WSGIApplication, WSGIEnvironment

BODY_IS_READ = "kindred.body_is_read"
"""Key of the WSGI environment: the whole body is off the connection already."""


class Unread:
    """A WSGI application whose answers say `Connection: close` where a body was not read."""

    def __init__(self, app: "WSGIApplication") -> None:
        self._app = app

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        announced = environ.get("CONTENT_LENGTH") or "0"
        chunked = "HTTP_TRANSFER_ENCODING" in environ
        if BODY_IS_READ in environ or (announced == "0" and not chunked):
            return self._app(environ, start_response)
        counted = environ["wsgi.input"] = _Counted(environ["wsgi.input"])

        def start(status: str, headers: list[tuple[str, str]], *error: Any) -> Any:
            # Nobody has said how long a chunked body is: only its end shows that it is read.
            whole = counted.ended or (not chunked and str(counted.bytes) == announced)
            closing = [] if whole else [("Connection", "close")]
            return start_response(status, [*headers, *closing], *error)

        return self._app(environ, start)


class _Counted:
    """A body, and how much of it was read."""

    def __init__(self, body: "InputStream") -> None:
        self._body = body
        self.bytes = 0
        self.ended = False

    def read(self, size: int = -1, /) -> bytes:
        text = self._body.read(size)
        self.bytes += len(text)
        self.ended = self.ended or size < 0 or len(text) < size
        return text
