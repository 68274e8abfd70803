"""Segments of users: whom they serve, that few do not rule, and what they are beside others."""

import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.dataset.segments import families_of
from generator.lists.group_rankings import group_rankings
from generator.models import segment_user_attribute
from generator.models.popular_course_view import PopularCourseView
from generator.models.run_options import RunOptions
from generator.models.segment_user_attribute import SegmentUserAttribute
from tests.datasets import make_dataset, table

RUN = RunOptions(seed=1)
DEPARTMENTS, COURSES = 4, 60
NEWCOMERS = range(9000, 9000 + DEPARTMENTS)


def platform(members=40):
    """A department decides which courses are viewed; age, role and tags are by lot."""
    random = np.random.default_rng(3)
    views, users, follows = [], [], []
    for department in range(DEPARTMENTS):
        popularity = np.where(np.arange(COURSES) % DEPARTMENTS == department, 8.0, 1.0)
        popularity /= np.arange(1, COURSES + 1) ** 0.7
        for member in range(members):
            user = 1000 * (1 + department) + member
            users.append((user, f"d{department}", f"r{random.integers(6)}", str(member % 30)))
            follows += [(user, f"t{tag}") for tag in random.choice(30, 3, replace=False)]
            taken = random.choice(COURSES, 5, replace=False, p=popularity / popularity.sum())
            views += [(user, f"c{course:02}", 600.0, "") for course in taken]
    users += [(new, f"d{new - 9000}", "r1", "7") for new in NEWCOMERS]
    return build_dataset(
        {
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds level", views
            ),
            "user_interests": table("user_interests", "user_handle interest_tag", follows),
            "users": table("users", "user_handle department role age", users),
        }
    )


@pytest.fixture(scope="module")
def model():
    return SegmentUserAttribute().fit(platform(), RUN)


def departments_of(model, listed):
    named = [model.dataset.courses.handles(row) for row in listed]
    return np.array([[int(course[1:]) % DEPARTMENTS for course in row] for row in named])


def test_who_has_viewed_nothing_gets_what_their_department_views(model):
    new = model.dataset.users.index_of(list(NEWCOMERS))
    theirs = departments_of(model, model.recommend(new, 4).indices)
    assert (theirs == np.arange(DEPARTMENTS)[:, None]).mean() > 0.9
    popular = PopularCourseView().fit(model.dataset, RUN).recommend(new, 4).indices
    by_lot = departments_of(model, popular) == np.arange(DEPARTMENTS)[:, None]
    assert by_lot.mean() < 0.5


def test_the_attribute_that_decides_is_believed_first_and_those_by_lot_hardly(model):
    priors = model.measures
    assert priors["prior of segment/department"] < 60
    for by_lot in ("segment/role", "range/age", "interest"):
        assert priors[f"prior of {by_lot}"] > 4 * priors["prior of segment/department"]


def test_scores_are_logarithms_of_shares_added_up_for_each_segment(model):
    """In float64, from the tables, with the priors that the model says it has."""
    data = model.dataset
    viewed = data.view_seconds.toarray() > 0
    active = viewed.any(axis=1)
    whole = viewed[active].mean(axis=0)
    sums, believed, known = (
        np.zeros(viewed.shape),
        np.zeros(len(viewed)),
        np.zeros(len(viewed), bool),
    )
    numbers = next(a for a in data.user_attributes if a.kind == "number")
    ages = np.searchsorted(model._edges["age"], numbers.numbers, side="right")
    ages = np.where(np.isnan(numbers.numbers)[:, None], 0, np.eye(8)[ages])
    members = {f"segment/{a.name}": a.matrix.toarray() for a in data.user_attributes}
    members |= {"range/age": ages, "interest": data.interests.toarray()}
    for family, prior in ((name[9:], m) for name, m in model.measures.items()):
        inside = members[family].any(axis=1) & active
        of_all = (viewed[inside].sum(axis=0) + prior * whole) / (inside.sum() + prior)
        for label in members[family].T > 0:
            theirs = viewed[label & active]
            rates = (theirs.sum(axis=0) + prior * of_all) / (len(theirs) + prior)
            constant = prior / (len(theirs) + prior) * prior / (inside.sum() + prior)
            with np.errstate(divide="ignore", invalid="ignore"):
                sums[label] += np.log(rates / whole / constant)
            believed[label] += len(theirs) / (len(theirs) + prior)
            known |= label
    weights = np.maximum(believed, 1) ** -0.5
    expected = np.log1p(viewed.sum(axis=0)) + sums * weights[:, None]
    users = np.flatnonzero(known)
    scores = model.score(users, np.tile(np.arange(viewed.shape[1]), (len(users), 1)))
    np.testing.assert_allclose(scores, expected[users], rtol=1e-4)
    assert list(model.known_users()) == users.tolist()


def test_two_people_do_not_rule_a_segment():
    """The board of two views what nobody else does; it is no reason to show it before the rest."""
    views = [(user, f"c{(user + k) % 9}", 60.0, "") for user in range(200) for k in range(3)]
    views += [(user, "of the board", 60.0, "") for user in (500, 501)]
    users = [(user, "sales" if user % 2 else "law") for user in range(200)]
    users += [(user, "board") for user in (500, 501, 502)]
    data = build_dataset(
        {
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds level", views
            ),
            "users": table("users", "user_handle department", users),
        }
    )
    (newcomer,) = data.users.index_of([502])

    def first(**options):
        fitted = SegmentUserAttribute(**options).fit(data, RUN)
        return data.courses.handles(fitted.recommend([newcomer], 1).indices[0])

    assert first(prior_users=0.01) == ["of the board"]
    assert first(prior_users=100) != ["of the board"]


def test_a_value_that_is_new_says_what_its_attribute_says(model):
    data = platform()
    fitted = SegmentUserAttribute().fit(data, RUN)
    users = [*data.users.handles(), 9999]
    attribute = table("users", "user_handle department", [(9999, "never seen")])
    views = [(user, "c00", 60.0, "") for user in users[:-1]]
    now = build_dataset(
        {
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds level", views
            ),
            "users": attribute,
            "courses": table("courses", "course_id", [(c,) for c in data.courses.handles()]),
        }
    )
    fitted.fold_in(now)
    (newcomer,) = now.users.index_of([9999])
    assert newcomer in fitted.known_users()
    listed = fitted.recommend([newcomer], 10).indices[0]
    viewers = data.viewers[data.courses.index_of(now.courses.handles(listed))]
    assert (np.diff(viewers) <= 0).all(), "as popular, since everybody is in a department"


def test_interests_alone_will_do_and_neither_is_said_to_be_missing():
    views = [(user, "ab"[user % 2], 60.0, "") for user in range(40)]
    follows = [(user, ["x", "y"][user % 2]) for user in range(40)]
    data = make_dataset(interests=[*follows, (99, "x")], views=views)
    assert SegmentUserAttribute.missing_inputs(data) == []
    fitted = SegmentUserAttribute().fit(data, RUN)
    (new,) = data.users.index_of([99])
    assert data.courses.handles(fitted.recommend([new], 2).indices[0]) == ["a", "b"]
    alone = make_dataset(views=views)
    assert SegmentUserAttribute.missing_inputs(alone) == ["user_attributes"]


def test_each_segment_of_ten_or_more_has_a_ranking_as_of_a_user_who_is_in_no_other(model):
    rows = {row.subject: row for row in group_rankings(model, 8)}
    assert {name for name in rows if name.startswith("segment/")} == {
        *(f"segment/department/d{d}" for d in range(DEPARTMENTS)),
        *(f"segment/role/r{r}" for r in range(6)),
    }
    assert any(name.startswith("interest/t") for name in rows)
    for d in range(DEPARTMENTS):
        row = rows[f"segment/department/d{d}"]
        (only,) = alone_in(model, f"d{d}")
        np.testing.assert_allclose(row.scores, only[1], rtol=1e-5)
        # Of equal scores others may come first for everybody than for this user.
        above = sum(score > row.scores[-1] + 1e-4 for score in row.scores)
        assert set(row.entries[:above]) == set(only[0][:above])
        assert [int(course[1:]) % DEPARTMENTS for course in row.entries].count(d) >= 6


def alone_in(model, department):
    """What the model lists for somebody of whom only the department is known."""
    courses = [(course,) for course in model.dataset.courses.handles()]
    data = build_dataset(
        {
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds level", []
            ),
            "users": table("users", "user_handle department", [(1, department)]),
            "courses": table("courses", "course_id", courses),
        }
    )
    fitted = SegmentUserAttribute().fit(platform(), RUN).fold_in(data)
    top = fitted.recommend([0], 8)
    return [(data.courses.handles(top.indices[0]), top.scores[0])]


def test_the_more_segments_say_the_same_the_less_each_of_them_says():
    """Whoever follows one of the four tags follows all: with an overlap of 1 they count as one."""
    views = [(user, f"c{(user % 2) * 5 + k}", 60.0, "") for user in range(80) for k in range(5)]
    follows = [(user, f"{user % 2} {tag}") for user in range(80) for tag in "abcd"]
    four = make_dataset(interests=follows, views=views)
    one = make_dataset(interests=follows[::4], views=views)

    def spread(data, overlap):
        fitted = SegmentUserAttribute(overlap=overlap, prior_users=0.01).fit(data, RUN)
        return np.ptp(fitted.score([0], [range(10)]))

    assert spread(four, 1) == pytest.approx(spread(one, 1), rel=0.01)
    assert spread(four, 0) == pytest.approx(4 * spread(one, 0), rel=0.01)


def test_listed_are_the_most_viewed_courses_and_the_first_of_each_segment(monkeypatch):
    monkeypatch.setattr(segment_user_attribute, "MOST_VIEWED", 4)
    monkeypatch.setattr(segment_user_attribute, "OF_EACH_SEGMENT", 2)
    few = SegmentUserAttribute().fit(platform(), RUN)
    data, every = few.dataset, SegmentUserAttribute().fit(platform(), RUN)
    expected = set(PopularCourseView().fit(data, RUN).ranking(4).indices[0].tolist())
    departments = [f"d{d}" for d in range(DEPARTMENTS)]
    for family in families_of(data):
        for segment in family.segments():
            first = every.ranking_among(segment, 2).indices[0].tolist()
            # By the segment's own part alone another may come first, if the parts are close.
            expected |= set(first) if segment.label in departments else set()
    listed = set(few.recommend(few.known_users(), COURSES).indices.ravel().tolist()) - {-1}
    assert expected <= listed
    assert len(listed) < len(data.courses)
    scores = few.score([0], [range(len(data.courses))])[0]
    assert set(np.flatnonzero(~np.isnan(scores)).tolist()) >= listed
