"""The table by how much is known of a user, and what a hybrid is to reach in each bin."""

import numpy as np
import pytest
import scipy.sparse as sp

from benchmarks.quality.activity import by_activity
from generator.evaluation.protocols import Split
from tests.datasets import make_dataset


def test_a_hybrid_is_held_against_the_best_single_model_of_each_bin(capsys):
    views = [(user, f"c{c}", 60.0, "") for user in range(40) for c in range(1 + 3 * (user % 2))]
    train = make_dataset(views=views, courses=["later"])
    held_out = np.zeros((40, len(train.courses)), bool)
    held_out[:, train.courses.index_of(["later"])] = True
    split = Split(train, sp.csr_matrix(held_out))
    is_new = np.arange(40) % 2 == 0
    lot = np.random.default_rng(0).normal(0, 0.01, 40)
    figures = {
        "of_new": np.where(is_new, 0.5, 0.1),
        "of_known": np.where(is_new, 0.1, 0.5),
        "some_hybrid": np.where(is_new, 0.4, 0.6) + lot,
        "other_hybrid": np.ones(40),
    }
    new, known = by_activity("set", "some_hybrid", figures, split)
    assert ("1 viewed" in new.name, "of_new" in new.name, new.met) == (True, True, False)
    assert ("3_to_5" in known.name, "of_known" in known.name, known.met) == (True, True, True)
    assert new.measured == pytest.approx(0.4 + lot[is_new].mean())
    noise = 1.96 * lot[is_new].std() / np.sqrt(20)
    assert new.wanted == pytest.approx(0.5 - noise)
    table = capsys.readouterr().out
    assert "(users: 20 0 20 0 0)" in table
    assert [line.split()[2] for line in table.splitlines()[1:]].count("some_hybrid") == 1
