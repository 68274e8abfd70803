from pathlib import Path

import pytest
from flask import Flask

from server import create_app
from shared.settings import ServerSettings
from shared.stores import Store
from tests.server.calls import ManualClock
from tests.server.generations import publish


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "api_keys.json"


@pytest.fixture
def settings(key_file: Path) -> ServerSettings:
    return ServerSettings(
        _env_file=None, pointer_refresh_seconds=5, api_keys_file=str(key_file), cache_mb=8
    )


@pytest.fixture
def make_app(settings: ServerSettings, store: Store, clock: ManualClock):
    """Makes the app when the test has made its keys; anything to be served is published."""
    publish(store)

    def make(**changed: object) -> Flask:
        app = create_app(settings.model_copy(update=changed), store, clock)
        app.validate_response = True
        return app

    return make
