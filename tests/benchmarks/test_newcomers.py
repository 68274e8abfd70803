import numpy as np
import pytest

from benchmarks.quality import newcomers
from benchmarks.quality.data_sets import MOVIELENS
from benchmarks.quality.newcomer_data import folds, movielens_with_people, places_of, with_views
from generator.dataset.take_ups import take_ups

USERS, FILMS, LENGTH = 60, 40, 16


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Women see other films than men, and everybody begins with the same two."""
    random = np.random.default_rng(3)
    folder = tmp_path_factory.mktemp("data")
    sequences = folder / MOVIELENS.train
    sequences.parent.mkdir()
    lines = [[1, 2, *(3 + 2 * random.permutation(19)[:14] + user % 2)] for user in range(USERS)]
    sequences.write_text("\n".join(" ".join(map(str, [*line, 0])) for line in lines))
    numbers = [f"{line} {1000 + line}" for line in range(1, USERS + 1)]
    (sequences.parent / "sas_to_original_users.txt").write_text("\n".join(numbers))
    people = [f"{1001 + user}::{'FM'[user % 2]}::{25}::{user % 4}::12345" for user in range(USERS)]
    (sequences.parent / "users.dat").write_text("\n".join(reversed(people)))
    return folder


@pytest.fixture(scope="module")
def dataset(folder):
    return movielens_with_people(folder)


def test_everybody_has_their_own_sequence_and_says_who_they_are(dataset):
    assert dataset.view_seconds.nnz == USERS * LENGTH
    sex = next(of for of in dataset.user_attributes if of.name == "gender")
    has = sex.labels.handles(sex.matrix.indices)
    taken = take_ups(dataset.interactions, len(dataset.courses))
    third = np.array(dataset.courses.handles(taken.courses[places_of(taken) == 2])) % 2
    handles = dataset.users.handles()
    assert [("f", "m")[(user - 1) % 2] for user in handles] == has
    assert third.tolist() == [1 - (user - 1) % 2 for user in handles]


def test_held_out_users_are_held_out_whole_and_those_to_choose_by_know_nothing_of_the_test(dataset):
    test, validation = folds(dataset, 0)
    assert (len(test.held_out), len(validation.held_out)) == (12, 9)
    assert not set(test.held_out) & set(validation.held_out)
    for fold in (test, validation):
        assert not fold.train.view_seconds[fold.held_out].nnz
        assert not fold.stage(1).view_seconds[fold.held_out].nnz
    assert not validation.train.view_seconds[test.held_out].nnz
    known, asked = test.knowing(3)
    np.testing.assert_array_equal(np.diff(known.view_seconds[test.held_out].indptr), 3)
    np.testing.assert_array_equal(np.diff(asked[test.held_out].indptr), 10)
    assert asked.nnz == 120
    assert not known.view_seconds.astype(bool).multiply(asked).nnz
    taken = take_ups(dataset.interactions, len(dataset.courses))
    for user in test.held_out:
        own = taken.courses[taken.users == user]
        assert set(asked[user].indices) == set(own[3:13])
    stage = test.stage(1).view_seconds
    assert stage.nnz == 10 * (USERS - 12)
    (first,) = dataset.courses.index_of([1])
    assert not stage[:, [first]].nnz, "nobody's second to eleventh film is the first one"
    whole = with_views(dataset, taken, np.ones(len(taken.users), bool))
    assert (whole.view_seconds != dataset.view_seconds).nnz == 0


def test_a_table_by_known_films_and_targets_beside_ours(monkeypatch, capsys, folder):
    monkeypatch.setattr(newcomers, "KNOWN", (0, 2))
    only = ["most viewed", newcomers.POPULAR_AT_STAGE, newcomers.ENCODER]
    arguments = ["--data", str(folder), "--seeds", "0", "--epochs", "3", "--only", *only]
    monkeypatch.setattr("sys.argv", ["newcomers", *arguments])
    assert newcomers.main() == 0
    rows = [line.split("  ") for line in capsys.readouterr().out.splitlines() if "  0." in line]
    table = {row[-1]: [float(cell) for cell in row if cell.startswith("0.")] for row in rows}
    assert set(table) == set(only)
    assert table[newcomers.POPULAR_AT_STAGE][1] >= table["most viewed"][1]
    assert table[newcomers.ENCODER][1] > table[newcomers.POPULAR_AT_STAGE][1]


def test_ours_is_held_against_each_of_the_others_less_noise():
    lot = np.random.default_rng(0)
    figures = {
        (newcomers.OURS, 1): np.full(100, 0.3),
        ("worse", 1): np.full(100, 0.2),
        ("alike", 1): 0.301 + lot.normal(0, 0.1, 100),
        ("better", 1): np.full(100, 0.4),
    }
    met = {target.name: target.met for target in newcomers._targets(figures)}
    assert list(met.values()) == [True, True, False]
    assert all("1 known, beside" in name for name in met)


def test_a_folder_without_the_data_is_said(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr("sys.argv", ["newcomers", "--data", str(tmp_path)])
    assert newcomers.main() == 1
    assert f"is not in {tmp_path}: set DATA_FOLDER" in capsys.readouterr().out
