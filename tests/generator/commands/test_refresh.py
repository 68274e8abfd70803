"""`refresh`, once and until it is ended, as a shell sees it."""

import os
import signal
import threading

import pytest

from generator.refresh.follow import EndedBySignals, follow
from generator.refresh.refresher import Round
from shared.errors import StoreUnavailable
from shared.events import Event, open_log
from shared.fresh import open_fresh
from tests.generator.commands.shell import assert_one_sentence

TENANT = "default"
KNN = "recommendations/knn_collab_filtering_user_course_view"


def view(number, user, course):
    return Event(f"e{number}", "view", user, "2026-02-01T00:00:00.000000Z", course, seconds=3600.0)


@pytest.fixture
def log(shell, tmp_path, monkeypatch):
    monkeypatch.setenv("MODELS_FOLDER", str(tmp_path / "models"))
    log = open_log(shell.store_url)
    yield log
    log.close()


@pytest.fixture
def fresh(shell):
    fresh = open_fresh(shell.store_url)
    yield fresh
    fresh.close()


def test_who_did_something_has_fresh_lists_and_a_second_time_there_is_nothing_to_do(
    shell, log, fresh
):
    assert shell() == 0
    log.append(TENANT, [view(1, 5, "intro-python")])
    assert shell("refresh") == 0
    assert "1 events of 1 users" in shell.out
    assert "follow 1 more events" in shell.out
    assert fresh.get_many(TENANT, shell.live, [(KNN, 5)])
    assert shell("refresh") == 0
    assert "no new events" in shell.out


def test_what_cannot_be_refreshed_says_why_and_what_to_do(shell, log, monkeypatch):
    assert shell("refresh") == 5
    assert_one_sentence(shell, "no live generation", "run the generator")
    monkeypatch.setenv("MODELS_FOLDER", "")
    assert shell() == 0
    assert shell("refresh") == 4
    assert_one_sentence(shell, "without keeping its models", "MODELS_FOLDER")
    assert shell("--store", "dynamodb://kindred?region=eu-west-1", "refresh") == 2
    assert_one_sentence(shell, "keeps no fresh lists; SQLite does")


def test_a_second_one_is_told_that_it_is_not_alone(shell, log, fresh):
    with fresh.lock(TENANT):
        assert shell("refresh") == 6
    assert_one_sentence(shell, "refreshes the lists of tenant default already")


def test_a_run_whose_models_cannot_be_kept_is_live_and_says_so(shell, log, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("MODELS_FOLDER", str(tmp_path / "file"))
    assert shell() == 0
    assert "cannot follow this generation" in shell.out
    assert shell("refresh") == 4


def test_so_is_one_whose_disk_is_full_once_it_has_a_generation(shell, log, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("generator.refresh.kept_run.KeptRun.named", full)
    assert shell() == 0
    assert "No space left on device" in shell.out
    assert shell("refresh") == 4


def test_forgetting_a_person_counts_the_fresh_lists_that_go(shell, log):
    assert shell() == 0
    log.append(TENANT, [view(1, 5, "intro-python")])
    assert shell("refresh") == 0
    assert shell("events", "forget", "--user", "5") == 0
    assert "1 events of user 5 of tenant default are erased, and 2 fresh lists" in shell.out


class Scripted:
    """In place of a refresher: each quick round is what the script says."""

    def __init__(self, ended, *rounds):
        self.ended, self.rounds, self.quick, self.whole = ended, list(rounds), 0, 0

    def quick_round(self):
        self.quick += 1
        if not self.rounds:
            self.ended.set()
            return None
        happens = self.rounds.pop(0)
        if isinstance(happens, Exception):
            raise happens
        return happens

    def round(self):
        self.whole += 1


class Said:
    def __init__(self):
        self.warned, self.said = [], []
        self.warn, self.say = self.warned.append, self.said.append


def test_trouble_is_said_once_and_tried_again(monkeypatch):
    monkeypatch.setattr("generator.refresh.follow.AFTER_TROUBLE_SECONDS", 0.0)
    ended, said = threading.Event(), Said()
    away = StoreUnavailable("The store is away.")
    refresher = Scripted(ended, away, away, None, away)
    follow(refresher, said, 0.0, 60.0, ended)
    assert said.warned == ["The store is away."] * 2
    assert refresher.quick == 5


@pytest.mark.parametrize(("seconds", "whole"), [(0.0, 1), (60.0, 0)])
def test_a_whole_round_comes_after_a_while_where_somebody_waits_for_it(seconds, whole):
    ended, said = threading.Event(), Said()
    waiting = Round("g", 2, 2, 5, 0.1, is_whole=False)
    refresher = Scripted(ended, None, waiting, None, Round("g", 1, 1, 9, 0.1), None)
    follow(refresher, said, 0.0, seconds, ended)
    assert refresher.whole == whole
    assert [line.endswith("others wait") for line in said.said] == [True, False]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_wait_and_no_further_round_begins(number):
    before = [(each, signal.getsignal(each)) for each in (signal.SIGTERM, signal.SIGINT)]
    ended, said = EndedBySignals(), Said()
    sending = threading.Timer(0.05, os.kill, (os.getpid(), number))
    try:
        sending.start()
        refresher = Scripted(threading.Event())
        follow(refresher, said, 60.0, 60.0, ended)
        assert (refresher.quick, ended.is_set(), said.warned) == (1, True, [])
    finally:
        sending.join()
        signal.set_wakeup_fd(-1)
        for each, handler in before:
            signal.signal(each, handler)
