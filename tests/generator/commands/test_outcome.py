"""How a run ended is kept, for servers to show."""

import pytest

from generator.commands.outcome import noted_outcome
from shared.errors import DataError, LockHeld, StoreUnavailable
from shared.records import RunOutcome
from shared.stores import open_store
from tests.generator.commands.test_held_generations import most_users_lost  # noqa: F401


@pytest.fixture
def store(tmp_path):
    return open_store(f"sqlite:///{tmp_path}/store")


def last_run(shell) -> RunOutcome:
    return open_store(shell.store_url).last_run("default")


def test_a_good_night_names_its_generation_and_so_does_one_without_news(shell):
    assert shell() == 0
    first = last_run(shell)
    assert (first.exit_code, first.generation) == (0, shell.live)
    assert shell("--if-changed") == 0
    assert last_run(shell).generation == shell.live
    assert last_run(shell).ended_at > first.ended_at


def test_a_held_night_names_what_is_held_and_a_bad_one_its_exit_code(
    shell,
    tables,
    most_users_lost,  # noqa: F811
):
    assert shell() == 7
    held = last_run(shell)
    assert held.exit_code == 7
    assert held.generation not in ("", shell.live)
    assert shell("publish", held.generation) == 0
    assert shell.live == held.generation, "which is how a server can tell that it was released"
    (tables / "user_course_views.csv").write_text("who,what\n1,a\n")
    assert shell() == 3
    assert (last_run(shell).exit_code, last_run(shell).generation) == (3, "")


@pytest.mark.parametrize("error", [LockHeld("another works"), StoreUnavailable("full")])
def test_who_found_another_at_work_or_no_store_notes_nothing(store, error):
    with pytest.raises(type(error)), noted_outcome(store, "default"):
        raise error
    assert store.last_run("default") is None


@pytest.mark.parametrize(("error", "exit_code"), [(DataError("no"), 3), (ZeroDivisionError(), 1)])
def test_every_other_error_is_noted_as_the_program_ends_with_it(store, error, exit_code):
    with pytest.raises(type(error)), noted_outcome(store, "default"):
        raise error
    assert store.last_run("default").exit_code == exit_code
