"""What an outage writes into the log of a server that is asked on and on."""

import requests

from shared.stores import open_store
from tests.server.generations import publish
from tests.server.running import PATIENCE_SECONDS, running_server

REQUESTS = 1500


def test_an_outage_fills_no_log(tmp_path, fault):
    folder = tmp_path / "store"
    generation = publish(open_store(f"sqlite:///{folder}"))
    (folder / "default" / f"{generation}.sqlite").write_bytes(b"cut")
    with (
        fault("server, store unreadable under load"),
        running_server(folder, wait="nothing to serve") as server,
        requests.Session() as client,
    ):
        for user in range(REQUESTS):
            body, url = {"user_handle": user}, f"{server.url}/similar-users"
            answer = client.post(url, json=body, timeout=PATIENCE_SECONDS)
            assert answer.status_code == 503
        said = [server.lines.get() for _ in range(server.lines.qsize())]
    assert 1 < len(said) < 60
    assert any("not what was written" in line for line in said)
