"""Who asks: every request is given its tenant here, or a reason to refuse it.

`Guard` is the WSGI layer in front of everything that answers. Behind it the environment has TENANT,
whose lists may be read, and IDENTITY, by which key; or REFUSAL, a Problem. Routes of other
blueprints than OPEN_BLUEPRINTS raise that.
"""

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from flask import Flask, current_app, request

from server.access.api_keys import Identity, RateLimit, Right
from server.access.hosts import anonymous_hosts, trusted_hosts
from server.access.key_ring import KeyRing
from server.access.rate_limit import RateLimiter
from server.access.session_secret import SessionSecret
from server.access.session_tokens import SessionTokens
from server.http.interactions import INTERACTIONS, USERS
from server.http.new_courses import NEW_COURSES
from server.problems import Problem
from server.reading.live_view import Clock, retry_after
from server.service import TENANT
from shared.settings import ServerSettings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

IDENTITY = "kindred.identity"
REFUSAL = "kindred.refusal"
OPEN_BLUEPRINTS = frozenset({"docs", "explorer", "health", "index", "metrics"})
"""What needs no key in a header: nothing in there is of one tenant, metrics have a token of their
own, and the explorer has people sign in."""
WRITING_PATHS = frozenset({INTERACTIONS, USERS, NEW_COURSES})
AUTH = "kindred.auth"
HEADER = "X-API-Key"
_ENVIRON_HEADER = "HTTP_X_API_KEY"
SCHEME = "ApiKey"
SECURITY_SCHEMES: dict[str, Any] = {
    SCHEME: {
        "type": "apiKey",
        "in": "header",
        "name": HEADER,
        "description": "Needed once the server has keys; it also says whose lists are read.",
    }
}
_CURE = f"Send a valid key in the header {HEADER}; whoever runs this server gives one out."


class Auth:
    """The keys, the limits and the hosts of one app."""

    def __init__(
        self,
        settings: ServerSettings,
        marks: Path | None,
        clock: Clock,
        secret: SessionSecret | None = None,
    ) -> None:
        """Without a `secret` sessions are of this process alone."""
        secret = secret or SessionSecret()
        self.sessions = SessionTokens(secret.secret, secret.ended)
        self._refresh_seconds = settings.pointer_refresh_seconds
        self._ring = KeyRing(Path(settings.api_keys_file), self._refresh_seconds, clock)
        self._limiter = RateLimiter(marks, clock)
        self._anonymous = Identity(settings.tenant)
        self._hosts = trusted_hosts(settings)
        self._anonymous_hosts = anonymous_hosts(settings)

    @property
    def is_guarded(self) -> bool:
        """Must callers show a key?"""
        return self._ring.is_guarded

    @property
    def keys_are_unreadable(self) -> bool:
        """Is there a key file that cannot be used as it is now?"""
        return bool(self._ring.trouble)

    @property
    def tenants(self) -> list[str]:
        """Every tenant that may be asked for."""
        return self._ring.tenants if self.is_guarded else [self._anonymous.tenant]

    def identify(self, key: str | None) -> Identity:
        """Who shows this key; without keys in use everybody is of the one tenant.

        Raises Problem if the key is wrong or missing.
        """
        self._ring.follow_file()
        if not self._ring.is_guarded:
            return self._anonymous
        if not self._ring.is_readable:
            raise Problem(
                "keys-unreadable",
                "The server cannot read its keys, so it lets nobody in; its log says why.",
                headers=retry_after(self._refresh_seconds),
            )
        identity = self._ring.identify(key) if key else None
        if identity is None:
            cause = "This key is unknown or revoked." if key else "The request shows no API key."
            challenge = {"WWW-Authenticate": f'{SCHEME} realm="kindred"'}
            raise Problem("unauthorized", f"{cause} {_CURE}", headers=challenge)
        return identity

    def key_of(self, key_id: str) -> tuple[Identity, bytes] | None:
        """Whose key this is, and its stored hash; None if it is gone."""
        self._ring.follow_file()
        return self._ring.of_id(key_id)

    def admit(self, environ: "WSGIEnvironment", identity: Identity) -> None:
        """Let this request read as `identity`. Raises Problem if the key's limit is used up."""
        environ[IDENTITY] = identity
        environ[TENANT] = identity.tenant
        self._count(identity, 1)

    def charge(self, environ: "WSGIEnvironment", handles: int) -> None:
        """Count an admitted request as one for each of its handles: that is what answers cost.

        Raises Problem if so many are not left of the key's limit.
        """
        identity: Identity = environ[IDENTITY]
        limit = identity.limit
        if limit and identity.key_id and handles > limit.burst:
            raise Problem(
                "too-many-requests",
                f"This counts as {handles:,} requests, by how many handles or events it has, and "
                f"the key may make {limit.burst} at once; send fewer together.",
            )
        self._count(identity, handles - 1)

    def _count(self, identity: Identity, requests: int) -> None:
        limit = identity.limit
        if not limit or not identity.key_id or not requests:
            return
        wait = self._limiter.seconds_to_wait(identity.key_id, limit, requests)
        if wait:
            raise _too_many(limit, math.ceil(wait))

    def check_host(self, host: str) -> None:
        """Raise Problem if the request calls this server by a name that is not its own."""
        hosts = self._hosts if self._ring.is_guarded else self._anonymous_hosts
        if hosts is not None and host not in hosts:
            raise Problem(
                "untrusted-host",
                "The header Host has a name that this server does not answer to; use one of its "
                "own names, or add this one to the setting TRUSTED_HOSTS.",
            )


class Guard:
    """Hands admitted requests to `admitted`, the others to `otherwise`, which says why not."""

    def __init__(
        self, auth: Auth, admitted: "WSGIApplication", otherwise: "WSGIApplication"
    ) -> None:
        self._auth = auth
        self._admitted = admitted
        self._otherwise = otherwise

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        auth = self._auth
        try:
            auth.check_host(environ.get("HTTP_HOST", ""))
            identity = auth.identify(environ.get(_ENVIRON_HEADER))
            require_right(identity, right_at(environ["PATH_INFO"]))
            auth.admit(environ, identity)
        except Problem as refusal:
            environ[REFUSAL] = refusal
            return self._otherwise(environ, start_response)
        return self._admitted(environ, start_response)


def right_at(path: str) -> Right:
    """What a key must have the right to, to be answered there."""
    return "write" if path.rstrip("/") in WRITING_PATHS else "read"


def require_right(identity: Identity, right: Right) -> None:
    """Raise Problem if this key may not do that."""
    if right not in identity.rights:
        raise Problem(
            "forbidden",
            f"This key may not {right}; make one that may with `python run_server.py keys create "
            f"--tenant NAME --rights {right}`.",
        )


def refuse_in_routes(app: Flask) -> None:
    """Have the routes of `app` raise why a request was not admitted, but for the open ones."""

    @app.before_request
    def _refuse() -> None:
        refusal = request.environ.get(REFUSAL)
        if refusal is None or request.blueprint == "health":
            return  # probes know an address, not a name
        is_open = request.endpoint is None or request.blueprint in OPEN_BLUEPRINTS
        if not is_open or refusal.kind.name == "untrusted-host":
            raise refusal


def auth_of_app() -> Auth:
    """The Auth of the app that answers the current request."""
    return cast(Auth, current_app.extensions[AUTH])


def _too_many(limit: RateLimit, wait_seconds: int) -> Problem:
    window = math.ceil(limit.burst / limit.requests_per_second)
    return Problem(
        "too-many-requests",
        f"This key may ask {limit.requests_per_second:g} times a second, {limit.burst} times at "
        f"once; wait {wait_seconds} s.",
        headers={
            **retry_after(wait_seconds),
            "RateLimit-Policy": f'"key";q={limit.burst};w={window}',
            "RateLimit": f'"key";r=0;t={wait_seconds}',
        },
    )
