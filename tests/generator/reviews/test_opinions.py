from generator.dataset.build import build_dataset
from generator.reviews.opinions import opinions_of
from tests.datasets import table

ROWS = [
    (1, "go", 5, "Great course, I love it."),
    (2, "go", 5, "Muy bueno, muchas gracias"),
    (3, "go", 4, ""),
    (1, "rust", 1, "Boring and confusing."),
    (2, "rust", 2, ""),
]


def opinions():
    columns = "user_handle course_id rating review_text"
    reviewed = table("course_reviews", columns, ROWS)
    known = table("courses", "course_id", [("zig",)])
    dataset = build_dataset({"course_reviews": reviewed, "courses": known})
    return opinions_of(dataset), dataset.courses.handles()


def test_a_course_has_a_rating_and_a_sentiment_where_somebody_gave_one():
    found, courses = opinions()
    go, rust, zig = (courses.index(name) for name in ("go", "rust", "zig"))
    assert found.rating_of(go)["count"] == 3
    assert found.rating_of(go)["best"] == 5
    assert 4 < found.rating_of(go)["mean"] < 4.67
    assert 1.5 < found.rating_of(rust)["mean"] < 3
    assert found.sentiment_of(go)["mean"] > 0 > found.sentiment_of(rust)["mean"]
    assert found.sentiment_of(go)["count"] == 1
    assert found.rating_of(zig) is found.sentiment_of(zig) is None


def test_it_is_said_how_much_there_was_and_how_much_of_it_is_english():
    said = opinions()[0].said
    assert said.startswith("5 ratings of 2 courses, mean ")
    assert said.endswith("2 of 3 review texts are English and have a sentiment")


def test_a_slip_of_the_pen_does_not_make_all_courses_alike():
    rows = [(user, course, 5 - course) for course in range(4) for user in range(100)]
    rows = [*rows[:-1], (99, 3, 50)]
    reviewed = table("course_reviews", "user_handle course_id rating", rows)
    found = opinions_of(build_dataset({"course_reviews": reviewed}))
    assert [round(found.rating_of(course)["mean"]) for course in range(4)] == [5, 4, 3, 2]


def test_without_reviews_nothing_is_said_of_a_mean():
    found = opinions_of(build_dataset({"courses": table("courses", "course_id", [("zig",)])}))
    assert found.said == (
        "0 ratings of 0 courses; 0 of 0 review texts are English and have a sentiment"
    )
