"""The plainest requests as WSGI, in front of Flask: lookups, and a few events.

Flask takes longer for a request than the lookup itself. So a lookup that succeeds is answered here,
as are events that are kept; everything else (another route, a malformed body, an unknown user, an
outage) goes on to Flask, whose routes say what is wrong.

What must hold for every request (keys, metrics, request ids) therefore stands around this as WSGI,
not in Flask's hooks.
"""

from collections.abc import Iterable
from io import BytesIO
from typing import TYPE_CHECKING

import orjson

from server.http.answers import Asked, answer
from server.http.headers import SECURITY_HEADERS, list_headers
from server.http.interactions import INTERACTIONS, Interactions
from server.http.requests import REQUESTS
from server.http.taking_in import EVENTS_PER_REQUEST, taken_in
from server.http.unread import BODY_IS_READ
from server.process.slow_bodies import timed
from server.service import FAILURE, Service
from shared.clock import utc_now
from shared.kinds import KINDS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

EVENTS = frozenset({INTERACTIONS, f"{INTERACTIONS}/"})
EVENT_HEADERS = [
    ("Content-Type", "application/json"),
    ("Cache-Control", "no-store"),
    *SECURITY_HEADERS.items(),
]
KIND_OF_PATH = {path: kind for kind in KINDS.values() for path in (kind.path, f"{kind.path}/")}


class Front:
    """Answers what it can at once, and hands the rest to `otherwise`."""

    def __init__(self, service: Service, otherwise: "WSGIApplication", max_body_bytes: int) -> None:
        self._service = service
        self._otherwise = otherwise
        self._max_body_bytes = max_body_bytes
        roles = service.settings.server_roles
        self._kinds = KIND_OF_PATH if "lookups" in roles else {}
        self._events = EVENTS if "events" in roles else frozenset()
        self._headers = list_headers(service.settings.pointer_refresh_seconds)

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        kind = self._kinds.get(path)
        if (kind is None and path not in self._events) or (text := self._body(environ)) is None:
            return self._otherwise(environ, start_response)
        if kind is None:
            return self._take_in(text, environ, start_response)
        try:
            body = REQUESTS[kind.name].model_validate(orjson.loads(text))
            asked = Asked(kind, body, text, environ.get("HTTP_IF_NONE_MATCH"))
            reply = answer(self._service, self._service.tenant_of(environ), asked)
        except Exception as error:
            environ[FAILURE] = error
            return self._with_flask(text, environ, start_response)
        if reply.body is None:
            start_response("304 NOT MODIFIED", [("ETag", reply.etag), *self._headers[1:]])
            return []
        length = ("Content-Length", str(len(reply.body)))
        start_response("200 OK", [length, ("ETag", reply.etag), *self._headers])
        return [reply.body]

    def _take_in(
        self, text: bytes, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        try:
            events = Interactions.model_validate(orjson.loads(text)).events
            if len(events) > EVENTS_PER_REQUEST:
                # They cost more of a key's limit than a request, which a route counts.
                return self._with_flask(text, environ, start_response)
            tenant = self._service.tenant_of(environ)
            body = orjson.dumps(taken_in(self._service, tenant, events, utc_now()))
        except Exception:
            return self._with_flask(text, environ, start_response)
        start_response("202 ACCEPTED", [("Content-Length", str(len(body))), *EVENT_HEADERS])
        return [body]

    def _with_flask(
        self, text: bytes, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """From the beginning: whatever failed here fails there too, and is put into words."""
        environ["wsgi.input"] = BytesIO(text)
        environ[BODY_IS_READ] = True
        return self._otherwise(environ, start_response)

    def _body(self, environ: "WSGIEnvironment") -> bytes | None:
        """The whole body if the request is of the plainest kind; else None, and it is not read."""
        if (
            environ["REQUEST_METHOD"] != "POST"
            or environ.get("CONTENT_TYPE") != "application/json"
            or "HTTP_CONTENT_ENCODING" in environ
            or not (length := environ.get("CONTENT_LENGTH", "")).isdecimal()
            or not 0 < int(length) <= self._max_body_bytes
        ):
            return None
        return timed(environ["wsgi.input"].read, int(length))
