"""Generations that the gate holds back, as a user meets them."""

from pathlib import Path

import pytest

from shared.stores import open_store
from tests.generator.commands.shell import assert_one_sentence


def more_users(tables: Path, users: range, tags: str = "python") -> None:
    with (tables / "user_interests.csv").open("a") as file:
        file.writelines(f"{user},{tags},2026-01-01\n" for user in users)


def held(shell) -> list[str]:
    manifests = open_store(shell.store_url).generations("default")
    return [manifest.generation for manifest in manifests if manifest.held_because]


@pytest.fixture
def most_users_lost(shell, tables) -> Path:
    """The tables after a night on which 204 users were published: all but four are gone."""
    whole = (tables / "user_interests.csv").read_text()
    more_users(tables, range(100, 300))
    assert shell() == 0
    (tables / "user_interests.csv").write_text(whole)
    return tables


def test_a_generation_that_lost_most_users_is_held_until_somebody_publishes_it(
    shell, most_users_lost
):
    before = shell.live
    assert shell() == 7
    assert_one_sentence(shell, "held back", "GATE_MIN_USERS_KEPT", "run_generator.py publish")
    assert shell.live == before
    shell("generations")
    assert "held" in shell.out
    assert "similar users: 4 lists after 204" in shell.out
    assert shell("publish") == 0
    assert shell.live != before
    assert shell.live in shell.out
    assert shell("publish") == 5
    assert_one_sentence(shell, "no held generation")


def test_force_publishes_whatever_the_gate_says(shell, most_users_lost):
    before = shell.live
    assert shell("--force") == 0
    assert shell.live != before


def test_a_held_generation_is_pruned_once_a_newer_one_is_live(shell, most_users_lost):
    assert shell() == 7
    (first,) = held(shell)
    shell("prune")
    assert "nothing" in shell.out
    more_users(most_users_lost, range(100, 301))
    assert shell() == 0
    assert first not in [m.generation for m in open_store(shell.store_url).generations("default")]


def test_if_changed_says_that_an_unchanged_run_is_held_and_does_not_repeat_it(
    shell, most_users_lost
):
    assert shell("--if-changed") == 7
    first = held(shell)
    assert shell("--if-changed") == 7
    assert_one_sentence(shell, "held back", "GATE_MIN_USERS_KEPT", "run_generator.py publish")
    assert "fit tfidf_user_interest" not in shell.out
    assert held(shell) == first


def test_other_settings_of_the_gate_have_it_judged_again_and_not_made_again(
    shell, most_users_lost, monkeypatch
):
    assert shell() == 7
    (first,) = held(shell)
    monkeypatch.setenv("GATE_MIN_USERS_KEPT", "0")
    monkeypatch.setenv("GATE_MIN_EFFECTIVE_KEPT", "0")
    assert shell("--if-changed") == 0
    assert "fit tfidf_user_interest" not in shell.out
    assert shell.live == first


def test_what_was_held_and_then_published_by_hand_is_live_and_unchanged(shell, most_users_lost):
    assert shell() == 7
    assert shell("publish") == 0
    assert shell("--if-changed") == 0
    assert "Nothing changed" in shell.out
    shell("generations")
    assert "is held" not in shell.out


def test_held_generations_do_not_pile_up(shell, tables):
    whole = (tables / "user_interests.csv").read_text()
    more_users(tables, range(100, 300))
    shell()
    for night in range(3):
        (tables / "user_interests.csv").write_text(whole)
        more_users(tables, range(400, 401 + night))
        assert shell() == 7
        assert len(held(shell)) == 1


def test_the_same_tables_night_after_night_are_held_once_and_fitted_once(shell, most_users_lost):
    assert shell() == 7
    assert "fit tfidf_user_interest" in shell.out
    first = held(shell)
    for flags in ([], ["--if-changed"], []):
        assert shell(*flags) == 7
        assert "fit tfidf_user_interest" not in shell.out
        assert held(shell) == first
