"""Training of a network of two numbers, which a run may kill, or lose in what is no number."""

import os
import time

import numpy as np
import pytest

from generator.networks.checkpoints import Checkpoints, Reached, folder_of
from shared.errors import ModelError

EPOCHS = 4


class Points:
    """y = 2 x + 1, a new lot every epoch."""

    def __init__(self, nan_in_epoch: int = -1) -> None:
        self.asked: list[int] = []
        self._nan_in_epoch = nan_in_epoch

    def __len__(self) -> int:
        return 2

    def of_epoch(self, epoch: int):
        self.asked.append(epoch)
        random = np.random.default_rng(epoch)
        for _ in range(2):
            x = random.normal(size=(8, 1)).astype(np.float32)
            y = np.full_like(x, np.nan) if epoch == self._nan_in_epoch else 2 * x + 1
            yield x, y


def line():
    from generator.networks.backend import keras, layers

    keras.utils.set_random_seed(3)
    network = keras.Sequential([keras.Input((1,)), layers.Dropout(0.3, seed=9), layers.Dense(1)])
    network.loss = "mse"
    compile_with_loss = network.compile
    network.compile = lambda optimizer, **how: compile_with_loss(optimizer, loss="mse", **how)
    return network


def trained(
    network, folder=None, *, batches=None, measure=None, patience=EPOCHS, say=print, epochs=EPOCHS
):
    from generator.networks.training import TrainingPlan, train

    plan = TrainingPlan(epochs, patience, 0.1, 0.5, 0.001, seed=1)
    return train(
        network,
        batches or Points(),
        plan,
        measure,
        Checkpoints(folder, say),
        progress=lambda done, total: None,
        say=say,
    )


def test_a_killed_training_goes_on_after_its_last_epoch_and_learns_the_same(tmp_path):
    whole = line()
    trained(whole)
    killed, told = Points(), []

    def kill_in_the_third():
        if len(killed.asked) == 3:
            raise KeyboardInterrupt
        return float(len(killed.asked))

    with pytest.raises(KeyboardInterrupt):
        trained(line(), tmp_path / "kept", batches=killed, measure=kill_in_the_third)
    gone_on, network = Points(), line()
    reached = trained(network, tmp_path / "kept", batches=gone_on, say=told.append)
    assert gone_on.asked == [2, 3]
    assert reached.epochs == EPOCHS
    assert told[0] == "Training goes on after epoch 2."
    for ours, theirs in zip(network.get_weights(), whole.get_weights(), strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_the_best_epoch_is_kept_also_by_a_run_that_went_on(tmp_path):
    weights, values = [], [0.1, 0.5, 0.3]

    def measure():
        weights.append(network.get_weights())
        return values.pop(0)

    network = line()
    with pytest.raises(IndexError):
        trained(network, tmp_path / "kept", measure=measure)
    network, values = line(), [0.2]
    reached = trained(network, tmp_path / "kept", measure=measure)
    assert (reached.best_epoch, reached.best_value) == (2, 0.5)
    np.testing.assert_array_equal(network.get_weights()[0], weights[1][0])


def test_epochs_that_find_no_more_end_it(tmp_path):
    batches, values = Points(), iter([0.5, 0.4, 0.4, 0.9])
    reached = trained(line(), batches=batches, measure=lambda: next(values), patience=2)
    assert batches.asked == [0, 1, 2]
    assert reached.best_epoch == 1


def test_a_loss_that_is_no_number_ends_it_in_words():
    with pytest.raises(ModelError, match=r"after step 1 of epoch 2 the loss is no number\. Lower"):
        trained(line(), batches=Points(nan_in_epoch=1))


def test_old_epochs_do_not_pile_up_and_all_is_removed_in_the_end(tmp_path):
    kept = Checkpoints(tmp_path / "kept", print)
    network = line()
    values = iter([0.5, 0.4, 0.3, 0.2])
    trained(network, tmp_path / "kept", measure=lambda: next(values))
    names = {path.name for path in (tmp_path / "kept").iterdir()}
    assert names == {"4.npz", "best-1.npz", "progress.json"}
    kept.remove()
    assert not (tmp_path / "kept").exists()


def test_nothing_kept_is_nothing_reached(tmp_path):
    for folder in (None, tmp_path):
        assert Checkpoints(folder, print).restore(None) == Reached()


@pytest.mark.parametrize("name", ["progress.json", "2.npz", "best-2.npz"])
def test_what_was_kept_and_is_damaged_is_said_and_begun_anew(tmp_path, name):
    trained(line(), tmp_path / "kept", batches=Points(nan_in_epoch=9), epochs=2)
    (tmp_path / "kept" / name).write_bytes(b"PK\x03\x04 half of it")
    said, batches = [], Points()
    trained(line(), tmp_path / "kept", batches=batches, say=said.append)
    assert batches.asked == list(range(EPOCHS))
    assert said[0].startswith(f"What was kept in {tmp_path / 'kept'} is damaged (")


def test_a_folder_that_takes_nothing_is_said_once_and_costs_no_training(tmp_path):
    (tmp_path / "file").write_text("no folder")
    said = []
    reached = trained(line(), tmp_path / "file" / "kept", say=said.append)
    assert reached.epochs == EPOCHS
    assert [text for text in said if "cannot be kept" in text] == said[:1]


def test_a_training_has_a_folder_of_its_own_and_old_ones_are_removed(tmp_path):
    sequences = np.arange(5)
    mine = folder_of(tmp_path, "lstm", "options", [sequences])
    assert mine == folder_of(tmp_path, "lstm", "options", [sequences])
    others = {
        folder_of(tmp_path, "lstm", "other options", [sequences]),
        folder_of(tmp_path, "lstm", "options", [sequences + 1]),
        folder_of(tmp_path, "gru", "options", [sequences]),
    }
    assert len(others - {mine}) == 3
    for age, folder in ((1, "recent"), (8, "forgotten")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "progress.json").write_text("{}")
        then = time.time() - 86_400 * age
        os.utime(tmp_path / folder / "progress.json", (then, then))
    folder_of(tmp_path, "lstm", "options", [sequences])
    assert [path.name for path in tmp_path.iterdir()] == ["recent"]


@pytest.mark.parametrize("rows_rest", [False, True])
def test_a_row_that_no_batch_reads_any_more_moves_on_unless_rows_rest(rows_rest):
    from generator.networks.backend import keras, layers
    from generator.networks.training import TrainingPlan, compile_network

    network = keras.Sequential([keras.Input((1,)), layers.Embedding(3, 2)])
    network.loss = "mse"
    plan = TrainingPlan(1, 1, 0.1, 0, 0, seed=1, rows_rest=rows_rest)
    compile_with_loss = network.compile
    network.compile = lambda optimizer, **how: compile_with_loss(optimizer, loss="mse", **how)
    compile_network(network, plan, 9)
    tables = []
    for row in (0, 1):
        network.train_on_batch(np.array([[row]]), np.ones((1, 1, 2), np.float32))
        tables.append(network.get_weights()[0])
    before, after = tables
    assert (after[0] == before[0]).all() == rows_rest
    assert (after[1] != before[1]).any()
