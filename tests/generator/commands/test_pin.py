"""What is live stays so while it is pinned."""

from shared.stores import open_store
from tests.generator.commands.shell import assert_one_sentence
from tests.generator.commands.test_held_generations import held


def test_a_rollback_that_is_pinned_outlasts_the_next_runs_until_it_is_unpinned(shell):
    for seed in ("1", "2"):
        assert shell("--seed", seed) == 0
    (good,) = [m.generation for m in open_store(shell.store_url).generations("default")][:1]
    assert shell("pin", good) == 0
    assert shell.live == good
    shell("generations")
    assert "live, pinned" in shell.out
    for flags in ([], ["--force"], ["--if-changed"]):
        assert shell("--seed", "3", *flags) == 7
        assert_one_sentence(shell, good, "is pinned since", "unpin", "After that", "publish")
        assert shell.live == good
        assert len(held(shell)) == 1
    for moves in (["publish"], ["rollback"]):
        assert shell(*moves) == 5
        assert shell.live == good
    assert shell("unpin") == 0
    assert shell("--seed", "3", "--if-changed") == 0
    assert "fit tfidf_user_interest" not in shell.out, "what was held is judged again, not made"
    assert shell.live not in (good, None)
    assert held(shell) == []


def test_where_nothing_is_live_there_is_nothing_to_pin(shell):
    assert shell("pin") == 5
    assert_one_sentence(shell, "no live generation")
