"""The whole store looked at, and mended."""

from pathlib import Path

import pytest

from shared.stores import open_store
from tests.generator.commands.shell import assert_one_sentence


@pytest.fixture
def published(shell) -> list[str]:
    generations = []
    for seed in ("1", "2", "3"):
        assert shell("--seed", seed) == 0
        generations.append(shell.live)
    return generations


@pytest.fixture
def path_of(shell):
    folder = Path(shell.store_url.removeprefix("sqlite:///"))
    return lambda generation: folder / "default" / f"{generation}.sqlite"


def test_what_is_as_it_was_written_is_whole(shell, published):
    assert shell("check") == 0
    assert [line for line in shell.out.splitlines() if ": whole" in line] == [
        f"{generation}: whole" for generation in published
    ]


def test_all_that_is_wrong_is_said_at_once_with_the_cure(shell, published, path_of):
    damaged, nameless, live = published
    content = bytearray(path_of(damaged).read_bytes())
    content[len(content) // 2] ^= 1
    path_of(damaged).write_bytes(content)
    store = open_store(shell.store_url)
    store._put_record("default", f"manifest:{nameless}", b"{")
    stray = "20200101T000000Z-0000"
    path_of(stray).write_bytes(b"lists of nobody")
    assert shell("check") == 5
    assert_one_sentence(shell, "3 need a hand")
    said = dict(line.split(": ", 1) for line in shell.out.splitlines() if "Z-" in line[:20])
    assert said[live] == "whole"
    assert "not what was written" in said[damaged]
    assert "manifest cannot be read" in said[nameless]
    assert "no manifest" in said[stray]
    for generation in (damaged, nameless, stray):
        assert f"discard {generation}" in said[generation]
        assert shell("discard", generation) == 0
    assert shell("check") == 0


@pytest.mark.parametrize("text", [None, b"{", b"[]"])
def test_a_lost_state_is_made_of_the_manifests(shell, published, path_of, text):
    store = open_store(shell.store_url)
    if text is None:
        store._delete_record("default", "state")
    else:
        store._put_record("default", "state", text)
    path_of(published[2]).unlink()
    assert shell("check") == 5
    assert shell("check", "--adopt") == 5
    assert f"Taken up: {published[0]}, {published[1]}." in shell.out
    assert shell.live == published[1], "the newest that is whole"
    assert shell("discard", published[2]) == 0
    assert shell("check") == 0
    assert shell("rollback") == 0
    assert shell.live == published[0]


def test_what_the_state_of_a_backup_does_not_name_is_taken_up_and_the_pointer_stays(
    shell, published
):
    store = open_store(shell.store_url)
    _, second, last = published

    def as_of_the_second(state):
        state.history = [entry for entry in state.history if entry.generation != last]
        state.point_at(second)

    store._change_state("default", as_of_the_second)
    assert shell("check") == 5
    assert "check --adopt" in shell.out
    assert shell("check", "--adopt") == 0
    assert shell.live == second
    assert store.state("default").generations == published


def test_of_a_lost_control_file_all_is_taken_up_again(shell, published, path_of):
    folder = path_of(published[0]).parents[1]
    content = path_of(published[1]).read_bytes()
    (folder / "control.sqlite").unlink()
    assert shell("generations") == 0
    assert "no generation yet" in shell.out
    assert shell("check") == 5
    assert "check --adopt" in shell.out
    assert shell("check", "--adopt") == 0
    assert shell.live == published[-1]
    assert open_store(shell.store_url).state("default").generations == published
    assert path_of(published[1]).read_bytes() == content
    assert shell("--seed", "3", "--if-changed") == 0
    assert "Nothing changed" in shell.out


def test_a_damaged_control_file_is_moved_away_and_made_anew(shell, published, path_of):
    control = path_of(published[0]).parents[1] / "control.sqlite"
    control.write_bytes(b"not a database" * 1000)
    assert shell("check") == 5
    assert "move it away" in shell.out + shell.err
    control.rename(control.with_name("damaged"))
    assert shell("check", "--adopt") == 0
    assert shell.live == published[-1]


def test_what_was_removed_is_not_taken_up_again(shell, published, path_of):
    assert shell("discard", published[0]) == 0
    copies = path_of(published[0]).parents[1] / "manifests" / "default"
    assert {path.stem for path in copies.iterdir()} == {*published[1:]}
    path_of(published[1]).unlink()
    (copies.parents[1] / "control.sqlite").unlink()
    shell("check", "--adopt")
    assert open_store(shell.store_url).state("default").generations == [published[2]]
