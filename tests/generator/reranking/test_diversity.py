import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.spatial.distance import cosine

from generator.dataset.build import build_dataset
from generator.nearest.top_n import PADDING
from generator.reranking import course_vectors as vectors
from generator.reranking.course_vectors import CourseVectors, Description
from generator.reranking.diversity import Diversity
from tests.datasets import table
from tests.generator.reranking.ranks import courses_named, listed_by, rank_of

COURSES, DEPTH = 60, 100


def random_tags(seed=1, courses=COURSES, tags=12):
    """float [courses, tags]: up to four each; every tenth course has none."""
    random = np.random.default_rng(seed)
    tagged = (random.random((courses, tags)) < 0.2).astype(float)
    tagged[::10] = 0
    return tagged


def by_hand(ranked, tagged, weight, n):
    """Maximal marginal relevance as its paper says it, in plain loops, for one user."""
    known = tagged.any(axis=1)

    def alike(one, other):
        both = known[one] and known[other]
        return 1 - cosine(tagged[one], tagged[other]) if both else 0

    relevance = {course: 4.5 / (4.5 + place) for place, course in enumerate(ranked)}
    taken: list[int] = []
    while len(taken) < min(n, len(ranked)):
        left = [course for course in ranked if course not in taken]
        nearest = {one: max([alike(one, other) for other in taken], default=0) for one in left}
        of_known = [nearest[course] for course in left if known[course]]
        mean = sum(of_known) / max(len(of_known), 1)
        worth = {
            course: (1 - weight) * relevance[course]
            - weight * (nearest[course] if known[course] else mean)
            for course in left
        }
        taken.append(max(left, key=lambda course: round(worth[course], 5)))
    pages = [taken[start : start + 10] for start in range(0, n, 10)]
    return [course for page in pages for course in sorted(page, key=ranked.index)]


@pytest.mark.parametrize("weight", [0.1, 0.3, 0.7, 0.95])
@pytest.mark.parametrize("most_kinds", [1000, 2])
def test_lists_are_those_of_maximal_marginal_relevance_by_hand(monkeypatch, weight, most_kinds):
    """Whether cosines stand in a table or are taken of vectors; 12 tags lose nothing as 64."""
    monkeypatch.setattr(vectors, "MOST_KINDS", most_kinds)
    tagged, data = random_tags(), courses_named(COURSES)
    scores = np.random.default_rng(2).random((40, COURSES)) - 0.3
    rule = Diversity(weight, CourseVectors(Description("tags", csr_matrix(tagged))))
    listed = listed_by([rule], data, scores, 13)
    for user, row in enumerate(listed):
        pool = rank_of(scores)(np.array([user]), DEPTH).indices[0]
        ranked = pool[pool != PADDING].tolist()
        assert row[row != PADDING].tolist() == by_hand(ranked, tagged, weight, 13)


def test_equal_courses_give_way_to_another():
    data = courses_named(
        4, course_tags=[("c000", "python"), ("c001", "python"), ("c002", "python"), ("c003", "art")]
    )
    rule = Diversity(0.5, vectors.course_vectors(data))
    assert listed_by([rule], data, np.array([[0.9, 0.8, 0.7, 0.6]]), 2).tolist() == [[0, 3]]


def test_a_course_of_which_nothing_is_known_is_not_taken_for_a_different_one():
    """Else untagged courses would fill every list."""
    tags = [(f"c{course:03}", "python") for course in range(9)]
    data = courses_named(12, course_tags=tags)
    rule = Diversity(0.3, vectors.course_vectors(data))
    scores = 1 / np.arange(1.0, 13)[None]
    assert listed_by([rule], data, scores, 5).tolist() == [[0, 1, 2, 3, 4]]


def described(rows):
    return build_dataset({"courses": table("courses", "course_id title description", rows)})


def test_with_texts_courses_are_compared_by_their_words():
    data = described(
        [
            ("a", "Python for beginners", "Functions and loops."),
            ("b", "Python, the next steps", "Loops and functions of functions."),
            ("c", "Watercolour", "Paint a landscape."),
            ("d", "Landscapes in watercolour", "Painting for everybody."),
        ]
    )
    compared = vectors.course_vectors(data)
    scores = np.array([[0.9, 0.8, 0.7, 0.6]])
    assert listed_by([Diversity(0.6, compared)], data, scores, 2).tolist() == [[0, 2]]
    assert Diversity(0.6, compared).said == "diversity 0.6, by texts"


def test_texts_that_do_not_fit_into_memory_are_not_read():
    data = build_dataset(
        {
            "courses": table("courses", "course_id title", [("a", "Python " * 900)]),
            "course_tags": table("course_tags", "course_id course_tags", [("a", "art")]),
        }
    )
    assert vectors.course_vectors(data, 2**20).made_of == "texts"
    assert vectors.course_vectors(data, 2**16).made_of == "tags"


def test_it_says_what_courses_are_compared_by():
    tagged = courses_named(1, course_tags=[("c000", "art")])
    viewed = courses_named(1, views=[(1, "c000", 60.0, "")])
    assert Diversity(0.3, vectors.course_vectors(tagged)).said == "diversity 0.3, by tags"
    assert Diversity(0.3, vectors.course_vectors(viewed)).said == "diversity 0.3, by viewers"
