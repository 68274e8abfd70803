"""The log: a JSON object or a line of text each, with the request's number, and unforgeable."""

import json
import logging
import logging.config
import sys

import pytest
import requests

from server import create_app
from server.watching.logs import JSONLines, TextLines, logging_config
from server.watching.request_ids import CURRENT, RequestIds
from shared.errors import StoreUnavailable
from shared.settings import ServerSettings
from shared.stores import open_store
from tests.server.calls import Caller, assert_problem
from tests.server.generations import publish
from tests.server.running import running_server

ASK = {"user_handle": 999}
NASTY = "a\nforged\r\x1b[31m\u2028\ud800 line"


def record(message: str, **fields: object) -> logging.LogRecord:
    made = logging.LogRecord("kindred.test", logging.WARNING, "", 0, "%s", (message,), None)
    made.fields = fields
    return made


def test_a_json_line_is_one_object_with_the_fields_and_what_was_said():
    CURRENT.set("r-1")
    line = JSONLines().format(record(NASTY, status=503, path="/é"))
    assert line.isascii()
    assert "\n" not in line
    read = json.loads(line)
    assert read["message"] == NASTY
    assert (read["level"], read["logger"]) == ("warning", "kindred.test")
    assert (read["request_id"], read["status"], read["path"]) == ("r-1", 503, "/é")


def test_a_text_line_stays_one_line_and_sends_nothing_to_the_terminal():
    CURRENT.set("r-1")
    line = TextLines().format(record(NASTY))
    assert line.isprintable()
    assert line.endswith(r"a\nforged\r\x1b[31m\u2028\ud800 line [r-1]")


@pytest.mark.parametrize("formatter", [JSONLines(), TextLines()])
def test_a_traceback_is_there_but_forges_no_line(formatter):
    try:
        raise ValueError("private\n2026-11-21 ERROR forged")
    except ValueError:
        failed = record("failed")
        failed.exc_info = sys.exc_info()
    first, *more = formatter.format(failed).split("\n")
    assert "failed" in first
    assert all(line.startswith("    ") for line in more)
    assert "Traceback" in formatter.format(failed)


@pytest.mark.parametrize(
    ("log_format", "on_terminal", "formatter"),
    [
        ("auto", True, TextLines),
        ("auto", False, JSONLines),
        ("json", True, JSONLines),
        ("text", False, TextLines),
    ],
)
def test_auto_is_text_on_a_terminal_and_json_elsewhere(log_format, on_terminal, formatter):
    config = logging_config(log_format, on_terminal)
    assert config["formatters"]["kindred"]["()"] is formatter


class TestRequestIds:
    @pytest.mark.parametrize("sent", ["a", "7f3e-01", "req_1:2/3+4=@x", "x" * 128])
    def test_a_sane_one_is_taken(self, sent):
        assert RequestIds().begin(sent) == sent

    @pytest.mark.parametrize("sent", [None, "", "two words", "a\nb", "é", "x" * 129, '"', "<b>"])
    def test_any_other_is_replaced(self, sent):
        assert RequestIds().begin(sent) != sent

    def test_made_ones_are_never_the_same(self):
        here, there = RequestIds(), RequestIds()
        assert len({ids.begin(None) for ids in (here, there) for _ in range(500)}) == 1000

    def test_it_is_in_the_header_and_in_the_problem(self, app, generation):
        client = app.test_client()
        for path in ("/similar-users", "/no-such-page"):
            response = client.post(path, json={}, headers={"X-Request-ID": "from-the-caller"})
            assert response.headers["X-Request-ID"] == "from-the-caller"
            assert response.get_json()["request_id"] == "from-the-caller"
        assert client.post("/similar-users", json=ASK).headers["X-Request-ID"]


class TestRequestLines:
    @pytest.fixture
    def lines(self, settings: ServerSettings, store, generation, monkeypatch, caplog):
        """Logs one answer of each kind under a setting; gives status and fields of the lines."""

        def logged(log_requests: str):
            app = create_app(settings.model_copy(update={"log_requests": log_requests}), store)
            caller = Caller(app.test_client())
            with caplog.at_level(logging.INFO):
                caller.post("/similar-users", ASK)
                caller.post("/similar-users", {"user_handle": "no such"})
                caller.get("/%0aforged%ff")

                def fail(*_: object) -> None:
                    raise StoreUnavailable("gone")

                with monkeypatch.context() as patch:
                    patch.setattr(store, "get_texts", fail)
                    response = caller.post("/similar-users", {"user_handle": 8})
                    assert_problem(response, 503, "store-unavailable")
            return [r.fields for r in caplog.records if r.name == "kindred.requests"]

        return logged

    def test_by_default_only_failures_have_one(self, lines):
        (line,) = lines("errors")
        assert (line["method"], line["path"], line["status"]) == ("POST", "/similar-users", 503)
        assert (line["route"], line["tenant"]) == ("/similar-users", "default")
        assert 0 <= line["milliseconds"] < 60_000

    def test_all_have_one_if_asked_for(self, lines):
        found = lines("all")
        assert [line["status"] for line in found] == [200, 404, 404, 503]
        assert found[2]["path"] == "/\nforged\ufffd"
        assert found[2]["route"] == "unknown"

    def test_or_none(self, lines):
        assert lines("none") == []


def test_a_real_server_writes_json_with_the_number_of_the_request(tmp_path):
    folder = tmp_path / "store"
    publish(open_store(f"sqlite:///{folder}"))
    with running_server(folder, log_requests="all", log_format="json") as server:
        requests.get(f"{server.url}/health", headers={"X-Request-ID": "mine"}, timeout=60)
        line = json.loads(server.wait_for_line('"/health"'))
    assert (line["request_id"], line["status"], line["route"]) == ("mine", 200, "/health")
    assert set(line) >= {"time", "level", "logger", "message", "method", "milliseconds"}
