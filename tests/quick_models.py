"""Registered models as their defaults have them, but for what takes long to build.

Every block of a network is a program that is made anew for each model that is fitted.
"""

from typing import Any

from generator.models.base import Model
from generator.models.registry import model_class

ONE_BLOCK = {"n_blocks": 1}


def quick_model(handle: str, **options: Any) -> Model:
    """With those of `options` that the model has."""
    return model_class(handle)(**quick_options(handle, **options))


def quick_options(handle: str, **options: Any) -> dict[str, Any]:
    known = model_class(handle).Options.model_fields
    return {name: of for name, of in {**ONE_BLOCK, **options}.items() if name in known}
