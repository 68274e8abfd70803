"""Whose word it is that a request came by https."""

import pytest

from server import create_app
from shared.errors import SettingsError
from shared.settings import ServerSettings
from tests.server.access.keys import add_key


@pytest.fixture
def sign_in(tmp_path, settings, store, clock):
    """Signs in as from an address, saying that it was by https; gives the cookie."""
    path = tmp_path / "keys.json"
    _, key = add_key(path)

    def ask(peer: str, *trusted: str, said: str = "https") -> str:
        changed = {"api_keys_file": str(path), "trusted_proxies": list(trusted)}
        app = create_app(settings.model_copy(update=changed), store, clock)
        response = app.test_client().post(
            "/explorer/sign-in",
            data={"key": key},
            headers={"Sec-Fetch-Site": "same-origin", "X-Forwarded-Proto": said},
            environ_base={"REMOTE_ADDR": peer},
        )
        return response.headers["Set-Cookie"]

    return ask


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [
        ("127.0.0.1", ["127.0.0.1"]),
        ("10.1.2.3", ["192.0.2.1", "10.0.0.0/8"]),
        ("2001:db8::7", ["2001:db8::/32"]),
    ],
)
def test_a_trusted_proxys(sign_in, peer, trusted):
    assert "Secure" in sign_in(peer, *trusted)
    assert "Secure" not in sign_in(peer, *trusted, said="http")


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [("127.0.0.1", []), ("11.0.0.1", ["10.0.0.0/8"]), ("", ["10.0.0.0/8"])],
)
def test_nobody_elses(sign_in, peer, trusted):
    assert "Secure" not in sign_in(peer, *trusted)


def test_what_is_no_address_is_said_at_the_start(monkeypatch):
    monkeypatch.setenv("TRUSTED_PROXIES", "127.0.0.1, proxy.example.org")
    with pytest.raises(SettingsError, match="TRUSTED_PROXIES"):
        ServerSettings.load()
