"""Newcomers: what attributes and first courses say of them, and how that is added up."""

import subprocess
import sys

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.models.maml_user_attribute import MamlUserAttribute
from generator.models.pair_features import features_of
from generator.models.run_options import RunOptions
from tests.datasets import make_dataset, table

RUN = RunOptions(seed=1)
DEPARTMENTS, MEMBERS, COURSES = 3, 40, 12
SMALL = {"embedding_size": 8, "epochs": 8, "learning_rate": 0.02, "most_known": 3}
NOBODY_YET, ONE_COURSE = range(900, 903), range(910, 913)


def platform(more=()):
    """A department decides what is taken up, but for a first course that half of all begin with."""
    random = np.random.default_rng(2)
    views, users = [], []
    for department in range(DEPARTMENTS):
        courses = [f"c{department}{number:02}" for number in range(COURSES)]
        for member in range(MEMBERS):
            user = 100 * (1 + department) + member
            users.append((user, f"department {department}", f"city {random.integers(4)}"))
            taken = [*["welcome"] * random.integers(2), *random.choice(courses, 6, replace=False)]
            views += [(user, course, 600.0, "any") for course in taken]
    users += [(user, f"department {user - 900}", "city 1") for user in NOBODY_YET]
    views += [(user, f"c{user - 910}00", 600.0, "any") for user in ONE_COURSE]
    columns = "user_handle course_id view_time_seconds level"
    return build_dataset(
        {
            "user_course_views": table("user_course_views", columns, [*views, *more]),
            "users": table("users", "user_handle department city", users),
        }
    )


@pytest.fixture(scope="module")
def model():
    return MamlUserAttribute(**SMALL).fit(platform(), RUN)


def departments_of(model, users, n=4):
    """Of what is listed; -1 for what all begin with."""
    indices = model.recommend(model.dataset.users.index_of(list(users)), n).indices
    named = [model.dataset.courses.handles(row) for row in indices]
    return np.array([[int(c[1]) if c != "welcome" else -1 for c in row] for row in named])


def assert_are_of_own(listed):
    own = listed == np.arange(DEPARTMENTS)[:, None]
    assert own[listed >= 0].mean() > 0.9
    assert (listed >= 0).mean() > 0.7


def test_who_has_viewed_nothing_gets_what_their_department_takes_up(model):
    assert_are_of_own(departments_of(model, NOBODY_YET))


def test_one_course_tells_where_somebody_belongs_of_whom_nothing_else_is_known(model):
    assert_are_of_own(departments_of(model, ONE_COURSE))


def test_biases_are_what_is_popular_at_each_stage(model):
    """Many begin with the same course, and nobody takes it up later."""
    (welcome,) = model.dataset.courses.index_of(["welcome"])
    biases = model._outputs[:, 8:]
    place = np.flatnonzero(model._numbers).tolist().index(welcome)
    assert biases[place, 0] == biases[:, 0].max()
    assert biases[place, 1] == biases[:, 1].min()


def test_states_are_what_the_steps_make_of_where_each_begins(model):
    """In float64, from what was learned, user by user; scores are products with outputs."""
    data, rates = model.dataset, model._rates.astype(np.float64)
    known = features_of(data, "user").values.toarray() @ model._features.astype(np.float64)
    column = np.cumsum(model._numbers > 0) - 1
    every = np.flatnonzero(model._numbers).astype(np.int32)
    early = np.zeros(len(every))
    taken = {u: data.interactions.courses[data.interactions.of(u)] for u in range(len(data.users))}
    for courses in taken.values():
        for stage in range(4):
            np.add.at(early, column[courses[stage : stage + 10]], 1)
    inputs = model._inputs.astype(np.float64)
    for user in [0, 50, *data.users.index_of([900, 911]).tolist()]:
        courses = column[taken[user]]
        stage = min(len(courses), 4)
        state = known[user] + model._stages[stage]
        latest = courses[::-1][:3]
        weights = model._ages[stage, : len(latest)].astype(np.float64)
        for rate in rates:
            shares = np.exp(inputs @ state) * (1 + early)
            shares /= shares.sum()
            state = state + rate * (weights @ (inputs[latest] - shares @ inputs))
        expected = model._outputs[:, :8] @ state + model._outputs[:, 8 + stage]
        np.testing.assert_allclose(model.score([user], every[None])[0], expected, atol=2e-3)


def test_reasons_are_the_known_courses_of_the_listed_ones_department(model):
    users = np.arange(60)
    first = model.recommend(users, 1).indices
    reasons = model.reasons("recommendations", users, first)
    assert (reasons.counts > 0).any()
    strongest = reasons.indices[:, 0, 0]
    rows = np.flatnonzero(strongest >= 0)
    handles = model.dataset.courses.handles
    same = [
        a[:2] == b[:2]
        for a, b in zip(handles(strongest[rows]), handles(first[rows, 0]), strict=True)
    ]
    assert np.mean(same) > 0.9
    taken = model.dataset.seen
    assert all(taken[row, strongest[row]] for row in rows)


def test_who_comes_in_with_two_courses_gets_a_list_and_nobody_elses_state_changes(model, tmp_path):
    model.save(tmp_path / "kept")
    loaded = MamlUserAttribute.load(tmp_path / "kept", model.dataset, RUN)
    users, states = loaded.dataset.users.handles(), loaded._states.copy()
    more = [(50, "c200", 600.0, "any"), (50, "c201", 600.0, "any"), (900, "c103", 60.0, "any")]
    loaded.fold_in(platform(more))
    assert (departments_of(loaded, [50]) == 2).all()
    now = loaded._states[loaded.dataset.users.index_of(users)]
    changed = np.flatnonzero((now != states).any(axis=1))
    assert [users[row] for row in changed] == [900]


def test_a_course_that_is_new_is_neither_read_nor_listed(model, tmp_path):
    model.save(tmp_path / "kept")
    loaded = MamlUserAttribute.load(tmp_path / "kept", model.dataset, RUN)
    before = departments_of(loaded, NOBODY_YET)
    loaded.fold_in(platform([(900, "c0 new", 600.0, "any")]))
    np.testing.assert_array_equal(departments_of(loaded, NOBODY_YET), before)
    (new,) = loaded.dataset.courses.index_of(["c0 new"])
    assert np.isnan(loaded.score([0], [[new]])).all()


def test_who_loads_it_and_folds_somebody_in_needs_no_tensorflow(model, tmp_path):
    model.save(tmp_path / "kept")
    code = (
        "import sys; sys.path.insert(0, '.')\n"
        "from pathlib import Path\n"
        "from generator.models.maml_user_attribute import MamlUserAttribute\n"
        "from tests.generator.models.test_maml_user_attribute import departments_of, platform\n"
        f"model = MamlUserAttribute.load(Path({str(tmp_path / 'kept')!r}), platform())\n"
        "model.fold_in(platform([(901, 'c101', 60.0, 'any')]))\n"
        "assert 'tensorflow' not in sys.modules\n"
        "print(*departments_of(model, [901], 3)[0])\n"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
    assert answer.stdout.split() == ["1"] * 3


def test_users_are_held_out_whole_to_say_which_epoch_was_best_where_there_are_enough(model):
    """Also where courses are drawn, and to the first order: all three take a fit."""
    assert set(model.measures) == {"epochs"}
    random = np.random.default_rng(4)
    views = [
        (user, f"c{(user % 3) * 10 + c}", 600.0, "")
        for user in range(1_050)
        for c in random.choice(10, 3, replace=False)
    ]
    options = {"epochs": 2, "loss": "sampled_softmax", "negatives": 16, "first_order": True}
    many = MamlUserAttribute(**SMALL | options).fit(make_dataset(views=views), RUN)
    assert set(many.measures) == {"epochs", "held_out_ndcg_at_10"}
    assert many.measures["held_out_ndcg_at_10"] > 0.15
    np.testing.assert_array_equal(many._inputs, many._outputs[:, :8])


def test_of_many_courses_some_are_drawn():
    assert MamlUserAttribute()._loss(5_000) == "softmax"
    assert MamlUserAttribute()._loss(5_001) == "sampled_softmax"
