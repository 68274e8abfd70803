"""Settings of the generator: data, models, what may go live."""

import hashlib
import re
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from shared.settings.both_sides import split_commas
from shared.settings.duplicates import DuplicatesSettings
from shared.settings.places import Place
from shared.settings.reranking import RerankingSettings

HandleType = Literal["auto", "int", "str"]

CANDIDATES_PER_USER = 100


class GeneratorSettings(RerankingSettings, DuplicatesSettings):
    data_url: Place = Field(
        "data/sample",
        description="Folder of the input tables, or a file or pattern of files of interactions, as "
        "CSV, JSON, Parquet or spreadsheets: a path, or file://, s3://, gs://, az:// or https://.",
    )
    data_columns: Annotated[dict[str, str], NoDecode] = Field(
        default_factory=dict,
        description="What the columns of the interactions are called, for example "
        "user=user_id,item=item_id,weight=rating,time=ts; numbers from 1 where the file has no "
        "header. data/README.md has all of it.",
    )
    data_platform: str = Field(
        "",
        description="Whose export DATA_URL is, where it has tables or events of another system: "
        "openedx, xapi, caliper, moodle, canvas, oneroster, oulad, personalize, gorse, recbole or "
        "movielens (docs/data-sources.md).",
    )
    view_gap_minutes: float = Field(
        30,
        gt=0,
        le=1440,
        description="In logs of events a view lasts until the learner's next event, unless that is "
        "further away than this many minutes.",
    )
    rating_scale: Annotated[tuple[float, float] | None, NoDecode] = Field(
        None,
        description="From what to what courses are rated in course_reviews, such as 1-5 or 0-100; "
        "empty guesses it from the ratings, and says so.",
    )
    set_aside_folder: Place = Field(
        "data/set_aside",
        description="Folder for the rows that validation sets aside, each with its reason; every "
        "tenant's are in a folder of its name in there.",
    )
    models: Annotated[list[str], NoDecode] = Field(
        default_factory=lambda: ["standard"],
        description="Models to run, separated by commas: handles, or standard, or all.",
    )
    default_model_handle: str = Field(
        "tfidf_user_interest",
        description="The model that answers /similar-users when a request names none.",
    )
    default_recommendations_model: str = Field(
        "",
        description="The same for /recommendations; empty takes the standard hybrid where it ran, "
        "else DEFAULT_MODEL_HANDLE. Where the model of these settings has no such lists the first "
        "that has them answers, of those that are the same for everybody last.",
    )
    fallback_models: Annotated[list[str], NoDecode] = Field(
        default_factory=lambda: ["segment_user_attribute", "popular_course_view"],
        description="Models whose courses are recommended where the asked one has none, in this "
        "order, separated by commas: what is viewed in the user's segments, where they have an "
        "attribute or an interest, else what is popular. They run whatever MODELS says.",
    )
    model_options: dict[str, dict[str, Any]] = Field(
        default_factory=dict,
        description="Model configuration as JSON, for example "
        '{"knn_collab_filtering_user_course_view": {"k": 80}}; '
        "`python run_generator.py models` lists every option.",
    )
    candidates_per_user: int = Field(
        CANDIDATES_PER_USER,
        ge=20,
        le=1000,
        description="Entries of the deeper lists that a run keeps on disk, while it lasts, of the "
        "models that a hybrid blends.",
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
    group_rankings: bool = Field(
        True,
        description="true stores what models that rank alike for everybody rank for every level, "
        "tag and segment of users (a value of a column of `users`) too: one row each.",
    )
    questionnaire_length: int = Field(
        12,
        ge=0,
        le=100,
        description="Questions for newcomers, of GET /questionnaire: the tags, or courses, whose "
        "answers tell users apart best. 0 asks none.",
    )
    store_profiles: bool = Field(
        True,
        description="true stores what the explorer shows of users: a profile each, and a directory "
        "of handles. That is one more short row a user.",
    )
    user_handle_type: HandleType = Field(
        "auto",
        description="int or str; auto keeps the live generation's type, and on a first run makes "
        "handles in CSV files integers when at least 99 in 100 are whole numbers. Where they are "
        "integers, all others are set aside.",
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
    pictures_url: Place = Field(
        "",
        description="Folder that image_path of courses starts from, as DATA_URL says folders; "
        "empty is that of the tables. Nothing outside of it is read, at whatever address.",
    )
    vectors_folder: Place = Field(
        "data/vectors",
        description="Folder for the vectors of texts and pictures, so that a run makes only those "
        "that are new, for thumbnails, and for the encoders that make them. All tenants may share "
        "one; it may be removed at any time.",
    )
    training_folder: Place = Field(
        "data/training",
        description="Folder for networks while they are trained, so that a run that was killed "
        "goes on after the last epoch that it finished. What is finished is removed; all of it may "
        "be at any time.",
    )
    models_folder: Place = Field(
        "",
        description="Folder in which a run keeps its tables and fitted models, such as "
        "data/models, so that `refresh` can fold in what learners do between two runs. Empty keeps "
        "nothing. Every generation that the store keeps has a folder of its own in there.",
    )
    vectors_mb: int = Field(
        2048,
        ge=1,
        description="What the vectors in there may take, in MiB: about 2 KB a text. Those that "
        "were of use longest ago go first.",
    )
    gate_max_set_aside_share: float = Field(
        0.2,
        ge=0,
        le=1,
        description="Hold a generation, the first one too, if a larger share of a table's rows was "
        "set aside; rows that repeat an earlier one are no loss. 1 never does.",
    )
    gate_min_users_kept: float = Field(
        0.8,
        ge=0,
        le=1,
        description="Hold a generation in which a model has lists for a smaller share of the users "
        "(or courses) that the live one has. Every kind of list of every model is judged apart.",
    )
    gate_min_found_again: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Hold it if a smaller share of the live users, or courses, are in the new one "
        "under the same handle: then handles have changed. 0 never does.",
    )
    gate_max_empty_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Hold it if a larger share of a model's lists of one kind are empty, of those "
        "that could have an entry: who has viewed every course cannot be recommended one.",
    )
    gate_max_empty_rise: float = Field(
        0.1,
        ge=0,
        le=1,
        description="Hold it if that share rises by more than this over the live one's.",
    )
    gate_min_overlap: float = Field(
        0.01,
        ge=0,
        le=1,
        description="Hold it if the first ten entries of a list have, on average and beyond what "
        "any two lists have in common, a smaller share in common with the live list of the same "
        "user or course: then handles were mixed up. 0 never does.",
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
        description="Hold it if the users or courses that a model lists are in effect fewer than "
        "this share of the live one's.",
    )
    gate_may_go: Annotated[list[str], NoDecode] = Field(
        default_factory=list,
        description="Models that are live and may be gone, separated by commas: one that failed, "
        "or that MODELS does not name any more. Without it such a generation is held.",
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
        description="true does not let a model pass whose GATE_METRIC is below that of the most "
        "viewed courses, which need no model, by more than chance.",
    )
    gate_losing_model: Literal["hold", "skip"] = Field(
        "hold",
        description="What becomes of a model that GATE_MUST_BEAT_POPULAR does not let pass: hold "
        "keeps the generation back, skip publishes it without the courses of that model.",
    )
    evaluate: bool = Field(
        True,
        description="true rehearses a run: every model is fitted on a part of the views and "
        "measured on the rest, for the manifest, for the gate, and for what hybrids learn.",
    )
    rehearsal_views: int = Field(
        400_000,
        ge=0,
        description="A rehearsal is made of users by lot who have at most so many views together, "
        "which keeps it to a few minutes; 0 takes everybody.",
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

    @property
    def thumbnails_folder(self) -> Path:
        """Of this tenant, and of the folder that its pictures come from."""
        source = hashlib.sha256((self.pictures_url or self.data_url).encode()).hexdigest()
        return Path(self.vectors_folder, "pictures", self.tenant, source[:16])

    @property
    def leaves_out_losing_models(self) -> bool:
        return self.gate_must_beat_popular and self.gate_losing_model == "skip"

    @field_validator("models", "fallback_models", "gate_may_go", mode="before")
    @classmethod
    def _split_commas(cls, value: object) -> object:
        return split_commas(value)

    @field_validator("rating_scale", mode="before")
    @classmethod
    def _split_ends(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        ends = re.fullmatch(r"\s*(-?\d+(?:\.\d+)?)\s*-\s*(-?\d+(?:\.\d+)?)\s*", value)
        if not ends or float(ends[1]) >= float(ends[2]):
            raise ValueError("expected the lowest and the highest rating, like 1-5")
        return float(ends[1]), float(ends[2])

    @field_validator("data_columns", mode="before")
    @classmethod
    def _split_pairs(cls, value: object) -> object:
        if isinstance(value, str):
            # A comma within a value, as in time_format=%b %d, %Y, has no word and = behind it.
            parts = re.split(r",(?=\s*\w+\s*=|\s*$)", value)
            pairs = [part.partition("=") for part in parts if part.strip()]
            if not all(name.strip() and text for name, _, text in pairs):
                raise ValueError("expected pairs like user=user_id,item=item_id")
            words = [name.strip() for name, _, _ in pairs]
            if twice := sorted({word for word in words if words.count(word) > 1}):
                raise ValueError(f"{', '.join(twice)} stands there twice")
            return {name.strip(): text.strip() for name, _, text in pairs}
        return value
