import pytest
from flask import Flask
from flask.testing import FlaskClient

from server import create_app
from tests.server.explorer.platform import publish_platform


@pytest.fixture
def generation(store) -> str:
    return publish_platform(store)


@pytest.fixture
def explorer(app: Flask, generation: str) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def guarded(tmp_path, settings, store, clock, generation):
    """The client of an app with keys, and a key of its tenant."""
    from tests.server.access.keys import add_key

    path = tmp_path / "keys.json"
    key_id, key = add_key(path)
    app = create_app(settings.model_copy(update={"api_keys_file": str(path)}), store, clock)
    return app.test_client(), key, path, key_id
