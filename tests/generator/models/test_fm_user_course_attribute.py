import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.models.fm_user_course_attribute import FmUserCourseAttribute
from generator.models.pair_features import features_of
from generator.models.run_options import RunOptions
from tests.datasets import make_dataset, table
from tests.next_to_nothing import (
    assert_lists_have_no_noise,
    of_little,
    views_of_twenty_thousand_courses,
)

RUN = RunOptions(seed=1)
DEPARTMENTS, MEMBERS, COURSES = 3, 30, 12
SMALL = {"embedding_size": 8, "epochs": 8, "learning_rate": 0.02}


def with_departments(people=()):
    """A user takes courses up whose tag is their department's; all else of both is by lot."""
    random = np.random.default_rng(2)
    views, users, tags = [], [*people], []
    for department in range(DEPARTMENTS):
        courses = [f"c{department}{number:02}" for number in range(COURSES)]
        tags += [(course, f"tag {department}") for course in courses]
        tags += [(course, f"noise {random.integers(4)}") for course in courses]
        for member in range(MEMBERS):
            user = 100 * (1 + department) + member
            city, age = f"city {random.integers(5)}", str(random.integers(20, 60))
            users.append((user, f"department {department}", city, age))
            views += [(user, c, 600.0, "any") for c in random.choice(courses, 4, replace=False)]
    # A new course of each department, which nobody has viewed.
    tags += [(f"c{department}new", f"tag {department}") for department in range(DEPARTMENTS)]
    return build_dataset(
        {
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds level", views
            ),
            "course_tags": table("course_tags", "course_id course_tags", tags),
            "users": table("users", "user_handle department city age", users),
        }
    )


NEWCOMERS = [(900 + number, f"department {number}", "city 1", "33") for number in range(3)]


@pytest.fixture(scope="module")
def model():
    return FmUserCourseAttribute(**SMALL).fit(with_departments(NEWCOMERS), RUN)


def departments_of(model, listed):
    return np.array([[int(c[1]) for c in model.dataset.courses.handles(row)] for row in listed])


def test_an_attribute_that_alone_predicts_serves_who_has_viewed_nothing(model):
    users = model.dataset.users.index_of([900, 901, 902])
    assert set(users) <= set(model.known_users())
    listed = model.recommend(users, 8).indices
    assert (departments_of(model, listed) == np.arange(3)[:, None]).mean() > 0.95


def test_a_course_that_nobody_has_viewed_suits_those_who_view_its_tag(model):
    new = model.dataset.courses.index_of([f"c{number}new" for number in range(3)])
    assert set(new) <= set(model.known_courses())
    suited = model.course_users(new, 20).indices
    handles = np.array([model.dataset.users.handles(row) for row in suited])
    people = np.where(handles >= 900, handles - 900, handles // 100 - 1)
    assert (people == np.arange(3)[:, None]).mean() > 0.8


def test_scores_are_products_of_sums_of_features_and_the_courses_own_part(model):
    data = model.dataset
    known = features_of(data, "user")
    states = model._user_ids.astype(np.float64) + known.values @ model._named
    for user in range(len(data.users)):
        taken = data.interactions.courses[data.interactions.of(user)]
        states[user] += model._before[taken[-1]] if len(taken) else 0
    expected = states @ model._courses[:, :-1].T + model._courses[:, -1]
    every = np.tile(np.arange(len(data.courses)), (len(data.users), 1))
    np.testing.assert_allclose(model.score(range(len(data.users)), every), expected, atol=1e-4)


def test_ranges_of_numbers_are_those_of_the_data_that_was_learned_from(model, tmp_path):
    model.save(tmp_path / "kept")
    loaded = FmUserCourseAttribute.load(tmp_path / "kept", model.dataset)
    users = np.arange(3, 60)
    before = loaded.recommend(users, 5)
    older = [(user, "department 0", "city 1", "99") for user in range(2000, 2200)]
    data = with_departments([*NEWCOMERS, *older])
    loaded.fold_in(data)
    now = loaded.recommend(data.users.index_of(model.dataset.users.handles(users)), 5)
    np.testing.assert_array_equal(before.scores, now.scores)
    (old,) = data.users.index_of([2000])
    assert set(departments_of(loaded, loaded.recommend([old], 5).indices)[0]) == {0}


def test_features_of_a_field_count_one_over_the_root_of_how_many(model):
    tags = features_of(model.dataset, "course")
    (course,) = model.dataset.courses.index_of(["c000"])
    row = tags.values[course]
    names = {tags.names[place]: value for place, value in zip(row.indices, row.data, strict=True)}
    assert names["course/tag/tag 0"] == pytest.approx(0.5**0.5)
    assert names["course/level/any"] == 1


@of_little
def test_next_to_nothing_is_listed_without_noise(views):
    data = make_dataset(views=views, course_tags=[("a", "python"), ("b", "python")])
    model = FmUserCourseAttribute(**SMALL | {"epochs": 2}).fit(data)
    assert_lists_have_no_noise(model, views)


def test_twenty_thousand_courses_are_drawn_from_and_not_all_scored():
    views = views_of_twenty_thousand_courses(users=500)
    tags = [(course, f"tag {course % 50}") for course in range(20_000)]
    model = FmUserCourseAttribute(epochs=1, embedding_size=8, negatives=64)
    model.fit(make_dataset(views=views, course_tags=tags), RUN)
    assert model._loss(20_000) == "sampled_softmax"
    assert (model.recommend(model.known_users()[:5], 3).indices >= 0).all()
