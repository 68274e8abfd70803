"""The walls between the packages, as imports and as what a server process really loads."""

import subprocess
import sys
from pathlib import Path

import grimp
import pytest

from generator.models.registry import MODELS

ROOT = Path(__file__).parents[1]
HEAVY = {"numpy", "pandas", "scipy", "sklearn", "tensorflow", "keras", "implicit", "pyarrow"}


def loaded_after(statement: str) -> set[str]:
    """Top-level modules in a fresh interpreter after running `statement`."""
    report = "import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", f"{statement}\n{report}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    return set(done.stdout.split())


def test_imports_only_point_down():
    checked = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert checked.returncode == 0, checked.stdout


def test_sibling_models_never_import_each_other():
    graph = grimp.build_graph("generator")
    siblings = {path.partition(":")[0] for path in MODELS.values()}
    for module in siblings:
        assert not graph.find_modules_directly_imported_by(module) & siblings


def test_the_server_loads_neither_the_generator_nor_anything_it_computes_with():
    loaded = loaded_after("import run_server, shared.stores.sqlite")
    assert not loaded & (HEAVY | {"generator"})


def test_a_server_on_sqlite_does_not_load_the_aws_library():
    statement = "import run_server; from shared.stores import open_store; open_store('sqlite:///x')"
    assert "boto3" not in loaded_after(statement)


def test_shared_loads_neither_side():
    loaded = loaded_after("import shared.settings, shared.stores.sqlite, shared.stores.dynamodb")
    assert not loaded & {"generator", "server"}


@pytest.mark.parametrize(
    "model",
    ["tfidf_user_interest", "knn_collab_filtering_user_course_view"],
)
def test_a_run_without_the_network_never_loads_tensorflow(model):
    loaded = loaded_after(
        f"from generator.models.registry import model_class; model_class('{model}')\n"
        "import generator.pipeline"
    )
    assert not loaded & {"tensorflow", "keras", "implicit"}


def test_the_generators_help_starts_without_the_libraries_that_take_seconds():
    assert not loaded_after("import generator.commands") & (HEAVY - {"numpy", "pyarrow"})
