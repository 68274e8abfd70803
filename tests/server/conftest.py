from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from server import create_app
from shared.events import EventLog, open_log
from shared.fresh import FreshLists, open_fresh
from shared.settings import ServerSettings
from shared.stores import Store, open_store
from tests.server.calls import Caller, ManualClock, at_once
from tests.server.generations import publish


@pytest.fixture
def settings() -> ServerSettings:
    return ServerSettings(
        _env_file=None, pointer_refresh_seconds=5, answered_list_length=10, cache_mb=8
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> Iterator[Store]:
    opened = open_store(f"sqlite:///{folder}")
    yield opened
    opened.close()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def log(folder: Path) -> Iterator[EventLog]:
    """Beside the store; nothing is there before the first event."""
    opened = open_log(f"sqlite:///{folder}")
    assert opened is not None
    yield opened
    opened.close()


@pytest.fixture
def fresh(folder: Path) -> Iterator[FreshLists]:
    """Over those of the store; nothing is there before the first list."""
    opened = open_fresh(f"sqlite:///{folder}")
    assert opened is not None
    yield opened
    opened.close()


@pytest.fixture
def app(
    settings: ServerSettings, store: Store, clock: ManualClock, log: EventLog, fresh: FreshLists
) -> Flask:
    app = create_app(settings, store, clock, in_background=at_once, log=log, fresh=fresh)
    app.validate_response = True
    return app


@pytest.fixture
def generation(store: Store) -> str:
    """The id of a published generation with the rows of `generations.rows`."""
    return publish(store)


@pytest.fixture
def api(app: Flask, generation: str) -> Caller:
    return Caller(app.test_client())


@pytest.fixture
def api_before_publishing(app: Flask) -> Caller:
    return Caller(app.test_client())
