"""A platform, a night on it, and copies of that night to go on from."""

import shutil
from pathlib import Path

import pytest

from generator.synthetic.synthesize import synthesize
from tests.generator.refresh.nights import Night


@pytest.fixture(scope="session")
def data(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("platform")
    synthesize(folder, 200, 80, 5, 2500, None, "csv", None)
    return folder


@pytest.fixture(scope="session")
def published(tmp_path_factory, data) -> Path:
    """A store with one generation whose models were kept."""
    folder = tmp_path_factory.mktemp("published")
    Night(folder, data).run()
    return folder


@pytest.fixture
def night(tmp_path, data, published):
    shutil.copytree(published, tmp_path, dirs_exist_ok=True)
    made = Night(tmp_path, data)
    yield made
    made.close()
