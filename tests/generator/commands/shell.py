"""A shell that runs commands of the generator in this process."""

from pathlib import Path

from generator.commands import main
from generator.commands.wiring import Wiring
from shared.settings import GeneratorSettings
from shared.stores import open_store

FAST = "tfidf_user_interest,knn_collab_filtering_user_course_view"


class Shell:
    """Runs commands on one store and one data folder; keeps what the last one printed."""

    def __init__(self, folder: Path, data: Path, capsys, monkeypatch) -> None:
        self.store_url = f"sqlite:///{folder}/store"
        self.set_aside = folder / "set_aside"
        self._data = data
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str) -> int:
        options = ["--data", str(self._data), "--store", self.store_url, "--models", FAST]
        self._monkeypatch.setattr("sys.argv", ["run_generator.py", *options, *arguments])
        self._monkeypatch.setenv("SET_ASIDE_FOLDER", str(self.set_aside))
        self._monkeypatch.setenv("POINTER_REFRESH_SECONDS", "0.001")
        try:
            main(Wiring(GeneratorSettings.load, open_store))
        except SystemExit as ended:
            code = ended.code
        self.out, self.err = self._capsys.readouterr()
        return code or 0

    @property
    def live(self) -> str | None:
        return open_store(self.store_url).live_generation("default")


def assert_one_sentence(shell: Shell, *words: str) -> None:
    assert shell.err.startswith("error: ")
    assert len(shell.err.splitlines()) == 1
    assert "Traceback" not in shell.err
    for word in words:
        assert word in shell.err
