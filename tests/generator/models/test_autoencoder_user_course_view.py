import subprocess
import sys

import numpy as np
import pytest

from generator.models.autoencoder_user_course_view import AutoencoderUserCourseView
from generator.models.run_options import RunOptions
from tests.datasets import make_dataset
from tests.next_to_nothing import (
    assert_lists_have_no_noise,
    of_little,
    views_of_twenty_thousand_courses,
)
from tests.planted import plant_tribes

SMALL = {"embedding_size": 8, "hidden_size": 8}
RUN = RunOptions(seed=1)


@pytest.fixture(scope="module")
def planted():
    return plant_tribes()


@pytest.fixture(scope="module")
def model(planted):
    return AutoencoderUserCourseView(**SMALL, epochs=8).fit(planted.dataset, RUN)


def share_of_own_tribe(model, planted):
    users = model.known_users()
    listed = model.recommend(users, 4).indices
    return (planted.tribe_of_course[listed] == planted.tribe_of_user[users][:, None]).mean()


def test_scores_are_products_of_states_and_vectors_and_biases(model, planted):
    users = model.known_users()[:20]
    scores = model._states[users].astype(np.float64) @ model._outputs[:, :-1].T
    scores += model._outputs[:, -1]
    found = model.score(users, np.tile(np.arange(len(model._outputs)), (20, 1)))
    known = ~np.isnan(found)
    own = planted.tribe_of_course == planted.tribe_of_user[users][:, None]
    np.testing.assert_array_equal(known, own)
    np.testing.assert_allclose(found[known], scores[known], atol=1e-4)


def test_courses_that_are_drawn_find_the_tribes_as_all_courses_do(model, planted):
    drawn = AutoencoderUserCourseView(**SMALL, loss="sampled_softmax", negatives=32)
    assert share_of_own_tribe(drawn.fit(planted.dataset, RUN), planted) > 0.9
    assert share_of_own_tribe(model, planted) > 0.9


def test_the_order_and_the_company_of_views_change_no_state(model, planted):
    views = model._views
    together = model._read(views)
    np.testing.assert_array_equal(model._read(views[[5]])[0], together[5])
    np.testing.assert_array_equal(together, model._states)


def test_who_loads_it_and_folds_somebody_in_needs_no_tensorflow(model, tmp_path):
    model.save(tmp_path / "kept")
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from dataclasses import replace\n"
        "from pathlib import Path\n"
        "from generator.models.autoencoder_user_course_view import AutoencoderUserCourseView\n"
        "from tests.planted import plant_tribes\n"
        "planted = plant_tribes()\n"
        f"kept = Path({str(tmp_path / 'kept')!r})\n"
        "model = AutoencoderUserCourseView.load(kept, planted.dataset)\n"
        "views = planted.dataset.view_seconds.copy()\n"
        "changed = views.tolil()\n"
        "changed[0] = changed[1]\n"
        "model.fold_in(replace(planted.dataset, view_seconds=changed.tocsr()))\n"
        "listed = model.recommend([0], 3).indices[0]\n"
        "assert 'tensorflow' not in sys.modules\n"
        "print(*(planted.tribe_of_course[listed] == planted.tribe_of_user[1]))\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["True"] * 3


def test_the_reasons_are_courses_of_the_users_own_that_go_with_the_listed_one(model, planted):
    users = model.known_users()
    first = model.recommend(users, 1).indices
    reasons = model.reasons("recommendations", users, first)
    tribes = planted.tribe_of_course[reasons.indices[:, 0, 0]]
    assert (tribes == planted.tribe_of_user[users]).mean() > 0.9


@of_little
def test_next_to_nothing_is_listed_without_noise(views):
    model = AutoencoderUserCourseView(**SMALL, epochs=2).fit(make_dataset(views=views))
    assert_lists_have_no_noise(model, views)


def test_twenty_thousand_courses_are_drawn_from_and_not_all_scored():
    views = views_of_twenty_thousand_courses(users=1_000)
    model = AutoencoderUserCourseView(**SMALL, epochs=1, negatives=64)
    model.fit(make_dataset(views=views, courses=range(20_000)), RUN)
    assert model._loss(20_000) == "sampled_softmax"
    assert (model.recommend(model.known_users()[:5], 3).indices >= 0).all()
