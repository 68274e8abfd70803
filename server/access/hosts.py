"""Which names a request may call this server by.

A page of an attacker whose name is made to resolve to 127.0.0.1 (DNS rebinding) reaches a server
on loopback from the victim's own browser; the header Host still has the attacker's name.
"""

import re
from collections.abc import Sequence

from shared.settings import LOOPBACK_HOSTS, ServerSettings

MAX_REMEMBERED = 256
_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?", re.ASCII | re.IGNORECASE)


class TrustedHosts:
    def __init__(self, names: Sequence[str]) -> None:
        self._names = frozenset(name.lower().strip("[]") for name in names)
        self._suffixes = tuple(name for name in self._names if name.startswith("."))
        self._right: set[str] = set()

    def __contains__(self, header: str) -> bool:
        """Is the header Host one of the names, with whatever port?"""
        if header in self._right:
            return True
        match = _HOST.fullmatch(header)
        name = match[1].lower().strip("[]") if match else ""
        right = name in self._names or name.endswith(self._suffixes)
        if right and len(self._right) < MAX_REMEMBERED:
            self._right.add(header)
        return right


def trusted_hosts(settings: ServerSettings) -> TrustedHosts | None:
    """None if every name will do. Where callers show keys, only TRUSTED_HOSTS limits the names."""
    names = settings.trusted_hosts
    return None if not names or "*" in names else TrustedHosts(names)


def anonymous_hosts(settings: ServerSettings) -> TrustedHosts | None:
    """The same where nobody shows a key: on loopback, the names of loopback."""
    if not settings.trusted_hosts and settings.server_host in LOOPBACK_HOSTS:
        return TrustedHosts(sorted(LOOPBACK_HOSTS))
    return trusted_hosts(settings)
