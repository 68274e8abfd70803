"""Settings of the server: where it listens, who may ask, how it answers."""

import re
from ipaddress import ip_network
from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from shared.errors import SettingsError
from shared.settings.both_sides import SharedSettings, split_commas
from shared.settings.places import Place, placed

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
ORIGIN_PATTERN = r"[a-z][a-z0-9+.-]*://(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]{1,5})?"
API_KEYS_FILE = "data/api_keys.json"
DEFAULT_API_KEYS_FILE = placed(API_KEYS_FILE)
ServerRole = Literal["lookups", "events"]
EVERY_ROLE: tuple[ServerRole, ...] = ("lookups", "events")
LogRequests = Literal["none", "errors", "all"]


class ServerSettings(SharedSettings):
    server_host: str = Field("127.0.0.1", description="Address to listen on.")
    server_port: int = Field(5000, ge=1, le=65535, description="Port to listen on.")
    server_workers: int = Field(1, ge=1, le=64, description="Server processes.")
    server_threads: int = Field(
        0,
        ge=0,
        le=64,
        description="Threads in each server process; 0 means 2, but 1 on SQLite, where a read "
        "takes less time than one thread's handing over to the next. More of them answer more "
        "requests that miss the cache, and fewer that hit it.",
    )
    server_roles: Annotated[list[ServerRole], NoDecode] = Field(
        default_factory=lambda: [*EVERY_ROLE],
        min_length=1,
        description="What this server is for, separated by commas: lookups answers lists and shows "
        "the explorer; events takes in what learners did, as a service of its own if it is alone.",
    )
    api_keys_file: Place = Field(
        API_KEYS_FILE,
        min_length=1,
        description="Salted hashes of the API keys; `python run_server.py keys create --tenant "
        "NAME` makes it. While there is such a file, every caller shows a key, which also names "
        "the tenant. Where there was one once, which SESSION_SECRET_FILE tells, the server does "
        "not start without.",
    )
    session_secret_file: Place = Field(
        "data/session_secret",
        min_length=1,
        description="What signs the explorer's sessions; the first start with keys makes it, "
        "readable by its user alone. Servers behind one load balancer share the file, and the one "
        "beside it that names the sessions which people have ended.",
    )
    allow_anonymous: bool = Field(
        False,
        description="true lets the server listen beyond loopback although nobody has to show a "
        "key; only for a port that something else guards.",
    )
    trusted_hosts: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Names, separated by commas, that requests may have in the header Host; one "
        "that begins with a dot allows its subdomains, * allows all. Empty means localhost and "
        "its addresses while the server listens on loopback without keys, else all.",
    )
    trusted_proxies: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Addresses and networks, separated by commas, of proxies whose X-Forwarded-"
        "Proto is believed, such as 127.0.0.1: behind one that speaks TLS the explorer's cookies "
        "are Secure and its addresses https then. Empty believes nobody.",
    )
    cors_origins: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Origins, separated by commas, whose pages may ask from a browser, such as "
        "https://learn.example.org; * allows all. Empty allows none. Such a page shows its key to "
        "whoever looks at it, so give it one with a low limit, or ask from your own server.",
    )
    answered_list_length: int = Field(
        10, ge=1, le=1000, description="Entries in an answer when the request sets no limit."
    )
    max_age_seconds: float | None = Field(
        None,
        ge=0,
        description="Answers from a generation that was begun longer ago say that they are stale; "
        "empty sets no limit. A request can set a lower one.",
    )
    stale_lists: Literal["flag", "refuse"] = Field(
        "flag", description="flag serves stale lists and says so; refuse answers 503."
    )
    events_kept: int = Field(
        10_000_000,
        ge=0,
        description="Events of a tenant that are kept at most, until `events compact` drops those "
        "that the tables have by now; 0 takes none in.",
    )
    cache_mb: float | None = Field(
        None,
        ge=0,
        le=65536,
        description="Lists that each server process remembers, in MiB (about 1 KB a user and "
        "model); they are answered also while the store is away. 0 remembers none. Empty means 8, "
        "but 0 on SQLite, where reading takes no longer than remembering.",
    )
    picture_origins: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Origins, separated by commas, from which the explorer may show pictures of "
        "courses, such as https://cdn.example.org; * allows every https address. Empty shows none "
        "from elsewhere: whoever runs such an origin sees who looks.",
    )
    pictures_folder: Place = Field(
        "",
        description="Folder of the pictures whose path in `courses` is no address, for the "
        "explorer; every tenant's are in a folder of its name in there. Empty shows none of these.",
    )
    metrics_token: str = Field(
        "",
        repr=False,
        description="What a scraper of /metrics has to show, as `Authorization: Bearer TOKEN`; "
        "without it only this machine is answered.",
    )

    log_requests: LogRequests = Field(
        "errors",
        description="Requests that get a line in the log: none, errors (5xx, or slower than a "
        "second), or all, which costs throughput.",
    )
    otlp_endpoint: str = Field(
        "",
        pattern=r"^(https?://\S+)?$",
        description="Where traces go by OTLP over HTTP, such as http://localhost:4318; empty sends "
        "none. Needs requirements-tracing.txt; the OTEL_* variables are honoured.",
    )

    @field_validator(
        "server_roles",
        "trusted_hosts",
        "trusted_proxies",
        "cors_origins",
        "picture_origins",
        mode="before",
    )
    @classmethod
    def _split_commas(cls, value: object) -> object:
        return split_commas(value)

    @field_validator("trusted_proxies")
    @classmethod
    def _networks(cls, proxies: list[str]) -> list[str]:
        for proxy in proxies:
            ip_network(proxy)
        return proxies

    @field_validator("cors_origins", "picture_origins")
    @classmethod
    def _origins(cls, origins: list[str]) -> list[str]:
        for origin in origins:
            if origin != "*" and not re.fullmatch(ORIGIN_PATTERN, origin.lower()):
                raise ValueError(
                    f"{origin!r} is no origin: write https://NAME or https://NAME:PORT, without a "
                    "path or a slash at the end"
                )
        return [origin.lower() for origin in origins]

    def threads_of_a_worker(self, reads_are_local: bool) -> int:
        """`reads_are_local` is what the store says of itself."""
        return self.server_threads or (1 if reads_are_local else 2)

    def cache_bytes(self, reads_are_local: bool) -> int:
        default = 0 if reads_are_local else 8
        return int(2**20 * (default if self.cache_mb is None else self.cache_mb))

    def check_exposure(self, guarded: bool) -> None:
        """Raise SettingsError rather than serve everybody's lists to everybody's network."""
        if guarded or self.allow_anonymous or self.server_host in LOOPBACK_HOSTS:
            return
        raise SettingsError(
            f"SERVER_HOST is {self.server_host}, but nobody has to show a key, so the server "
            "listens on loopback only: make a key with `python run_server.py keys create --tenant "
            "NAME`, use 127.0.0.1, or set ALLOW_ANONYMOUS=true if something in front of this port "
            "guards it."
        )
