"""Settings of the generator: rules on ranked lists, before they are stored."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt, field_validator
from pydantic_settings import NoDecode

from shared.settings.both_sides import SharedSettings


class RerankingSettings(SharedSettings):
    diversity: float = Field(
        0,
        ge=0,
        le=1,
        description="How much recommended courses are to differ from each other: 0 leaves lists as "
        "models rank them, .3 varies them well, 1 does not look at relevance at all.",
    )
    novelty_share: float = Field(
        0,
        ge=0,
        le=1,
        description="Share of the places in every list of recommendations for courses outside the "
        "most viewed fifth, as far as there are any.",
    )
    list_caps: Annotated[dict[str, PositiveInt], NoDecode] = Field(
        default_factory=dict,
        description="The most courses of one tag, level, author or attribute in a list of "
        "recommendations, as pairs with commas between, for example tag=3,author=2. An attribute "
        "is a column of courses by its name.",
    )
    prerequisites: Literal["behind", "leave_out", "ignore"] = Field(
        "behind",
        description="What becomes of recommended courses of which a user has not completed what "
        "course_prerequisites names: behind lists them after it, leave_out not at all.",
    )
    level_share: float = Field(
        0,
        ge=0,
        le=1,
        description="Share of the places in every list of recommendations for courses of the next "
        "level in a tag of which the user has completed the one before, as far as there are any.",
    )
    catalogue_attribute: str = Field(
        "",
        description="A column of courses that lists the tenants who offer each, as in acme|globex: "
        "with it a tenant's lists hold only courses that name TENANT there.",
    )

    @field_validator("list_caps", mode="before")
    @classmethod
    def _split_caps(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        pairs = [part.partition("=") for part in value.split(",") if part.strip()]
        names = [name.strip() for name, _, _ in pairs]
        if not all(name and most.strip() for name, (_, _, most) in zip(names, pairs, strict=True)):
            raise ValueError("expected pairs like tag=3,author=2")
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} stands there twice")
        return {name: most.strip() for name, (_, _, most) in zip(names, pairs, strict=True)}
