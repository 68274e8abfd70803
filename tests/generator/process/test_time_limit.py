"""Work is given up once its progress says that it takes too long, and not before."""

from types import SimpleNamespace

import pytest

from generator.process import time_limit
from generator.process.time_limit import UNLIMITED, TimeBudget, limited
from shared.errors import ModelError


@pytest.fixture
def clock(monkeypatch):
    now = SimpleNamespace(seconds=100.0)
    monkeypatch.setattr(time_limit, "time", SimpleNamespace(monotonic=lambda: now.seconds))
    return now


def test_progress_is_told_as_before(clock):
    told = []
    watched = limited(lambda done, total: told.append((done, total)), 10)
    watched(1, 4)
    clock.seconds += 9
    watched(3, 4)
    assert told == [(1, 4), (3, 4)]


def test_what_takes_longer_than_its_limit_is_given_up_and_says_how_long_it_would_take(clock):
    watched = limited(lambda done, total: None, 10)
    clock.seconds += 1
    watched(1, 4)
    clock.seconds += 10
    with pytest.raises(ModelError, match=r"about 21 s, and 10 s were left"):
        watched(2, 3)


def test_a_forecast_ends_what_is_hopeless_but_not_what_may_end_early(clock):
    watched = limited(lambda done, total: None, 10)
    clock.seconds += 5
    watched(1, 1000)  # a first step says nothing of the others
    clock.seconds += 0.5
    watched(6, 300)
    with pytest.raises(ModelError, match="about 41 s"):
        watched(6, 360)


def test_each_may_take_half_of_what_is_left_of_a_budget(clock):
    budget = TimeBudget(40)
    first = budget.limit(lambda done, total: None)
    clock.seconds += 19
    first(19, 20)
    second = budget.limit(lambda done, total: None)
    clock.seconds += 11
    with pytest.raises(ModelError, match="10 s were left"):
        second(9, 10)
    assert not budget.is_spent
    clock.seconds += 10
    assert budget.is_spent
    assert not UNLIMITED.is_spent
