import re
from pathlib import Path

import pytest
from dotenv import dotenv_values

from shared.errors import SettingsError
from shared.settings import Settings, example_env

EXAMPLE = Path(__file__).parents[2] / "example.env"


@pytest.fixture(autouse=True)
def empty_folder_and_environment(tmp_path, monkeypatch):
    """A working folder without .env and an environment without our settings."""
    monkeypatch.chdir(tmp_path)
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    return tmp_path


def test_the_example_file_is_what_the_settings_say():
    assert EXAMPLE.read_text() == example_env(), "run: python -m shared.settings > example.env"


def test_the_example_file_names_every_setting_with_its_default():
    values = dotenv_values(EXAMPLE)
    assert set(values) == {name.upper() for name in Settings.model_fields}
    assert Settings(_env_file=EXAMPLE) == Settings.load()


def test_the_example_file_explains_every_setting():
    paragraphs = EXAMPLE.read_text().strip().split("\n\n")[1:]
    assert len(paragraphs) == len(Settings.model_fields)
    for paragraph in paragraphs:
        *help_lines, setting = paragraph.splitlines()
        assert len(" ".join(help_lines)) > 15, setting
        assert all(line.startswith("# ") and len(line) <= 100 for line in help_lines)


def test_the_environment_beats_the_file_and_the_file_beats_the_default(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("SERVER_PORT=6001\nTENANT=from_file\nUNRELATED=1\n")
    monkeypatch.setenv("TENANT", "from_environment")
    settings = Settings.load()
    assert (settings.tenant, settings.server_port) == ("from_environment", 6001)
    assert settings.server_threads == Settings.model_fields["server_threads"].default


def test_what_the_caller_says_beats_everything_unless_it_says_nothing(monkeypatch):
    monkeypatch.setenv("SEED", "1")
    assert Settings.load(seed=2, tenant=None).seed == 2
    assert Settings.load(seed=None).seed == 1


def test_an_empty_value_means_the_default(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("SERVER_PORT=\nMODELS=\n")
    monkeypatch.setenv("STORE_URL", "")
    assert Settings.load() == Settings()
    assert Settings.load().models == []


def test_models_are_split_at_commas(monkeypatch):
    monkeypatch.setenv("MODELS", " tfidf_user_interest, als ,,")
    assert Settings.load().models == ["tfidf_user_interest", "als"]


def test_model_options_are_json(monkeypatch):
    monkeypatch.setenv("MODEL_OPTIONS", '{"als": {"factors": 32, "reg": 0.5}}')
    assert Settings.load().model_options == {"als": {"factors": 32, "reg": 0.5}}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SERVER_PORT", "70000"),
        ("SERVER_PORT", "http"),
        ("TENANT", "A-B"),
        ("TENANT", "../x"),
        ("TENANT", "x" * 33),
        ("STORED_LIST_LENGTH", "0"),
        ("KEEP_GENERATIONS", "1"),
        ("LOCK_LEASE_SECONDS", "-1"),
        ("POINTER_REFRESH_SECONDS", "0"),
        ("ALLOW_ANONYMOUS", "perhaps"),
        ("USER_HANDLE_TYPE", "float"),
        ("MODEL_OPTIONS", "not json"),
        ("MODEL_OPTIONS", '{"als": 3}'),
        ("ANSWERED_LIST_LENGTH", "21"),
    ],
)
def test_a_value_that_makes_no_sense_is_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refusal:
        Settings.load()
    assert name in str(refusal.value).upper()
    assert "example.env" in str(refusal.value)


def test_all_that_makes_no_sense_is_said_at_once(monkeypatch):
    monkeypatch.setenv("SERVER_PORT", "0")
    monkeypatch.setenv("THREADS", "-1")
    with pytest.raises(SettingsError, match=r"THREADS.*SERVER_PORT"):
        Settings.load()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_needs_no_permission(host):
    Settings.load(server_host=host).check_exposure(guarded=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "kindred.example.org", ""])
def test_every_other_address_is_refused_unless_anonymous_access_is_allowed(host):
    with pytest.raises(SettingsError, match=r"SERVER_HOST.*ALLOW_ANONYMOUS"):
        Settings.load(server_host=host).check_exposure(guarded=False)
    Settings.load(server_host=host, allow_anonymous=True).check_exposure(guarded=False)


def test_nothing_else_in_the_house_reads_the_environment():
    root = EXAMPLE.parent
    sources = [*root.glob("run_*.py")]
    for folder in ("shared", "generator", "server"):
        sources += (root / folder).rglob("*.py")
    read = re.compile(
        r"getenv|os\.environ(?!\[[^]]+\] *=|\.setdefault)|import environ|load_dotenv|dotenv_values"
    )
    assert len(sources) > 20
    assert [str(path) for path in sources if read.search(path.read_text())] == []
