import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from generator.models.run_options import RunOptions
from generator.models.tfidf_user_interest import TfidfUserInterest
from tests.datasets import make_dataset

TAGS = ["c++", "c#", ".net", "asp.net-core", "python", "cloud-computing", "r", "go"]


def random_data(users=60, courses=40):
    random = np.random.default_rng(5)
    return (
        [(u, str(t)) for u in range(users) for t in random.choice(TAGS, 3, replace=False)],
        [
            (f"c{c:02}", str(t))
            for c in range(courses)
            for t in random.choice(TAGS, 2, replace=False)
        ],
    )


def vectors_by_peer(interests, course_tags, users, courses):
    """The same space by scikit-learn's vectorizer over the tags as documents, in float64."""
    vectorizer = TfidfVectorizer(analyzer=lambda tags: tags, vocabulary=sorted(TAGS))
    tags_of_user = [[t for u, t in interests if u == user] for user in users]
    tags_of_course = [[t for c, t in course_tags if c == course] for course in courses]
    user_vectors = vectorizer.fit_transform(tags_of_user).toarray()
    return user_vectors, vectorizer.transform(tags_of_course).toarray()


def test_similarities_and_course_scores_equal_a_float64_cosine():
    interests, course_tags = random_data()
    data = make_dataset(interests, course_tags=course_tags)
    users, courses = vectors_by_peer(
        interests, course_tags, data.users.handles(), data.courses.handles()
    )
    model = TfidfUserInterest().fit(data, RunOptions())
    everybody = np.arange(len(users))
    between_users = users @ users.T
    np.fill_diagonal(between_users, -np.inf)
    for top, scores in (
        (model.similar_users(everybody, 10), between_users),
        (model.recommend(everybody, 10), users @ courses.T),
    ):
        best = np.sort(scores, axis=1)[:, ::-1][:, :10]
        np.testing.assert_allclose(top.scores, np.maximum(best, 0), atol=2e-6)
        listed = np.take_along_axis(scores, top.indices.astype(int), axis=1)
        np.testing.assert_allclose(
            listed[top.indices >= 0], top.scores[top.indices >= 0], atol=2e-6
        )


def test_a_shared_rare_tag_counts_for_more_than_a_shared_common_one():
    common = [(user, "python") for user in range(1, 40)]
    data = make_dataset([*common, (1, "cobol"), (2, "cobol"), (2, "r"), (3, "r"), (3, "go")])
    model = TfidfUserInterest().fit(data)
    first = data.users.index_of([1])
    nearest = data.users.handles(model.similar_users(first, 39).indices[0][:38])
    assert nearest[0] == 2
    assert 3 in nearest[1:]


def test_users_with_equal_interests_are_listed_with_score_one_in_an_order_of_each_users_own():
    data = make_dataset([(user, tag) for user in (9, 4, 7, 1, 5) for tag in ("sql", "python")])
    top = TfidfUserInterest().fit(data).similar_users(range(5), 4)
    listed = [data.users.handles(row) for row in top.indices]
    users = data.users.handles()
    assert [sorted(row) for row in listed] == [[u for u in users if u != own] for own in users]
    assert len({row[0] for row in listed}) > 1
    np.testing.assert_allclose(top.scores, 1, atol=1e-6)


def test_without_course_tags_there_are_similar_users_and_no_courses():
    data = make_dataset([(1, "sql"), (2, "sql")], views=[(1, "a", 60.0, "")])
    model = TfidfUserInterest().fit(data)
    assert model.similar_users([0], 1).indices.tolist() == [[1]]
    assert model.recommend([0, 1], 1).indices.tolist() == [[-1], [-1]]


def test_similar_courses_and_the_users_for_a_course_equal_a_float64_cosine():
    interests, course_tags = random_data()
    views = [(u, f"c{u % 40:02}", 60.0, "") for u in range(60)]
    data = make_dataset(interests, views, course_tags)
    users, courses = vectors_by_peer(
        interests, course_tags, data.users.handles(), data.courses.handles()
    )
    model = TfidfUserInterest().fit(data)
    between_courses = courses @ courses.T
    np.fill_diagonal(between_courses, 0)
    for top, scores in (
        (model.similar_courses(range(40), 10), between_courses),
        (model.course_users(range(40), 10), courses @ users.T * ~data.seen.toarray().T),
    ):
        best = np.sort(scores, axis=1)[:, ::-1][:, :10]
        np.testing.assert_allclose(top.scores, best, atol=2e-6)
        listed = np.take_along_axis(scores, top.indices.astype(int), axis=1)
        np.testing.assert_allclose(listed, best, atol=2e-6)


def test_similar_courses_are_explained_by_the_tags_that_both_carry():
    data = make_dataset(
        [(1, "sql"), (2, "sql"), (3, "r")],
        course_tags=[("a", "sql"), ("a", "r"), ("b", "sql"), ("b", "r"), ("b", "go"), ("c", "go")],
    )
    model = TfidfUserInterest().fit(data)
    a, b = data.courses.index_of(["a", "b"])
    assert model.similar_courses([a], 2).indices.tolist() == [[b, -1]]
    reasons = model.reasons("similar_courses", [a], [[b]])
    # The rarer tag first: two of three users follow sql, one follows r.
    assert data.tags.handles(reasons.indices[0, 0, :2]) == ["r", "sql"]
    weights = np.square(np.log(4 / np.array([2, 3])) + 1)
    np.testing.assert_allclose(reasons.shares[0, 0, :2], weights / weights.sum(), atol=1e-6)


def test_a_tag_that_is_new_when_users_are_folded_in_weighs_what_a_tag_nobody_follows_weighs():
    before = make_dataset([(1, "sql"), (2, "sql")], course_tags=[("a", "sql")])
    follows = [(1, "sql"), (2, "sql"), (3, "go"), (3, "sql")]
    after = make_dataset(follows, course_tags=[("a", "sql")])
    model = TfidfUserInterest().fit(before).fold_in(after)
    (cosine,) = model.recommend(after.users.index_of([3]), 1).scores[0]
    sql, go = 1.0, np.log(3) + 1
    assert np.isclose(cosine, sql / np.hypot(sql, go), atol=1e-6)
