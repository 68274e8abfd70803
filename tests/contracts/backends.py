"""A place of its own in each backend."""

import secrets
from pathlib import Path

import pytest


def url_in(scheme: str, request: pytest.FixtureRequest, folder: Path) -> str:
    """URL of a store that nobody has written to."""
    if scheme == "sqlite":
        return f"sqlite:///{folder}/store"
    endpoint = request.getfixturevalue("dynamodb_local")
    return f"dynamodb://contract-{secrets.token_hex(4)}?region=eu-west-1&endpoint={endpoint}"
