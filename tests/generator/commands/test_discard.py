"""Generations removed by name."""

import pytest

from shared.stores import open_store
from tests.generator.commands.shell import assert_one_sentence
from tests.generator.commands.test_held_generations import held, most_users_lost  # noqa: F401


def names(shell) -> list[str]:
    return [m.generation for m in open_store(shell.store_url).generations("default")]


def test_held_generations_are_removed_on_demand(shell, most_users_lost):  # noqa: F811
    assert shell() == 7
    (doomed,) = held(shell)
    shell("generations")
    assert "discard --held" in shell.out
    assert shell("discard", "--held") == 0
    assert doomed in shell.out
    assert names(shell) == [shell.live]
    assert shell("discard", "--held") == 0
    assert "no held generation" in shell.out


def test_the_live_one_stays_and_a_name_that_is_none_is_said(shell):
    shell("--seed", "1")
    before = shell.live
    shell("--seed", "2")
    assert shell("discard", shell.live) == 5
    assert_one_sentence(shell, "is live")
    assert shell("discard", before) == 0
    assert shell("discard", before) == 5
    assert_one_sentence(shell, f"no generation {before}")
    assert names(shell) == [shell.live]
    assert shell("discard") == 2


@pytest.mark.parametrize("text", [b"{", b'{"newer": 1}'])
def test_what_cannot_be_read_can_be_removed(shell, text):
    shell("--seed", "1")
    before = shell.live
    shell("--seed", "2")
    open_store(shell.store_url)._put_record("default", f"manifest:{before}", text)
    assert shell("discard", before) == 0
    assert open_store(shell.store_url).unreadable("default") == []
