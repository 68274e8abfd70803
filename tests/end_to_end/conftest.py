import json
from pathlib import Path

import pytest

from generator.models.registry import MODELS, model_class
from generator.models.sequence import SequenceModel
from tests.processes import ROOT, run_generator, serving

SAMPLE = ROOT / "data" / "sample"


def networks() -> list[str]:
    return [handle for handle in MODELS if issubclass(model_class(handle), SequenceModel)]


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A store with the lists of all models for the sample data, made by the real program.

    Networks are trained for one epoch: what they list is right whatever they have learned.
    """
    folder: Path = tmp_path_factory.mktemp("sample")
    url = f"sqlite:///{folder}/store"
    done = run_generator(
        MODELS="all",
        MODEL_OPTIONS=json.dumps({handle: {"epochs": 1} for handle in networks()}),
        STORE_URL=url,
        SET_ASIDE_FOLDER=str(folder / "set_aside"),
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return url


@pytest.fixture(scope="session")
def server(sample_store: str):
    """Base URL of a real server on the sample's lists."""
    with serving(STORE_URL=sample_store) as url:
        yield url
