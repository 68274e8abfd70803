import pytest

from tests.generator.commands.shell import Shell


@pytest.fixture
def shell(tmp_path, tables, capsys, monkeypatch) -> Shell:
    return Shell(tmp_path, tables, capsys, monkeypatch)
