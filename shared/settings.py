"""Every setting of Kindred, once: name, type, default, help.

Settings come from the environment, then from the file `.env`, then from the defaults here; nothing
else in the house reads either. `python -m shared.settings` prints example.env.
"""

import textwrap
from typing import Annotated, Any, Literal, Self

import orjson
from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from shared.errors import SettingsError

LOOPBACK_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
DEFAULT_API_KEYS_FILE = "data/api_keys.json"
TENANT_PATTERN = r"^[a-z0-9_]{1,32}$"
HandleType = Literal["auto", "int", "str"]
LogFormat = Literal["auto", "text", "json"]
LogRequests = Literal["none", "errors", "all"]


class Settings(BaseSettings):
    model_config = SettingsConfigDict(
        env_file=".env", env_ignore_empty=True, extra="ignore", frozen=True
    )

    # both sides
    store_url: str = Field(
        "sqlite:///data/store",
        description="Where lists are kept: sqlite:///FOLDER (relative), sqlite:////FOLDER "
        "(absolute) or dynamodb://PREFIX?region=REGION&endpoint=URL&profile=NAME "
        "(each part after ? is optional; deploy/aws/README.md has more of them).",
    )
    tenant: str = Field(
        "default",
        pattern=TENANT_PATTERN,
        description="The customer platform whose lists these are: a-z, 0-9 and _, at most 32.",
    )
    default_model_handle: str = Field(
        "tfidf_user_interest",
        description="The model that answers when a request names none.",
    )

    # generator
    data_url: str = Field(
        "data/sample",
        description="Folder of the input tables, CSV or Parquet, or one file of interactions: a "
        "path, or file://, s3://, gs://, az:// or https://.",
    )
    data_columns: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="What the columns of the interactions are called, for example "
        "user=user_id,item=item_id,weight=rating,time=ts; numbers from 1 where the file has no "
        "header. data/README.md has all of it.",
    )
    set_aside_folder: str = Field(
        "data/set_aside",
        description="Folder for the rows that validation sets aside, each with its reason; every "
        "tenant's are in a folder of its name in there.",
    )
    models: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Model handles to run, separated by commas; empty means all.",
    )
    model_options: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Model configuration as JSON, for example "
        '{"knn_collab_filtering_user_course_view": {"k": 80}}; '
        "`python run_generator.py models` lists every option.",
    )
    stored_list_length: int = Field(
        20, ge=1, le=1000, description="Entries that the generator stores in each list."
    )
    reasons_per_list: int = Field(
        10,
        ge=0,
        le=1000,
        description="Entries of each list for which the generator stores why they are there; that "
        "makes stored rows 45 to 85 per cent longer. 0 stores none.",
    )
    store_profiles: bool = Field(
        True,
        description="true stores what the explorer shows of users: a profile each, course titles "
        "and a directory of handles. That is one more short row a user.",
    )
    user_handle_type: HandleType = Field(
        "auto",
        description="int or str; auto makes handles in CSV files integers when at least 99 in 100 "
        "are whole numbers, and sets the others aside.",
    )
    course_handle_type: HandleType = Field("auto", description="The same for courses.")
    seed: int = Field(
        42, ge=0, le=2**31 - 1, description="Seed of everything random: same seed, same lists."
    )
    threads: int = Field(
        0, ge=0, description="Processor threads to use; 0 means as many as this process may use."
    )
    memory_budget_mb: int = Field(
        4096,
        ge=256,
        description="Memory that a run of the generator may take, in MiB. Work is cut into blocks "
        "that fit; a model that cannot fit is skipped, with the figure.",
    )
    gate_min_users_kept: float = Field(
        0.8,
        ge=0,
        le=1,
        description="Hold a generation in which a model has lists for a smaller share of the users "
        "that the live one has.",
    )
    gate_max_empty_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Hold it if a larger share of a model's users get neither users nor courses.",
    )
    gate_max_empty_rise: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Hold it if the share of a model's users without similar users, or without "
        "courses, rises by more than this over the live one's.",
    )
    gate_min_overlap: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Hold it if the first ten entries of a user's lists have, on average, a "
        "smaller share in common with the live ones: then handles were mixed up.",
    )
    gate_min_effective_courses: float = Field(
        1.2,
        ge=0,
        description="Hold it if the courses that a model lists are in effect (inverse Simpson) "
        "fewer than this times the length of a list: then everybody gets the same.",
    )
    gate_min_effective_kept: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Hold it if the courses that a model lists are in effect fewer than this "
        "share of the live one's.",
    )
    gate_metric: str = Field(
        "ndcg_at_10",
        pattern=r"^[a-z_]+_at_[0-9]+$",
        description="The figure that the two settings below look at, where the run evaluates.",
    )
    gate_min_metric_kept: float = Field(
        0.8,
        ge=0,
        le=1,
        description="Hold it if GATE_METRIC of a model is below this share of the live one's, and "
        "their 95 % intervals do not overlap.",
    )
    gate_must_beat_popular: bool = Field(
        False,
        description="true holds it if GATE_METRIC of a model is below that of the most viewed "
        "courses, which need no model.",
    )
    evaluate: bool = Field(
        False,
        description="true measures every model on views held out before the full run, for the "
        "manifest and the gate; each model is then fitted twice.",
    )
    evaluation_protocol: Literal["auto", "time", "leave-last-out"] = Field(
        "auto",
        description="What is held out: time takes the latest fifth of all new views, leave-last-"
        "out every user's last new course; auto is time where views have dates.",
    )
    keep_generations: int = Field(
        3, ge=2, description="Published generations kept after a run, the live one included."
    )
    lock_lease_seconds: int = Field(
        120, ge=5, description="After this long without a sign of life a lock may be taken over."
    )
    dynamodb_write_units_per_second: int = Field(
        4000,
        ge=1,
        description="The rate for which --dry-run gives minutes; 4000 is what a new on-demand "
        "table takes at once.",
    )
    dynamodb_price_per_million_write_units: float = Field(
        0.625,
        ge=0,
        description="In US dollars, for the costs of --dry-run; this and those below are near the "
        "list prices of us-east-1 at the end of 2024. Look yours up before you rely on a sum.",
    )
    dynamodb_price_per_million_read_units: float = Field(
        0.125, ge=0, description="In US dollars, on demand."
    )
    dynamodb_price_per_gb_month: float = Field(
        0.25, ge=0, description="In US dollars, for storage beyond the free 25 GB."
    )
    dynamodb_price_per_imported_gb: float = Field(
        0.15, ge=0, description="In US dollars, for ImportTable, by the size before compression."
    )

    # server
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
    api_keys_file: str = Field(
        DEFAULT_API_KEYS_FILE,
        min_length=1,
        description="Salted hashes of the API keys; `python run_server.py keys create` makes it. "
        "While there is such a file, every caller shows a key, which also names the tenant.",
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
    pointer_refresh_seconds: float = Field(
        5.0, gt=0, le=3600, description="How soon servers notice a newly published generation."
    )
    cache_mb: float | None = Field(
        None,
        ge=0,
        le=65536,
        description="Lists that each server process remembers, in MiB (about 1 KB a user and "
        "model); they are answered also while the store is away. 0 remembers none. Empty means 8, "
        "but 0 on SQLite, where reading takes no longer than remembering.",
    )
    metrics_token: str = Field(
        "",
        repr=False,
        description="What a scraper of /metrics has to show, as `Authorization: Bearer TOKEN`; "
        "without it only this machine is answered.",
    )

    log_format: LogFormat = Field(
        "auto", description="json, text, or auto: text on a terminal and JSON elsewhere."
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

    @field_validator("models", "trusted_hosts", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @field_validator("data_columns", mode="before")
    @classmethod
    def _split_pairs(cls, value: object) -> object:
        if isinstance(value, str):
            pairs = [part.partition("=") for part in value.split(",") if part.strip()]
            if not all(name.strip() and text for name, _, text in pairs):
                raise ValueError("expected pairs like user=user_id,item=item_id")
            return {name.strip(): text.strip() for name, _, text in pairs}
        return value

    @model_validator(mode="after")
    def _answers_fit_into_stored_lists(self) -> Self:
        if self.answered_list_length > self.stored_list_length:
            raise ValueError(
                f"ANSWERED_LIST_LENGTH ({self.answered_list_length}) must not exceed "
                f"STORED_LIST_LENGTH ({self.stored_list_length})"
            )
        return self

    @classmethod
    def load(cls, **overrides: Any) -> Self:
        """Read the environment and `.env`; `overrides` win.

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
    def threads_of_a_worker(self) -> int:
        return self.server_threads or (1 if self._reads_take_microseconds else 2)

    @property
    def cache_bytes(self) -> int:
        default = 0 if self._reads_take_microseconds else 8
        return int(2**20 * (default if self.cache_mb is None else self.cache_mb))

    @property
    def _reads_take_microseconds(self) -> bool:
        return self.store_url.startswith("sqlite:")

    @property
    def grace_seconds(self) -> float:
        """After this long no server reads a generation that another one has replaced."""
        return 3 * self.pointer_refresh_seconds

    def check_exposure(self, guarded: bool) -> None:
        """Raise SettingsError rather than serve everybody's lists to everybody's network."""
        if guarded or self.allow_anonymous or self.server_host in LOOPBACK_HOSTS:
            return
        raise SettingsError(
            f"SERVER_HOST is {self.server_host}, but nobody has to show a key, so the server "
            "listens on loopback only: make a key with `python run_server.py keys create`, use "
            "127.0.0.1, or set ALLOW_ANONYMOUS=true if something in front of this port guards it."
        )


def example_env() -> str:
    """The text of example.env: every setting with its help and its default."""
    lines = ["# Copy to .env and change what you need; every line here is the default.", ""]
    for name, field in Settings.model_fields.items():
        lines += textwrap.wrap(
            field.description or "", 98, initial_indent="# ", subsequent_indent="# "
        )
        lines += [f"{name.upper()}={_as_env(field.get_default(call_default_factory=True))}", ""]
    return "\n".join(lines)


def _as_env(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return ",".join(value)
        case dict():
            return orjson.dumps(value).decode() if value else ""
        case _:
            return str(value)


if __name__ == "__main__":
    print(example_env(), end="")
