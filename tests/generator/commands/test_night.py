"""A run as cron sees it, and options that stand where people put them."""

import json
import re
from datetime import datetime

import pytest

from generator.commands import cli
from shared import __version__
from shared.stores import open_store
from tests.generator.commands.shell import assert_one_sentence
from tests.generator.commands.test_held_generations import most_users_lost  # noqa: F401

TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"


def test_a_good_night_is_one_line_with_its_time(shell):
    for said in ("Generation .* is live", "Nothing changed"):
        assert shell("--quiet", "--if-changed") == 0
        (line,) = shell.out.splitlines()
        assert re.match(f"{TIME} INFO kindred.generator: {said}", line)
        assert shell.err == ""


def test_a_bad_night_says_why(shell, most_users_lost, monkeypatch):  # noqa: F811
    assert shell("--quiet") == 7
    assert shell.out == ""
    assert_one_sentence(shell, "held back")
    monkeypatch.setenv("STORED_LIST_LENGTH", "many")
    assert shell("--quiet") == 2
    assert_one_sentence(shell, "STORED_LIST_LENGTH")


def test_what_quiet_leaves_out_is_no_warning(shell):
    shell("--seed", "1")
    old = shell.live
    open_store(shell.store_url)._put_record("default", f"manifest:{old}", b"{")
    assert shell("--quiet", "--seed", "2") == 0
    warning, conclusion = shell.out.splitlines()
    assert warning.startswith("warning: ")
    assert old in warning
    assert "is live" in conclusion


def test_a_log_for_programs_is_json_line_by_line(shell, monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "json")
    assert shell() == 0
    lines = [json.loads(line) for line in shell.out.splitlines()]
    assert {line["level"] for line in lines} == {"info"}
    assert any("is live" in line["message"] for line in lines)
    assert all(datetime.fromisoformat(line["time"]) for line in lines)
    assert shell("rollback") == 5
    (line,) = shell.err.splitlines()
    assert json.loads(line)["level"] == "error"


def test_a_log_for_people_has_times(shell, monkeypatch):
    monkeypatch.setenv("LOG_FORMAT", "text")
    assert shell("generations") == 0
    assert re.fullmatch(f"{TIME} INFO kindred.generator: Tenant default has .*\n", shell.out)


@pytest.mark.parametrize("before", [True, False], ids=["before the command", "behind it"])
def test_every_command_takes_the_tenant_where_it_likes(shell, before):
    for name in ("generations", "rollback", "prune", "pin", "unpin", "unlock", "check", "publish"):
        words = ("--tenant", "acme", name) if before else (name, "--tenant", "acme")
        shell(*words)
        assert "acme" in shell.out + shell.err, name


def test_every_command_has_the_same_three_places():
    for name, command in cli.commands.items():
        flags = {flag for parameter in command.params for flag in parameter.opts}
        assert {"--data", "--store", "--tenant"} <= flags, name


def test_the_version_is_told(shell):
    assert shell("--version") == 0
    assert shell.out == f"Kindred, version {__version__}\n"


def test_no_sentence_has_a_double_blank(shell):
    for words in (["publish"], ["publish", "x"], ["rollback"], ["discard", "x"], ["unlock"]):
        shell(*words)
        assert "  " not in (shell.out + shell.err), words


def test_columns_that_are_missing_lead_to_how_to_declare_them(shell, tables):
    (tables / "user_course_views.csv").write_text("who,what\n1,a\n2,b\n")
    assert shell() == 3
    assert_one_sentence(shell, "--columns user=user_id,item=item_id", "`inspect`")
