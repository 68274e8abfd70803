import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.dataset.dataset import Dataset
from generator.models.tfidf_course_text import TfidfCourseText
from tests.datasets import make_dataset, table


def catalogue(courses, tags=(), views=(), interests=()) -> Dataset:
    """courses: (title, description), called by their place."""
    rows = [(place, title, text) for place, (title, text) in enumerate(courses)]
    tables = {
        "courses": ("course_id title description", rows),
        "course_tags": ("course_id course_tags", tags),
        "user_course_views": ("user_handle course_id view_time_seconds", views),
        "user_interests": ("user_handle interest_tag", interests),
    }
    return build_dataset({name: table(name, *cells) for name, cells in tables.items()})


BOOKS = [
    ("Neural networks in Python", "Train a neural network step by step."),
    ("Deep neural networks", "From perceptrons to transformers, in Python."),
    ("Sewing a shirt", "Cut, pin and sew cotton."),
    ("Sewing trousers", "Cut and sew denim; pin the seams."),
    ("C++ for games", "Write a game in C++."),
    ("C for microcontrollers", "Write to the pins of a chip in C."),
    ("Games with C++ and C#", ""),
    ("", ""),
]


def nearest(model, course) -> int:
    return int(model.similar_courses([course], 1).indices[0, 0])


def test_courses_in_the_same_words_are_alike_and_languages_are_kept_apart():
    model = TfidfCourseText().fit(catalogue(BOOKS))
    assert nearest(model, 0) == 1
    assert nearest(model, 2) == 3
    assert nearest(model, 4) == 6
    assert 7 not in model.known_courses()


def names_of_reasons(model, reasons) -> list[str]:
    indices = reasons.indices[0, 0]
    return model.named("shared_words", indices[indices >= 0])


def test_reasons_are_words_as_they_are_written():
    data = catalogue(BOOKS, views=[("ada", 0, 900.0)])
    model = TfidfCourseText(pair_courses=2).fit(data)
    listed = model.similar_courses([0], 1).indices
    reasons = model.reasons("similar_courses", [0], listed)
    words = names_of_reasons(model, reasons)
    assert words == ["neural networks", "python"]
    recommended = model.recommend([0], 1).indices
    assert recommended[0, 0] == 1
    why = model.reasons("recommendations", [0], recommended)
    assert names_of_reasons(model, why) == words


def test_interests_written_as_text_find_courses_that_nobody_has_viewed():
    wanted = [("ada", "I want to sew trousers"), ("bob", "programming in C++")]
    data = catalogue(BOOKS, interests=wanted)
    model = TfidfCourseText().fit(data)
    assert model.recommend([0, 1], 1).indices[:, 0].tolist() == [3, 4]


def test_tags_alone_will_do():
    data = make_dataset(
        views=[("ada", 1, 60.0, "")],
        course_tags=[(1, "machine-learning"), (2, "machine-learning"), (3, "sewing")],
    )
    assert TfidfCourseText.missing_inputs(data) == []
    assert TfidfCourseText().fit(data).recommend([0], 2).indices.tolist() == [[1, -1]]


def test_handles_that_are_titles_are_read_where_there_is_no_other():
    views = [("ada", "deep-learning-basics", 60.0, "")]
    courses = ["deep-learning-in-depth", "sewing-for-all", "x17"]
    data = make_dataset(views=views, courses=courses)
    model = TfidfCourseText().fit(data)
    (listed,) = model.recommend([0], 3).indices
    assert data.courses.handles(listed[listed >= 0]) == ["deep-learning-in-depth"]
    numbered = make_dataset(views=[("ada", 17, 60.0, "")], courses=[18, 19])
    assert TfidfCourseText.missing_inputs(numbered) == ["texts"]


SCRIPTS = [
    ("机器学习入门", "从零开始学习机器学习"),
    ("深度机器学习", "机器学习的神经网络"),
    ("日本料理の基礎", "日本料理を作る"),
    ("日本料理と寿司", "寿司を作る"),
    ("مقدمة في البرمجة", "تعلم البرمجة"),
    ("البرمجة المتقدمة", "البرمجة بلغة بايثون"),
    ("🚀🚀🚀", "🎉"),
    ("🚀", ""),
]


def test_other_scripts_are_read_and_emoji_say_nothing():
    model = TfidfCourseText().fit(catalogue(SCRIPTS))
    assert [nearest(model, course) for course in range(6)] == [1, 0, 3, 2, 5, 4]
    assert model.known_courses().tolist() == list(range(6))


def test_markup_is_not_read():
    pages = [
        ("Python", "<div class='box'><p>Lists &amp; loops</p><script>evil()</script></div>"),
        ("Loops", "<div class='box'><p>Loops and lists</p></div>"),
        ("Boxes", "How to build a box with style"),
    ]
    model = TfidfCourseText().fit(catalogue(pages))
    assert nearest(model, 0) == 1
    assert not {"div", "class", "evil", "amp"} & set(model._space.words)


def test_a_megabyte_in_one_description_changes_nothing_for_others():
    long = [("Sewing", "thread and needle " * 60_000), ("x", "<" * 2**20), ("y", "a" * 2**20)]
    model = TfidfCourseText().fit(catalogue([*BOOKS, *long]))
    assert nearest(model, 0) == 1
    assert nearest(model, 8) in (2, 3)


def test_fifty_thousand_equal_texts_are_read_and_compared_once():
    copies = [("Sewing a shirt", "Cut, pin and sew cotton.")] * 50_000
    model = TfidfCourseText().fit(catalogue([*BOOKS[:4], *copies]))
    assert nearest(model, 0) == 1
    some = [2, 4, 40_000]
    top = model.similar_courses(some, 3)
    np.testing.assert_allclose(top.scores, 1, atol=1e-5)
    assert (top.indices != np.array(some)[:, None]).all()
    assert nearest(model, 3) != 0


@pytest.mark.parametrize("courses", [[("", "")], [("the", "of")], [("Python", "")]])
def test_a_catalogue_that_says_next_to_nothing_has_no_lists(courses):
    data = catalogue(courses, tags=[(0, "python")], views=[("ada", 0, 60.0)])
    model = TfidfCourseText().fit(data)
    assert (model.recommend([0], 2).indices == -1).all()
    assert (model.similar_courses([0], 2).indices == -1).all()


def test_a_field_of_no_weight_is_not_read():
    data = catalogue(BOOKS, tags=[(0, "woodwork"), (3, "woodwork")])
    words = TfidfCourseText(tag_weight=0, title_weight=0).fit(data)._space.words
    assert "woodwork" not in words
    assert "trousers" not in words
    assert "denim" in words


def test_a_course_of_which_nothing_was_known_is_read_once_it_is_described(monkeypatch):
    model = TfidfCourseText().fit(catalogue([*BOOKS, ("", "")]))
    read, vectors_of = [], TfidfCourseText._vectors_of_courses

    def noted(self, dataset, courses):
        read.append(courses.tolist())
        return vectors_of(self, dataset, courses)

    monkeypatch.setattr(TfidfCourseText, "_vectors_of_courses", noted)
    model.fold_in(catalogue([*BOOKS, ("", "")]))
    assert read == [], "nothing is another than it was"
    model.fold_in(catalogue([*BOOKS, ("Sewing cotton", "Cut and sew.")]))
    assert read == [[8]]
    assert nearest(model, 8) in (2, 3)
