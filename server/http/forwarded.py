"""What a proxy says of the request that it passes on, believed of proxies that are named alone."""

from collections.abc import Iterable, Sequence
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


class Forwarded:
    """A WSGI application that takes `X-Forwarded-Proto` of the `proxies` for the scheme.

    From anybody else it is a word of the client's. Host and path a proxy passes on as they are.
    """

    def __init__(self, app: "WSGIApplication", proxies: Sequence[str]) -> None:
        """`proxies` are addresses and networks."""
        self._app = app
        self._believing = ProxyFix(app, x_for=0, x_proto=1)
        self._networks = [ip_network(proxy) for proxy in proxies]

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        answering = self._believing if self._trusts(environ["REMOTE_ADDR"]) else self._app
        return answering(environ, start_response)

    def _trusts(self, address: str) -> bool:
        try:
            peer = ip_address(address)
        except ValueError:  # a socket without addresses
            return False
        return any(peer in network for network in self._networks)
