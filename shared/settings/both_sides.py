"""Settings that generator and server must agree on, and how settings are read at all."""

from typing import Any, Literal, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import SettingsError
from shared.settings.places import PROJECT, StoreURL

LogFormat = Literal["auto", "text", "json"]
TENANT_PATTERN = r"^[a-z0-9_]{1,32}$"


class SharedSettings(BaseSettings):
    """What both sides read; each side adds its own, and a bad one of the other side is not seen."""

    model_config = SettingsConfigDict(
        env_file=PROJECT / ".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        validate_default=True,
    )

    store_url: StoreURL = Field(
        "sqlite:///data/store",
        description="Where lists are kept: sqlite:///FOLDER (in the folder of Kindred, as all "
        "relative paths of settings), sqlite:////FOLDER (absolute) or "
        "dynamodb://PREFIX?region=REGION&endpoint=URL&profile=NAME "
        "(each part after ? is optional; deploy/aws/README.md has more of them).",
    )
    tenant: str = Field(
        "default",
        pattern=TENANT_PATTERN,
        description="The customer platform whose lists these are: a-z, 0-9 and _, at most 32.",
    )
    pointer_refresh_seconds: float = Field(
        5.0, gt=0, le=3600, description="How soon servers notice a newly published generation."
    )

    log_format: LogFormat = Field(
        "auto",
        description="How lines are said: json, text (both with the time), or auto: the server's as "
        "text on a terminal and JSON elsewhere, the generator's without a time, with bars on a "
        "terminal.",
    )

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the environment and the `.env` of the project; `overrides` win.

        Raises SettingsError with one line per setting that makes no sense.
        """
        try:
            return cls(**{k: v for k, v in overrides.items() if v is not None})
        except ValidationError as error:
            problems = [
                f"{'.'.join(map(str, e['loc'])).upper() or 'settings'}: {e['msg']}"
                f" (received: {e['input']!r})"
                if e["loc"]
                else e["msg"]
                for e in error.errors(include_url=False)
            ]
            raise SettingsError("; ".join(problems) + ". example.env explains each.") from None
        except ValueError as error:
            raise SettingsError(f"{error}. example.env explains each setting.") from None

    @property
    def grace_seconds(self) -> float:
        """After this long no server reads a generation that another one has replaced."""
        return 3 * self.pointer_refresh_seconds


def split_commas(value: object) -> object:
    """A list as the environment writes it: a,b."""
    if isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value
