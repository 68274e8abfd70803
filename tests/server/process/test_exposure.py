"""Who can ask a server, as it says before it starts, or why it does not."""

from pathlib import Path

import pytest

from server.process.exposure import who_may_ask
from shared.errors import SettingsError
from shared.settings import ServerSettings
from tests.server.access.keys import add_key


@pytest.fixture
def at_its_usual_place(tmp_path, monkeypatch):
    """Settings that name no key file, whose usual place is one of this test."""
    usual = str(tmp_path / "api_keys.json")
    monkeypatch.setattr("server.process.exposure.DEFAULT_API_KEYS_FILE", usual)
    return ServerSettings(
        _env_file=None, api_keys_file=usual, session_secret_file=str(tmp_path / "session_secret")
    )


def test_without_keys_at_the_usual_place_this_machine_alone_may_ask(at_its_usual_place):
    assert "only this machine can ask" in who_may_ask(at_its_usual_place)


def test_with_keys_it_says_where_they_are(at_its_usual_place):
    add_key(Path(at_its_usual_place.api_keys_file))
    assert at_its_usual_place.api_keys_file in who_may_ask(at_its_usual_place)


def test_a_key_file_that_was_there_once_and_is_missing_is_a_refusal(at_its_usual_place):
    Path(at_its_usual_place.session_secret_file).write_text("0" * 64)
    with pytest.raises(SettingsError, match="is not there, although") as refusal:
        who_may_ask(at_its_usual_place)
    assert at_its_usual_place.api_keys_file in str(refusal.value)
    assert at_its_usual_place.session_secret_file in str(refusal.value)


def test_a_key_file_that_is_named_and_missing_is_a_refusal(tmp_path):
    settings = ServerSettings(_env_file=None, api_keys_file=str(tmp_path / "keys.json"))
    with pytest.raises(SettingsError, match="which is not there"):
        who_may_ask(settings)
