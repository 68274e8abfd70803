import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer

from generator.models.run_options import RunOptions
from generator.models.tfidf_user_interest import TfidfUserInterest
from shared.errors import SettingsError
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


def test_without_course_tags_and_views_there_are_similar_users_and_no_courses():
    data = make_dataset([(1, "sql"), (2, "sql")], courses=["a"])
    model = TfidfUserInterest().fit(data)
    assert model.similar_users([0], 1).indices.tolist() == [[1]]
    assert model.recommend([0, 1], 1).indices.tolist() == [[-1], [-1]]


def with_views(users=60, courses=40):
    """Random interests and views; nobody's similarities to two others are equal but by chance."""
    random = np.random.default_rng(9)
    tags = [f"t{tag}" for tag in range(50)]
    interests = [(u, str(t)) for u in range(users) for t in random.choice(tags, 9, replace=False)]
    views = [
        (u, f"c{c:02}", float(random.lognormal(6, 1)), "")
        for u in range(users)
        for c in random.choice(courses, 4, replace=False)
    ]
    return make_dataset(interests, views)


def votes_by_hand(data, k):
    """float64 [users, neighbours, courses]: what each of the k nearest adds to each course."""
    follows = data.interests.toarray() > 0
    weights = follows * (np.log((1 + len(follows)) / (1 + follows.sum(axis=0))) + 1)
    users = weights / np.linalg.norm(weights, axis=1, keepdims=True)
    similar = users @ users.T
    np.fill_diagonal(similar, 0)
    cut = np.sort(similar, axis=1)[:, ::-1][:, [k - 1, k]]
    assert (cut[:, 0] - cut[:, 1] > 1e-6).mean() > 0.9, "few lists are cut inside a tie"
    similar[similar < cut[:, :1] - 1e-9] = 0
    return users, similar[:, :, None] * np.log1p(data.view_seconds.toarray() / 60)[None]


def test_recommended_are_the_votes_of_the_nearest_users_by_tags():
    data, k = with_views(), 7
    _, votes = votes_by_hand(data, k)
    scores = np.where(data.seen.toarray(), 0, votes.sum(axis=1))
    model = TfidfUserInterest(k=k).fit(data)
    top = model.recommend(range(60), 10)
    apart = [row for row in range(60) if (votes[row].sum(axis=1) > 0).sum() <= k]
    assert len(apart) > 50
    best = np.sort(scores, axis=1)[:, ::-1][:, :10]
    np.testing.assert_allclose(top.scores[apart], best[apart], rtol=1e-5)
    every_course = np.tile(np.arange(40), (60, 1))
    given = model.score(range(60), every_course)
    np.testing.assert_allclose(given[apart], votes.sum(axis=1)[apart], rtol=1e-4, atol=1e-6)


def test_what_was_recommended_is_explained_by_the_followed_tags_that_brought_the_votes():
    data, k = with_views(), 7
    users, votes = votes_by_hand(data, k)
    model = TfidfUserInterest(k=k).fit(data)
    top = model.recommend(range(60), 5)
    reasons = model.reasons("recommendations", range(60), top.indices)
    similar = users @ users.T
    for row in range(0, 60, 7):
        course = top.indices[row, 0]
        voters = np.flatnonzero(votes[row, :, course])
        through = users[row] * (
            users[voters] * (votes[row, voters, course] / similar[row, voters])[:, None]
        ).sum(axis=0)
        assert reasons.counts[row, 0] == np.count_nonzero(through)
        share = through[reasons.indices[row, 0, 0]] / through.sum()
        assert share == pytest.approx(through.max() / through.sum(), rel=1e-4)
        assert reasons.shares[row, 0, 0] == pytest.approx(share, rel=1e-3)


def test_a_course_that_only_carries_the_tag_does_not_come_before_one_that_the_likes_watched():
    likes = [(user, "sql") for user in range(6)]
    watched = [(user, "good", 3600.0, "") for user in range(1, 6)]
    tags = [("obscure", "sql"), ("good", "sql"), ("good", "databases")]
    data = make_dataset(likes, watched, tags)
    listed = TfidfUserInterest().fit(data).recommend([0], 2).indices[0]
    assert listed.tolist() == [*data.courses.index_of(["good"]), -1]


def test_where_nobody_spent_time_on_a_course_the_tags_that_it_carries_decide():
    likes = [(1, "sql"), (1, "r"), (2, "sql")]
    tags = [("a", "sql"), ("a", "r"), ("b", "sql")]
    data = make_dataset(likes, [(2, "a", 0.0, "")], tags)
    model = TfidfUserInterest().fit(data)
    top = model.recommend([0, 1], 2)
    assert top.indices.tolist() == [[0, 1], [1, -1]]
    np.testing.assert_allclose(top.scores[:, 0], 1, atol=1e-6)
    assert model.score([0], [[0]])[0, 0] == pytest.approx(1, abs=1e-6)
    reasons = model.reasons("recommendations", [0], [[0]])
    assert sorted(data.tags.handles(reasons.indices[0, 0, :2])) == ["r", "sql"]


def test_of_a_course_that_nobody_watched_nothing_is_said():
    data = make_dataset([(1, "sql"), (2, "sql")], [(1, "a", 60.0, "")], courses=["b"])
    scores = TfidfUserInterest().fit(data).score([1], [[0, 1]])
    assert scores[0, 0] > 0
    assert np.isnan(scores[0, 1])


@pytest.mark.parametrize("k", [0, 100_001])
def test_options_out_of_their_range_are_refused(k):
    with pytest.raises(SettingsError, match="k must be a whole number from 1 to 100000"):
        TfidfUserInterest(k=k)


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
