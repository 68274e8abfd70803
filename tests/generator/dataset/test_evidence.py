import numpy as np

from generator.dataset.build import build_dataset
from generator.dataset.evidence import Evidence
from generator.dataset.view_weights import damped_minutes, mean_minutes
from tests.datasets import table

VIEWS = [(1, "a", 600.0), (1, "b", 600.0), (1, "c", 600.0), (1, "d", 0.0), (2, "a", 60.0)]
RATINGS = [(1, "a", 1), (1, "b", 5), (1, "d", 3), (2, "c", 4)]
COURSES = ("a", "b", "c", "d")


def dataset(ratings):
    return build_dataset(
        {
            "user_course_views": table(
                "user_course_views", "user_handle course_id view_time_seconds", VIEWS
            ),
            "course_reviews": table("course_reviews", "user_handle course_id rating", ratings),
        },
        rating_scale=(1, 5),
    )


def test_a_rating_takes_away_or_doubles_what_a_view_says():
    data = dataset(RATINGS)
    evidence = Evidence.of(data, reviews=True)
    ten, one = np.log(11), np.log(2)
    minutes = evidence.minutes(data)
    expected = [
        # No endorsement; doubled; not rated; opened, left, and praised.
        [0, 2 * ten, ten, 0],
        # Not rated; rated without a view.
        [one, 0, 0, 0],
    ]
    np.testing.assert_allclose(minutes.toarray(), expected, rtol=1e-6)
    assert minutes.nnz == 3, "what is no evidence is no entry"
    assert minutes.has_canonical_format
    weights = evidence.weights(data).toarray() * mean_minutes(data.view_seconds)
    np.testing.assert_allclose(weights, expected, rtol=1e-6)


def test_without_reviews_and_without_ratings_views_alone_count():
    for data, reviews in ((dataset(RATINGS), False), (dataset([]), True)):
        minutes = Evidence.of(data, reviews).minutes(data)
        assert (minutes != damped_minutes(data.view_seconds)).nnz == 0


def test_what_was_learned_is_kept_for_other_data():
    learned = Evidence.of(dataset(RATINGS), reviews=True).learned
    assert Evidence(**learned) == Evidence.of(dataset(RATINGS), reviews=True)
    later = dataset([*RATINGS, (2, "b", 5)])
    minutes = Evidence(**learned).minutes(later).toarray()
    np.testing.assert_allclose(
        minutes[0], Evidence(**learned).minutes(dataset(RATINGS)).toarray()[0]
    )
