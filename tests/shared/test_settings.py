import re
from pathlib import Path

import pytest
from dotenv import dotenv_values

from shared.errors import SettingsError
from shared.settings import (
    PROJECT,
    GeneratorSettings,
    ServerSettings,
    SharedSettings,
    as_written,
    example_env,
    misspelt,
)

EXAMPLE = Path(__file__).parents[2] / "example.env"
SIDES = (GeneratorSettings, ServerSettings)
EVERY_NAME = {name for side in SIDES for name in side.model_fields}


@pytest.fixture(autouse=True)
def empty_folder_and_environment(tmp_path, monkeypatch):
    """In place of the project a folder without .env, and an environment without our settings."""
    for side in (SharedSettings, *SIDES):
        monkeypatch.setitem(side.model_config, "env_file", tmp_path / ".env")
    for name in EVERY_NAME:
        monkeypatch.delenv(name.upper(), raising=False)
    return tmp_path


def test_the_example_file_is_what_the_settings_say():
    assert EXAMPLE.read_text() == example_env(), "run: python -m shared.settings > example.env"


def test_the_example_file_names_every_setting_with_its_default():
    values = dotenv_values(EXAMPLE)
    assert set(values) == {name.upper() for name in EVERY_NAME}
    for side in SIDES:
        assert side(_env_file=EXAMPLE) == side.load()


def test_the_example_file_explains_every_setting():
    paragraphs = EXAMPLE.read_text().strip().split("\n\n")[1:]
    paragraphs = [one for one in paragraphs if not one.startswith("# ---")]
    assert len(paragraphs) == len(EVERY_NAME)
    for paragraph in paragraphs:
        *help_lines, setting = paragraph.splitlines()
        assert len(" ".join(help_lines)) > 15, setting
        assert all(line.startswith("# ") and len(line) <= 100 for line in help_lines)


def test_the_environment_beats_the_file_and_the_file_beats_the_default(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("SERVER_PORT=6001\nTENANT=from_file\nUNRELATED=1\n")
    monkeypatch.setenv("TENANT", "from_environment")
    settings = ServerSettings.load()
    assert (settings.tenant, settings.server_port) == ("from_environment", 6001)
    assert settings.server_threads == ServerSettings.model_fields["server_threads"].default


def test_what_the_caller_says_beats_everything_unless_it_says_nothing(monkeypatch):
    monkeypatch.setenv("SEED", "1")
    assert GeneratorSettings.load(seed=2, tenant=None).seed == 2
    assert GeneratorSettings.load(seed=None).seed == 1


@pytest.mark.parametrize(
    ("written", "pairs"),
    [
        ("user=u, item=i", {"user": "u", "item": "i"}),
        ("time_format=%b %d, %Y,user=u", {"time_format": "%b %d, %Y", "user": "u"}),
        ("sep=,,user=u,", {"sep": ",", "user": "u"}),
    ],
)
def test_a_comma_may_be_part_of_what_columns_are(written, pairs):
    assert GeneratorSettings.load(data_columns=written).data_columns == pairs


@pytest.mark.parametrize(
    ("written", "ends"),
    [("1-5", (1, 5)), (" 0 - 100 ", (0, 100)), ("-1-1", (-1, 1)), ("0.5-5", (0.5, 5)), ("", None)],
)
def test_a_scale_of_ratings_is_written_with_a_dash(written, ends, monkeypatch):
    monkeypatch.setenv("RATING_SCALE", written)
    assert GeneratorSettings.load().rating_scale == ends


@pytest.mark.parametrize("written", ["5", "5-1", "1-1", "1-5-10", "a-b", "1..2-5", "stars"])
def test_a_scale_without_two_ends_is_refused(written):
    with pytest.raises(SettingsError, match=r"RATING_SCALE: .*the lowest and the highest rating"):
        GeneratorSettings.load(rating_scale=written)


def test_relative_paths_lead_to_the_project_wherever_it_is_started(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("STORE_URL", "sqlite:///data/other")
    server, generator = ServerSettings.load(), GeneratorSettings.load(vectors_folder="/vectors")
    assert server.store_url == generator.store_url == f"sqlite:///{PROJECT}/data/other"
    assert server.api_keys_file == f"{PROJECT}/data/api_keys.json"
    assert server.session_secret_file == f"{PROJECT}/data/session_secret"
    assert server.pictures_folder == ""
    assert generator.data_url == f"{PROJECT}/data/sample"
    assert generator.vectors_folder == "/vectors"


@pytest.mark.parametrize(
    "url",
    ["sqlite:////srv/lists", "dynamodb://kindred?region=eu-west-1", "sqlite:///", "postgres://a"],
)
def test_addresses_and_absolute_paths_stay_as_they_are(url):
    assert ServerSettings.load(store_url=url).store_url == url
    for data in ("s3://bucket/tables", "https://example.org/tables", "/srv/tables/*.csv"):
        assert GeneratorSettings.load(data_url=data).data_url == data


def test_people_are_told_what_lies_in_the_project_without_the_way_there():
    settings = GeneratorSettings.load()
    assert as_written(settings.data_url) == "data/sample"
    assert as_written(settings.store_url) == "sqlite:///data/store"
    assert as_written("/elsewhere/data") == "/elsewhere/data"


def test_an_empty_value_means_the_default(monkeypatch, tmp_path):
    (tmp_path / ".env").write_text("SERVER_PORT=\nMODELS=\n")
    monkeypatch.setenv("STORE_URL", "")
    for side in SIDES:
        assert side.load() == side()
    assert GeneratorSettings.load().models == ["standard"]


def test_models_are_split_at_commas(monkeypatch):
    monkeypatch.setenv("MODELS", " tfidf_user_interest, als ,,")
    assert GeneratorSettings.load().models == ["tfidf_user_interest", "als"]


def test_model_options_are_json(monkeypatch):
    monkeypatch.setenv("MODEL_OPTIONS", '{"als": {"factors": 32, "reg": 0.5}}')
    assert GeneratorSettings.load().model_options == {"als": {"factors": 32, "reg": 0.5}}


BAD = [
    (ServerSettings, "SERVER_PORT", "70000"),
    (ServerSettings, "SERVER_PORT", "http"),
    (SharedSettings, "TENANT", "A-B"),
    (SharedSettings, "TENANT", "../x"),
    (SharedSettings, "TENANT", "x" * 33),
    (GeneratorSettings, "STORED_LIST_LENGTH", "0"),
    (GeneratorSettings, "KEEP_GENERATIONS", "1"),
    (GeneratorSettings, "LOCK_LEASE_SECONDS", "-1"),
    (SharedSettings, "POINTER_REFRESH_SECONDS", "0"),
    (ServerSettings, "ALLOW_ANONYMOUS", "perhaps"),
    (GeneratorSettings, "USER_HANDLE_TYPE", "float"),
    (GeneratorSettings, "MODEL_OPTIONS", "not json"),
    (GeneratorSettings, "MODEL_OPTIONS", '{"als": 3}'),
    (ServerSettings, "ANSWERED_LIST_LENGTH", "1001"),
]


@pytest.mark.parametrize(("side", "name", "value"), BAD)
def test_a_value_that_makes_no_sense_is_named(monkeypatch, side, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as refusal:
        side.load()
    assert name in str(refusal.value).upper()
    assert "example.env" in str(refusal.value)


@pytest.mark.parametrize(("side", "name", "value"), BAD)
def test_a_bad_setting_of_one_side_does_not_stop_the_other(monkeypatch, side, name, value):
    monkeypatch.setenv(name, value)
    for other in SIDES:
        if not issubclass(other, side):
            assert other.load() == other()


def test_all_that_makes_no_sense_is_said_at_once(monkeypatch):
    monkeypatch.setenv("SEED", "-1")
    monkeypatch.setenv("THREADS", "-1")
    with pytest.raises(SettingsError, match=r"SEED.*THREADS"):
        GeneratorSettings.load()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_loopback_needs_no_permission(host):
    ServerSettings.load(server_host=host).check_exposure(guarded=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "kindred.example.org", ""])
def test_every_other_address_is_refused_unless_anonymous_access_is_allowed(host):
    with pytest.raises(SettingsError, match=r"SERVER_HOST.*ALLOW_ANONYMOUS"):
        ServerSettings.load(server_host=host).check_exposure(guarded=False)
    ServerSettings.load(server_host=host, allow_anonymous=True).check_exposure(guarded=False)


def test_nothing_else_in_the_house_reads_the_environment():
    root = EXAMPLE.parent
    sources = [*root.glob("run_*.py")]
    for folder in ("shared", "generator", "server"):
        sources += (root / folder).rglob("*.py")
    sources.remove(root / "shared" / "settings" / "spelling.py")
    read = re.compile(
        r"getenv|os\.environ(?!\[[^]]+\] *=|\.setdefault)|import environ|load_dotenv|dotenv_values"
    )
    assert len(sources) > 20
    assert [str(path) for path in sources if read.search(path.read_text())] == []


def test_names_that_were_meant_to_be_settings_are_said_and_others_are_not(tmp_path):
    path = tmp_path / ".env"
    path.write_text(
        "STORE_ULR=sqlite:///x\ngate_min_user_kept=1\nTENANT=a\nserver_port=1\n"
        "AWS_REGION=eu-west-1\nOTEL_SERVICE_NAME=x\nUNRELATED=${HOME}\n"
    )
    said = misspelt(path)
    assert len(said) == 2
    assert "STORE_ULR in" in said[0]
    assert "STORE_URL is one" in said[0]
    assert "GATE_MIN_USERS_KEPT is one" in said[1]
    assert misspelt(EXAMPLE) == []
    assert misspelt(tmp_path / "absent") == []
