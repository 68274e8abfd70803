"""What the documents say must be so: commands parse, files exist, targets are there."""

import re
import shlex
from pathlib import Path
from typing import get_args

import click
import pytest

from generator.commands import cli
from generator.evaluation.baselines import comparators
from generator.models.registry import STANDARD
from shared.records import ReasonKind

ROOT = Path(__file__).parents[2]
OF_OTHERS = ("AWS_", "KERAS_")
DOCUMENTS = sorted(
    path
    for pattern in ("*.md", "docs/*.md", "data/README.md", "deploy/*/README.md")
    for path in ROOT.glob(pattern)
)
OTHER_PROGRAMS = {
    *("curl", "python", "docker", "source", "git", "crontab"),
    *("useradd", "chown", "cp", "systemctl", "journalctl", "sudo", "sed", "aws"),
}
FENCE = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
INLINE = re.compile(r"`((?:python|make) [^`]+)`")
LINK = re.compile(r"\]\(([^)#:]+)(?:#[^)]*)?\)")


def commands(document: Path) -> list[list[str]]:
    """The words of every shell command in a document, without comments."""
    text = document.read_text()
    joined = [block.replace("\\\n", " ") for block in FENCE.findall(text)]
    lines = [line for block in joined for line in block.splitlines()] + INLINE.findall(text)
    return [words for line in lines if (words := shlex.split(line, comments=True))]


ALL_COMMANDS = [
    pytest.param(words, id=f"{document.name}: {' '.join(words)[:60]}")
    for document in DOCUMENTS
    for words in commands(document)
]


def parse(arguments: list[str], command: click.Command = cli) -> None:
    """Let click take the arguments as the program would, without running anything."""
    context = command.make_context("run_generator.py", list(arguments))
    while isinstance(command, click.Group) and (words := [*context._protected_args, *context.args]):
        name, inner, rest = command.resolve_command(context, words)
        assert inner is not None
        context, command = inner.make_context(name, rest, parent=context), inner


@pytest.mark.parametrize("words", ALL_COMMANDS)
def test_every_command_in_the_documents_can_be_typed(words):
    words = [word for word in words if not re.fullmatch(r"[A-Z_]+=.*", word)]
    match words:
        case ["python", "run_generator.py", *arguments] if "--help" not in arguments:
            parse(arguments)
        case ["python", script] if script.endswith(".py"):
            assert (ROOT / script).is_file()
        case ["python", "-m", module, *_] if module.startswith("shared"):
            path = ROOT / module.replace(".", "/")
            assert path.with_suffix(".py").is_file() or (path / "__main__.py").is_file()
        case ["make", target, *_]:
            assert re.search(rf"^{re.escape(target)}:", (ROOT / "Makefile").read_text(), re.M)
        case [program, *_]:
            assert program in OTHER_PROGRAMS


def test_a_command_that_does_not_exist_would_be_noticed():
    with pytest.raises(click.UsageError):
        parse(["rollbak"])
    with pytest.raises(click.UsageError):
        parse(["rollback", "--too", "x"])


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_to_files_lead_somewhere(document):
    for target in LINK.findall(document.read_text()):
        assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_settings_named_in_the_documents_exist(document):
    known = (ROOT / "example.env").read_text()
    for name in re.findall(r"`([A-Z]+_[A-Z_]+)(?:=[^`]*)?`", document.read_text()):
        assert f"\n{name}=" in known or name.startswith(OF_OTHERS), name


def test_the_standard_models_are_those_that_the_readme_names():
    text = (ROOT / "README.md").read_text()
    (named,) = re.findall(r"^`standard` are (.*?)\.$", text, re.M | re.S)
    assert tuple(re.findall(r"`(\w+)`", named)) == STANDARD


def test_the_baselines_are_those_that_the_document_names():
    text = (ROOT / "docs" / "evaluation.md").read_text()
    (named,) = re.findall(r"^Beside the models stand (.*?);", text, re.M | re.S)
    assert re.findall(r"`(\w+)`", named) == [model.handle for model in comparators([])]


def test_every_kind_of_reason_is_explained():
    text = (ROOT / "docs" / "explorer.md").read_text()
    kinds = re.findall(r"^\| `(\w+)` \|", text.partition("Reasons are parts")[2], re.M)
    assert kinds == list(get_args(ReasonKind))
