"""Commands that a message proposes can be typed as they stand there."""

import ast
import re
import shlex

import pytest

from generator.commands import cli
from server.process.commands import program
from tests.docs.test_docs import ROOT, parse

PROPOSED = re.compile(r"`python (run_generator|run_server)\.py ([^`]+)`")
FOLDERS = ("generator", "server", "shared")
STANDS_FOR = {"DATE": "2026-11-01", "FILE": "labels.csv", "SOMETHING": "read"}


def texts(source: str) -> list[str]:
    """Every text in it, put together as Python does; what is filled in later is SOMETHING."""
    whole = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            whole.append(node.value.replace("{}", "SOMETHING"))
        elif isinstance(node, ast.JoinedStr):
            parts = (getattr(part, "value", None) for part in node.values)
            whole.append("".join(p if isinstance(p, str) else "SOMETHING" for p in parts))
    return whole


MESSAGES = sorted(
    {
        (script, words)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for text in texts(path.read_text())
        for script, words in PROPOSED.findall(text)
        if "..." not in words and "--help" not in words
    }
)


@pytest.mark.parametrize(("script", "words"), MESSAGES)
def test_every_command_in_a_message_can_be_typed(script, words):
    typed = [STANDS_FOR.get(word, word) for word in shlex.split(words)]
    parse(typed, cli if script == "run_generator" else program(lambda: None))


def test_commands_are_found_across_lines_and_where_something_is_filled_in():
    (text, *_) = texts('f"do `python run_generator.py " f"publish {name}` now"')
    assert PROPOSED.findall(text) == [("run_generator", "publish SOMETHING")]
    assert ("run_generator", "unlock") in MESSAGES
