"""A web page whose name was made to resolve to this machine gets nothing."""

import pytest

from tests.server.access.keys import add_key, ask
from tests.server.calls import assert_problem

OWN = ["localhost", "LOCALHOST:5000", "127.0.0.1", "127.0.0.1:8080", "[::1]", "[::1]:5000"]
FOREIGN = [
    "evil.example",
    "evil.example:5000",
    "localhost.evil.example",
    "evil-localhost",
    "127.0.0.1.evil.example",
    "localhost@evil.example",
    "evil.example@localhost",
    "localhost:evil",
    "localhost, evil.example",
    "[::1]evil",
    "127.0.0.2",
    "[::2]",
    "::1",
    "",
    "localhost\x00",
]


@pytest.mark.parametrize("host", OWN)
def test_without_keys_loopback_answers_to_its_own_names(make_app, host):
    assert ask(make_app(), None, Host=host).status_code == 200


def test_without_keys_loopback_answers_to_no_other(make_app):
    app = make_app()
    for host in FOREIGN:
        for path in ("/similar-users", "/recommendations/batch"):
            assert_problem(ask(app, None, path=path, Host=host), 400, "untrusted-host")
        for path in ("/models", "/", "/docs", "/metrics", "/nowhere"):
            response = app.test_client().get(path, headers={"Host": host}, buffered=True)
            assert_problem(response, 400, "untrusted-host")


def test_probes_may_call_it_by_any_address(make_app):
    client = make_app().test_client()
    for path in ("/health", "/ready"):
        response = client.get(path, headers={"Host": "10.1.2.3:5000"})
        assert response.status_code == 200
        assert "generation" not in response.get_json()


def test_with_keys_any_name_will_do(make_app, key_file):
    _, key = add_key(key_file)
    assert ask(make_app(), key, Host="kindred.example.org").status_code == 200


@pytest.mark.parametrize("guarded", [False, True])
def test_the_setting_names_the_hosts(make_app, key_file, guarded):
    key = add_key(key_file)[1] if guarded else None
    app = make_app(trusted_hosts=["api.example.org", ".learn.example.org"], server_host="0.0.0.0")
    for host in ("api.example.org", "API.example.org:443", "a.learn.example.org"):
        assert ask(app, key, Host=host).status_code == 200, host
    for host in ("localhost", "example.org", "x.api.example.org", "evillearn.example.org"):
        assert ask(app, key, Host=host).status_code == 400, host


def test_a_star_allows_every_name(make_app):
    assert ask(make_app(trusted_hosts=["*"]), None, Host="evil.example").status_code == 200
