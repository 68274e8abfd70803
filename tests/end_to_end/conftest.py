import fcntl
import json

import pytest

from generator.models.registry import MODELS, model_class
from tests.processes import ROOT, run_generator, serving
from tests.quick_models import quick_options

SAMPLE = ROOT / "data" / "sample"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The README's tests last of all: beside the first that asks for the sample's store, a worker
    would wait a minute and a half for it."""
    items.sort(key=lambda item: item.path.name == "test_readme.py")


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> str:
    """A store with the lists of all models for the sample data, made by the real program.

    Made by the worker that asks first, for all of them. Networks are trained for one epoch and
    nothing is rehearsed: what models list is right whatever they have learned.
    """
    folder = tmp_path_factory.getbasetemp()
    if worker_id != "master":
        folder = folder.parent
    quick = {
        handle: quick_options(handle, epochs=1)
        for handle in MODELS
        if model_class(handle).library == "tensorflow"
    }
    url = f"sqlite:///{folder}/sample/store"
    with (folder / "sample.lock").open("w") as lock:
        fcntl.lockf(lock, fcntl.LOCK_EX)
        if not (folder / "sample.made").exists():
            done = run_generator(
                MODELS="all",
                EVALUATE="false",
                MODEL_OPTIONS=json.dumps(quick),
                STORE_URL=url,
                SET_ASIDE_FOLDER=str(folder / "sample" / "set_aside"),
            )
            assert done.returncode == 0, done.stdout + done.stderr
            (folder / "sample.made").touch()
    return url


@pytest.fixture(scope="session")
def server(sample_store: str):
    """Base URL of a real server on the sample's lists."""
    with serving(STORE_URL=sample_store) as url:
        yield url
