"""The first model of `SequenceModel`: what all of them share is tested here, too."""

import subprocess
import sys

import numpy as np
import pytest

from generator.models.lstm_course_sequence import LstmCourseSequence
from generator.models.run_options import RunOptions
from generator.nearest.vectors import unit_rows
from tests.planted_orders import COURSES, chain, dated, share_of_next_courses_found, views_of

SMALL = {"embedding_size": 16, "epochs": 12, "learning_rate": 0.01, "dropout": 0.1}


def small(**options):
    return LstmCourseSequence(**{**SMALL, **options})


@pytest.fixture(scope="module")
def data():
    return dated(views_of(chain(0.9)))


@pytest.fixture(scope="module")
def model(data):
    return small().fit(data, RunOptions(seed=1))


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_it_finds_what_follows_when_order_matters(cell):
    def made():
        return small(cell=cell)

    assert share_of_next_courses_found(made, chain(0.95)) > 0.8


def test_it_finds_no_more_than_chance_without_an_order_and_where_it_is_shuffled():
    assert share_of_next_courses_found(small, chain(0.0)) < 4 * 2 / COURSES
    ordered = share_of_next_courses_found(small, chain(0.8))
    assert share_of_next_courses_found(small, chain(0.8), shuffled=True) < ordered - 0.2


def test_scores_are_products_of_states_and_vectors_and_the_list_is_their_order(model, data):
    users = model.known_users()[:40]
    scores = model._states[users].astype(np.float64) @ model._vectors[1:].T.astype(np.float64)
    scores[data.seen[users].toarray()] = -np.inf
    top = model.recommend(users, 5)
    best = -np.sort(-scores, axis=1)[:, :5]
    np.testing.assert_allclose(top.scores, best, atol=1e-4)
    again = model.score(users, top.indices)
    np.testing.assert_allclose(again, top.scores, atol=1e-4)


def test_similar_courses_and_users_are_those_of_the_largest_cosine(model):
    unit = unit_rows(model._vectors[1:]).astype(np.float64)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -1)
    top = model.similar_courses(model.known_courses(), 1)
    np.testing.assert_allclose(top.scores[:, 0], cosines.max(axis=1), atol=1e-5)
    users = model.known_users()
    unit = unit_rows(model._states[users]).astype(np.float64)
    cosines = unit @ unit.T
    np.fill_diagonal(cosines, -1)
    np.testing.assert_allclose(
        model.similar_users(users, 1).scores[:, 0], cosines.max(axis=1), atol=1e-5
    )


def test_the_reason_for_the_next_course_is_the_one_that_it_follows_on(model, data):
    users = model.known_users()
    first = model.recommend(users, 1).indices
    last_courses = np.array([data.interactions.courses[data.interactions.of(u)][-1] for u in users])
    follows = first[:, 0] == (last_courses + 1) % COURSES
    reasons = model.reasons("recommendations", users[follows], first[follows])
    is_it = reasons.indices[:, 0, 0] == last_courses[follows]
    assert is_it.mean() > 0.8


def test_who_loads_it_needs_no_tensorflow(model, data, tmp_path):
    model.save(tmp_path / "kept")
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from pathlib import Path\n"
        "from generator.models.lstm_course_sequence import LstmCourseSequence\n"
        "from tests.planted_orders import chain, dated, views_of\n"
        f"model = LstmCourseSequence.load(Path({str(tmp_path / 'kept')!r}), "
        "dated(views_of(chain(0.9))))\n"
        "changed = {**chain(0.9), 999: ['c03', 'c04']}\n"
        "model.fold_in(dated(views_of(changed)))\n"
        "best = model.recommend(model.dataset.users.index_of([999]), 1).indices[0, 0]\n"
        "print(model.dataset.courses.handles()[best])\n"
        "assert 'tensorflow' not in sys.modules\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["c05"]


def test_a_training_that_was_killed_goes_on_and_is_removed_once_it_is_over(data, model, tmp_path):
    epochs = []

    def kill_in_the_middle(done, total):
        epochs.append(done)
        if done > total // 2:
            raise KeyboardInterrupt

    kept, said = tmp_path / "training", []
    with pytest.raises(KeyboardInterrupt):
        small().fit(data, RunOptions(seed=1, training_folder=kept, progress=kill_in_the_middle))
    assert len(list(kept.iterdir())) == 1
    again = small().fit(data, RunOptions(seed=1, training_folder=kept, say=said.append))
    assert said[0].startswith("lstm_course_sequence: Training goes on after epoch ")
    assert not list(kept.iterdir())
    users = model.known_users()
    np.testing.assert_array_equal(
        again.recommend(users, 5).indices, model.recommend(users, 5).indices
    )


def test_what_is_held_out_of_enough_users_says_how_good_it_is():
    orders = chain(0.9, users=1_300)
    fitted = small(epochs=3).fit(dated(views_of(orders)), RunOptions(seed=1))
    assert 0.3 < fitted.measures["held_out_ndcg_at_10"] <= 1
    assert {type(of) for of in fitted.measures.values()} == {float}


def test_it_says_how_far_it_is_and_how_good(data):
    said = []
    fitted = small(epochs=1).fit(data, RunOptions(seed=1, say=said.append))
    assert fitted.measures["epochs"] == 1
    assert said[-1].startswith("lstm_course_sequence: epoch 1 of at most 1: loss ")


@pytest.mark.parametrize("loss", ["sampled_softmax", "gbce"])
def test_losses_over_some_courses_find_the_chain_too(loss):
    def made():
        return small(loss=loss, negatives=8)

    assert share_of_next_courses_found(made, chain(0.95)) > 0.6
