"""What can be chosen about a model: fields that carry their type, range, help and search range."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal, Self, get_args, get_origin

import annotated_types as at
from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic.fields import FieldInfo

from shared.errors import SettingsError

KINDS_OF_VALUE: Mapping[Any, str] = MappingProxyType(
    {int: "a whole number", float: "a number", bool: "true or false", str: "text"}
)
NO_SUCH_OPTION = "extra_forbidden"


@dataclass(frozen=True)
class Searched:
    """Beside a field's type: what `evaluate --tune` may try, both ends included.

    ``k: Annotated[int, Searched(20, 500)] = Field(200, ge=1, description="...")``
    """

    low: float
    high: float


class ModelOptions(BaseModel):
    """Nothing to choose; a model with options has a subclass of its own.

    `true` is no number, a whole number will do where any number does, and nothing is converted.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    @classmethod
    def read(cls, handle: str, values: Mapping[str, Any]) -> Self:
        """The options of the model `handle`; raises SettingsError for any that it does not take."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise SettingsError(cls._explained(handle, error)) from None

    @classmethod
    def search_ranges(cls) -> dict[str, Searched]:
        """Option -> lowest and highest value to try, for those that may be searched."""
        return {
            name: searched
            for name, field in cls.model_fields.items()
            for searched in field.metadata
            if isinstance(searched, Searched)
        }

    @classmethod
    def _explained(cls, handle: str, error: ValidationError) -> str:
        faults = error.errors(include_url=False)
        unknown = sorted(str(f["loc"][0]) for f in faults if f["type"] == NO_SUCH_OPTION)
        if unknown:
            known = ", ".join(cls.model_fields) or "no options"
            return (
                f"MODEL_OPTIONS names {', '.join(unknown)} for {handle}, which has only: {known}."
            )
        fault = faults[0]
        if not fault["loc"]:
            return f"MODEL_OPTIONS of {handle}: {fault['ctx']['error']}."
        name, received = ".".join(map(str, fault["loc"])), f"Received: {fault['input']!r}"
        allowed = allowed_values(cls.model_fields[str(fault["loc"][0])])
        if allowed and len(fault["loc"]) == 1:
            return f"MODEL_OPTIONS of {handle}: {name} must be {allowed}. {received}"
        return f"MODEL_OPTIONS of {handle}: {name}: {fault['msg']}. {received}"


def allowed_values(field: FieldInfo) -> str:
    """In words, such as "a whole number from 1 to 1000"; empty where there are no short ones."""
    kind = KINDS_OF_VALUE.get(field.annotation)
    if get_origin(field.annotation) is Literal:
        return " or ".join(map(str, get_args(field.annotation)))
    if get_origin(field.annotation) is dict:
        return "numbers by name, as JSON"
    if get_origin(field.annotation) is list:
        return "a list of names, as JSON"
    if kind is None:
        return ""
    limits = {type(limit): limit for limit in field.metadata}
    low, high = limits.get(at.Ge), limits.get(at.Le)
    if low and high:
        return f"{kind} from {low.ge:g} to {high.le:g}"
    bounds = [
        f"{word} {getattr(limits[limit], name):g}"
        for limit, name, word in (
            (at.Gt, "gt", "above"),
            (at.Ge, "ge", "of at least"),
            (at.Lt, "lt", "below"),
            (at.Le, "le", "of at most"),
        )
        if limit in limits
    ]
    return f"{kind} {' and '.join(bounds)}".strip()
