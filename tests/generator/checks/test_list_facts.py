import pytest

from generator.evaluation.list_facts import ListCounter
from shared.records import UserLists


def facts_of(lists):
    counter = ListCounter()
    assert list(counter.passing(iter(lists))) == lists
    return counter.facts


def test_empty_lists_are_counted_by_kind():
    facts = facts_of(
        [
            UserLists(1, "m", [2], [1.0], ["a"], [1.0]),
            UserLists(2, "m", [1], [1.0]),
            UserLists(3, "m", courses=["a"], course_scores=[1.0]),
            UserLists(4, "m"),
        ]
    )
    assert (facts.users, facts.empty) == (4, 1)
    assert (facts.without_similar_users, facts.without_courses) == (2, 2)


@pytest.mark.parametrize(
    ("listed", "effective"),
    [
        ([["a", "b", "c", "d"]], 4),  # four courses, equally often
        ([["a"]] * 9, 1),
        ([["a", "b"], ["a"], ["a"]], 1.6),  # (3 + 1)^2 / (3^2 + 1^2)
        ([[]], 0),
    ],
)
def test_effective_courses_are_the_inverse_simpson_index(listed, effective):
    lists = [UserLists(i, "m", courses=courses) for i, courses in enumerate(listed)]
    assert facts_of(lists).effective_courses == effective
