"""Runs on data of which much, or everything, cannot be used."""

import pytest

from tests.generator.commands.shell import assert_one_sentence


@pytest.fixture
def odd_times(tmp_path, shell):
    """Writes views of which so many have a time; the rest count days since somebody's start."""

    def write(dated: int) -> list[str]:
        rows = [f"u{n % 9},i{n % 7},{1593878903 + n}" for n in range(dated)]
        rows += [f"u{n % 9},i{n % 7},-{n}" for n in range(1, 60)]
        path = tmp_path / "views.csv"
        path.write_text("\n".join(["user,item,ts", *rows]))
        return ["--data", str(path), "--columns", "user=user,item=item,time=ts"]

    return write


def test_a_first_run_on_little_of_its_data_is_held_and_says_why(shell, odd_times):
    assert shell(*odd_times(40)) == 7
    assert shell.live is None
    assert "GATE_MAX_SET_ASIDE_SHARE (20%): 59 of 99 ts is not a date, as '-1'" in shell.err
    assert shell("validate") == 0
    assert "would be held" not in shell.out
    assert shell(*odd_times(40), "validate") == 0
    assert "A run would be held: user_course_views: 59.6% of the rows" in shell.out


def test_a_run_on_nothing_says_why_nothing_is_left(shell, odd_times):
    assert shell(*odd_times(0)) == 3
    assert_one_sentence(
        shell, "Nothing is left to learn from", "59 of 59 ts is not a date, as '-1'"
    )
