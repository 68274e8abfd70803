from pathlib import Path

import pytest

from tests.processes import ROOT, run_generator, serving

SAMPLE = ROOT / "data" / "sample"


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with the lists of all models for the sample data, made by the real program."""
    folder: Path = tmp_path_factory.mktemp("sample")
    url = f"sqlite:///{folder}/store"
    done = run_generator(MODELS="all", STORE_URL=url, SET_ASIDE_FOLDER=str(folder / "set_aside"))
    assert done.returncode == 0, done.stdout + done.stderr
    return url


@pytest.fixture(scope="session")
def server(sample_store: str):
    """Base URL of a real server on the sample's lists."""
    with serving(STORE_URL=sample_store) as url:
        yield url
