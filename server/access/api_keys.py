"""API keys: what a caller shows, and the salted hash of it that the server keeps.

A key is `kindred_ID_SECRET`: the ID is public and finds the record, the secret is 256 random bits.
Nobody guesses such a secret from its hash, however fast the hash is; a slow one (scrypt, Argon2)
protects passwords, and would only cost milliseconds of every request here.
"""

import hmac
import secrets
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from shared.clock import utc_now
from shared.settings import TENANT_PATTERN

PREFIX = "kindred"
ID_PATTERN = r"^[0-9a-f]{12}$"
HEX_256_BITS = r"^[0-9a-f]{64}$"
MAX_KEY_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class RateLimit:
    """A bucket of `burst` requests that refills at `requests_per_second`."""

    requests_per_second: float
    burst: int


Right = Literal["read", "write"]
EVERY_RIGHT: frozenset[Right] = frozenset({"read", "write"})


@dataclass(frozen=True, slots=True)
class Identity:
    """Who asks: for metrics and logs, and to choose whose lists are read."""

    tenant: str
    key_id: str | None = None
    """None where nobody has to show a key."""
    name: str = ""
    limit: RateLimit | None = None
    rights: frozenset[Right] = EVERY_RIGHT
    """To read lists, and to write events."""


class ApiKey(BaseModel):
    """A key as the file keeps it. The secret is not in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key_id: str = Field(pattern=ID_PATTERN)
    tenant: str = Field(pattern=TENANT_PATTERN)
    name: str = Field("", max_length=100)
    salt: str = Field(pattern=HEX_256_BITS)
    hash: str = Field(pattern=HEX_256_BITS)
    """HMAC-SHA-256 of the secret under the salt."""
    requests_per_second: float | None = Field(None, gt=0, le=1e6, allow_inf_nan=False)
    """None: as many as the server can answer."""
    burst: int = Field(1, ge=1, le=1_000_000)
    created_at: str = ""
    rights: frozenset[Right] = Field(frozenset({"read"}), min_length=1)

    @field_validator("name")
    @classmethod
    def _prints_on_one_line(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("must be printable text on one line")
        return value

    @property
    def identity(self) -> Identity:
        limit = None
        if self.requests_per_second is not None:
            limit = RateLimit(self.requests_per_second, self.burst)
        return Identity(self.tenant, self.key_id, self.name, limit, self.rights)


def new_key(
    tenant: str,
    name: str,
    requests_per_second: float | None,
    burst: int,
    rights: frozenset[Right] = frozenset({"read"}),
) -> tuple[ApiKey, str]:
    """A fresh record, and the key itself, which nothing can show again."""
    key_id, secret, salt = secrets.token_hex(6), secrets.token_hex(32), secrets.token_bytes(32)
    record = ApiKey(
        key_id=key_id,
        tenant=tenant,
        name=name,
        salt=salt.hex(),
        hash=hashed(salt, secret).hex(),
        requests_per_second=requests_per_second,
        burst=burst,
        created_at=utc_now().isoformat(timespec="seconds"),
        rights=rights,
    )
    return record, f"{PREFIX}_{key_id}_{secret}"


def hashed(salt: bytes, secret: str) -> bytes:
    return hmac.digest(salt, secret.encode("utf-8", "surrogatepass"), "sha256")


class Keys:
    """The keys of one state of the file, ready to be looked up."""

    def __init__(self, records: list[ApiKey]) -> None:
        self._known = {
            record.key_id: (bytes.fromhex(record.salt), bytes.fromhex(record.hash), record.identity)
            for record in records
        }
        self._nobody = (secrets.token_bytes(32), secrets.token_bytes(32), None)
        self.tenants = sorted({record.tenant for record in records})

    def __len__(self) -> int:
        return len(self._known)

    def of_id(self, key_id: str) -> tuple[Identity, bytes] | None:
        """Whose key has this public ID, and what is stored of it."""
        found = self._known.get(key_id)
        return (found[2], found[1]) if found else None

    def identify(self, key: str) -> Identity | None:
        """Whose key this is. An unknown ID costs the same as a wrong secret."""
        _, _, rest = key[:MAX_KEY_CHARACTERS].partition("_")
        key_id, _, secret = rest.partition("_")
        salt, expected, identity = self._known.get(key_id, self._nobody)
        right = hmac.compare_digest(hashed(salt, secret), expected)
        return identity if right and key.startswith(PREFIX + "_") else None
