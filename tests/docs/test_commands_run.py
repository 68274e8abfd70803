"""Commands of the documents that look after a store or look at tables, run as they stand there."""

import json
import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from generator.commands import main
from generator.commands.wiring import Wiring
from server.process.commands import program
from shared.settings import GeneratorSettings
from shared.stores import open_store
from tests.docs.test_docs import DOCUMENTS, ROOT, commands
from tests.generations import TENANT, build, publish, row_of
from tests.generator.conftest import tables  # noqa: F401

KEPT_UP = ("generations", "publish", "rollback", "prune", "pin", "unpin", "discard", "check",
           "validate", "inspect", "models")  # fmt: skip
"""Not those that fit models or wait: a run, evaluate, duplicates, synthesize, unlock."""
SHOWN = re.compile(r"GENERATION|OLD|\d{8}T\d{6}Z-[0-9a-f]{4}")
FILES = {
    "/path/to/tables": "",
    "export/": "",
    "FILE": "user_course_views.csv",
    "ratings.csv": "ratings.csv",
}
COMMANDS = sorted(
    {
        tuple(words[2:])
        for document in DOCUMENTS
        for words in commands(document)
        if words[:2] == ["python", "run_generator.py"]
        and {*words} & {*KEPT_UP}
        and "--platform" not in words
    }
)


@pytest.fixture(scope="module")
def published(tmp_path_factory) -> tuple[Path, str]:
    """A store with three published generations and a held one; the oldest of them."""
    folder = tmp_path_factory.mktemp("documents") / "store"
    store = open_store(f"sqlite:///{folder}")
    oldest, *_ = (publish(store, [row_of(user) for user in range(9)]) for _ in range(3))
    held = build(store, [row_of(1)])
    held.held_because = ["looks odd"]
    store.hold(held)
    store.close()
    return folder, oldest


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_commands_do_what_they_are_shown_for(
    words,
    published,
    tables,  # noqa: F811
    tmp_path,
    monkeypatch,
):
    folder, oldest = published
    shutil.copytree(folder, tmp_path / "store")
    (tables / "ratings.csv").write_text("user_id,item_id,rating\n1,a,5\n1,b,3\n2,a,4\n")
    if "unpin" in words:
        open_store(f"sqlite:///{tmp_path}/store").pin(TENANT)
    typed = [
        str(tables / FILES[word]) if word in FILES else SHOWN.sub(oldest, word) for word in words
    ]
    store = ["--store", f"sqlite:///{tmp_path}/store", "--data", str(tables)]
    monkeypatch.setattr("sys.argv", ["run_generator.py", *store, *typed])
    monkeypatch.setenv("SET_ASIDE_FOLDER", str(tmp_path / "set_aside"))
    with pytest.raises(SystemExit) as ended:
        main(Wiring(GeneratorSettings.load, open_store))
    assert not ended.value.code


def test_every_kind_of_command_is_among_them():
    assert {word for words in COMMANDS for word in words} >= {*KEPT_UP}


def test_keys_are_made_listed_and_revoked_as_the_document_shows(tmp_path):
    shown = [words for words in commands(ROOT / "docs" / "operations.md") if "keys" in words]
    assert [words[3] for words in shown] == ["create", "list", "revoke"]
    file = tmp_path / "api_keys.json"
    for _, _, *words in shown:
        made = json.loads(file.read_text())["keys"][0]["key_id"] if file.exists() else ""
        typed = [re.sub(r"^[0-9a-f]{12}$", made, word) for word in words]
        done = CliRunner().invoke(program(print), typed, env={"API_KEYS_FILE": str(file)})
        assert done.exit_code == 0, done.output
    assert json.loads(file.read_text())["keys"] == []
