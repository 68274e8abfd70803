"""What a dynamodb:// URL says."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from shared.errors import SettingsError
from shared.settings import LOOPBACK_HOSTS


@dataclass(frozen=True, slots=True)
class Address:
    """dynamodb://PREFIX?region=REGION&endpoint=URL&profile=NAME, each after ? optional."""

    prefix: str
    region: str | None = None
    endpoint: str | None = None
    profile: str | None = None

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises SettingsError if the URL makes no sense."""
        prefix, _, query = url.removeprefix("dynamodb://").partition("?")
        options = dict(parse_qsl(query))
        if not re.fullmatch(r"[A-Za-z0-9_.-]{1,128}", prefix.rstrip("/")):
            raise SettingsError(
                f"STORE_URL is {url!r}; the part after dynamodb:// begins the tables' names, so "
                "it must be 1 to 128 characters out of a-z, A-Z, 0-9, _, . and -."
            )
        if unknown := sorted(options.keys() - {"region", "endpoint", "profile"}):
            raise SettingsError(
                f"STORE_URL is {url!r}; {', '.join(unknown)} is not understood there, only "
                "region, endpoint and profile."
            )
        if "endpoint" in options and not _is_http_url(options["endpoint"]):
            raise SettingsError(
                f"STORE_URL is {url!r}; its endpoint must be like http://127.0.0.1:8000."
            )
        return cls(prefix.rstrip("/"), **options)

    @property
    def is_loopback(self) -> bool:
        return self.endpoint is not None and urlsplit(self.endpoint).hostname in LOOPBACK_HOSTS

    def __str__(self) -> str:
        return self.endpoint or f"region {self.region or 'of the AWS configuration'}"


def _is_http_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
