"""Traces, as a collector receives them from a real server."""

import subprocess
import sys

import pytest
import requests

from server.watching.tracing import open_tracing
from shared.errors import SettingsError
from shared.stores import open_store
from tests.processes import ROOT, environment
from tests.server.generations import publish
from tests.server.otlp_receiver import Receiver, attributes, running_receiver
from tests.server.running import running_server

TRACE = "0af7651916cd43dd8448eb211c80319c"
PARENT = "b7ad6b7169203331"
HEADERS = {"traceparent": f"00-{TRACE}-{PARENT}-01", "X-Request-ID": "mine"}


@pytest.fixture(scope="module")
def received(tmp_path_factory) -> Receiver:
    """What arrived of a lookup, the same again and one of an unknown user, until the end."""
    folder = tmp_path_factory.mktemp("traced") / "store"
    publish(open_store(f"sqlite:///{folder}"))
    with running_receiver() as receiver:
        with running_server(
            folder,
            otlp_endpoint=receiver.endpoint,
            log_requests="all",
            log_format="json",
            cache_mb=8,
        ) as server:
            for user in (8, 8, "no such"):
                requests.post(
                    f"{server.url}/similar-users",
                    json={"user_handle": user},
                    headers=HEADERS,
                    timeout=60,
                )
            server.wait_for_line(f'"trace_id": "{TRACE}"')
        yield receiver


def traced(received: Receiver) -> list:
    return [span for span in received.spans if span.trace_id.hex() == TRACE]


def test_spans_that_were_not_yet_sent_are_sent_at_the_end(received):
    assert [s.name for s in traced(received)].count("POST /similar-users") == 3


def test_a_request_continues_the_trace_of_its_caller(received):
    first = next(s for s in traced(received) if s.name == "POST /similar-users")
    assert first.parent_span_id.hex() == PARENT
    assert first.kind == first.SPAN_KIND_SERVER
    found = attributes(first)
    assert found["http.route"] == "/similar-users"
    assert found["http.response.status_code"] == 200
    assert (found["kindred.tenant"], found["kindred.request_id"]) == ("default", "mine")
    assert received.resources[0]["service.name"] == "kindred"


def test_the_read_of_the_store_is_a_span_within_that_of_the_request(received):
    found = traced(received)
    roots = {s.span_id: attributes(s)["http.response.status_code"] for s in found if s.kind == 2}
    reads = [s for s in found if s.name == "read lists"]
    of_the_lookups = [s for s in reads if roots[s.parent_span_id] == 200]
    assert len(of_the_lookups) == 1, "the second one was remembered"
    assert attributes(of_the_lookups[0])["db.system.name"] == "sqlite"
    assert len(reads) > 1, "an unknown user is looked for in every model"


def test_without_an_endpoint_nothing_of_it_is_imported(tmp_path):
    code = (
        "import sys; from server import create_app; from shared.settings import ServerSettings; "
        "from shared.stores import open_store; settings = ServerSettings.load(); "
        "create_app(settings, open_store(settings.store_url)); "
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment(PYTHONPATH=str(ROOT), STORE_URL=f"sqlite:///{tmp_path}"),
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.strip() == "[]", done.stderr


def test_without_the_library_the_error_names_the_file_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http", None)
    with pytest.raises(SettingsError, match=r"requirements-tracing\.txt"):
        open_tracing("http://localhost:4318")
