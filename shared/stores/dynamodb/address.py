"""What a dynamodb:// URL says."""

import re
from dataclasses import dataclass, fields
from typing import Self
from urllib.parse import parse_qsl, urlsplit

from shared.errors import SettingsError
from shared.settings import LOOPBACK_HOSTS

_BOUNDS = {
    "import_file_mb": (1, 1024),
    "import_minutes": (1, 7 * 24 * 60),
    # AWS warms no on-demand table to less than what every new one takes.
    "warm_write_units": (4000, 1_000_000),
}


@dataclass(frozen=True, slots=True)
class Folder:
    """A place in S3: s3://BUCKET/PREFIX, the prefix without slashes around it."""

    bucket: str
    prefix: str = ""

    @classmethod
    def parse(cls, url: str) -> Self:
        """Raises SettingsError if `url` makes no sense."""
        match = re.fullmatch(r"s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(/[^?#]*)?", url)
        if match is None:
            raise SettingsError(
                f"Lists cannot be imported from {url!r}; write s3://BUCKET/PREFIX after --via, or "
                "after via= in STORE_URL."
            )
        return cls(match[1], (match[2] or "").strip("/"))

    def __truediv__(self, name: str) -> "Folder":
        return Folder(self.bucket, f"{self.prefix}/{name}".lstrip("/"))

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class Address:
    """dynamodb://PREFIX?region=REGION&endpoint=URL&profile=NAME, each after ? optional.

    For who writes also: `via=s3://BUCKET/PREFIX` has DynamoDB import files from there, each of
    `import_file_mb` (before compression), and wait for it up to `import_minutes`;
    `warm_write_units` has tables take so many write units per second from the start.
    """

    prefix: str
    region: str | None = None
    endpoint: str | None = None
    profile: str | None = None
    via: Folder | None = None
    import_file_mb: int = 64
    import_minutes: int = 12 * 60
    warm_write_units: int = 0

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
        known = [f.name for f in fields(cls) if f.name != "prefix"]
        if unknown := sorted(options.keys() - set(known)):
            raise SettingsError(
                f"STORE_URL is {url!r}; {', '.join(unknown)} is not understood there, only "
                f"{', '.join(known[:-1])} and {known[-1]}."
            )
        if "endpoint" in options and not _is_http_url(options["endpoint"]):
            raise SettingsError(
                f"STORE_URL is {url!r}; its endpoint must be like http://127.0.0.1:8000."
            )
        return cls(
            prefix.rstrip("/"),
            options.get("region"),
            options.get("endpoint"),
            options.get("profile"),
            Folder.parse(options["via"]) if "via" in options else None,
            **{
                name: _whole_number(url, name, options[name], *bounds)
                for name, bounds in _BOUNDS.items()
                if name in options
            },
        )

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


def _whole_number(url: str, name: str, text: str, least: int, most: int) -> int:
    if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
        raise SettingsError(
            f"STORE_URL is {url!r}; its {name} must be a whole number from {least} to {most}."
        )
    return int(text)
