import numpy as np
import pytest

from generator.dataset.build import build_dataset
from generator.reranking.prerequisites import Prerequisites
from generator.reranking.rule import Given
from generator.reranking.rules import Rules
from shared.settings import GeneratorSettings
from tests.datasets import table
from tests.generator.reranking.ranks import listed_by, rank_of

COURSES = 30


def platform(pairs, completions=(), users=1):
    named = [(f"c{course:03}", f"c{before:03}") for course, before in pairs]
    return build_dataset(
        {
            "courses": table("courses", "course_id", [(f"c{c:03}",) for c in range(COURSES)]),
            "users": table("users", "user_handle", [(user,) for user in range(users)]),
            "course_prerequisites": table(
                "course_prerequisites", "course_id prerequisite_id", named
            ),
            "course_completions": table(
                "course_completions",
                "user_handle course_id",
                [(user, f"c{course:03}") for user, course in completions],
            ),
        }
    )


SCORES = np.arange(COURSES, 0, -1.0)[None]
"""Course 0 first."""


def listed(data, leaves_out=False, n=6, scores=SCORES):
    return listed_by([Prerequisites(data, leaves_out)], data, scores, n).tolist()


def test_a_course_comes_after_its_prerequisite_and_that_after_its_own():
    assert listed(platform([(0, 1), (1, 3)])) == [[2, 3, 1, 0, 4, 5]]


def test_what_was_completed_is_waited_for_no_more():
    data = platform([(0, 1), (2, 1)], completions=[(0, 1)])
    free = SCORES.copy()
    free[0, 1] = 0
    assert listed(data, scores=free) == [[0, 2, 3, 4, 5, 6]]


def test_what_no_list_can_have_is_not_waited_for():
    scores = SCORES.copy()
    scores[0, 9] = 0
    assert listed(platform([(0, 9)]), scores=scores) == [[0, 1, 2, 3, 4, 5]]


def test_left_out_is_what_lacks_any_of_its_prerequisites():
    data = platform([(0, 1), (0, 7), (2, 3), (5, 7)], completions=[(0, 7)])
    free = SCORES.copy()
    free[0, 7] = 0
    assert listed(data, leaves_out=True, scores=free) == [[1, 3, 4, 5, 6, 8]]


def test_a_list_for_everybody_leaves_nothing_out_and_has_the_order():
    data, rank = platform([(0, 1), (4, 5)]), rank_of(SCORES)
    for leaves_out in (False, True):
        rules = Rules.made_of([Prerequisites(data, leaves_out)], data).of("recommendations")
        # The one row of scores is that of nobody, too.
        assert rules.ranking(rank, 7).indices.tolist() == [[1, 0, 2, 3, 5, 4, 6]]


@pytest.mark.parametrize("seed", range(3))
def test_by_lot_no_list_has_a_course_before_what_it_needs_and_all_else_stays(seed):
    random = np.random.default_rng(seed)
    pairs = {tuple(sorted(random.choice(COURSES, 2, replace=False))[::-1]) for _ in range(25)}
    users = 40
    done = {(u, int(c)) for u in range(users) for c in random.choice(COURSES, 3, replace=False)}
    data = platform(sorted(pairs), sorted(done), users)
    scores = random.random((users, COURSES)) + 0.01
    for user, course in done:
        scores[user, course] = 0
    needs = {course: {b for c, b in pairs if c == course} for course in range(COURSES)}
    for user, row in enumerate(listed(data, n=15, scores=scores)):
        for place, course in enumerate(row):
            missing = {b for b in needs[course] if (user, b) not in done}
            assert missing <= set(row[:place])
    for user, row in enumerate(listed(data, True, 15, scores)):
        best = np.argsort(-scores[user], kind="stable")
        open_to = [c for c in best if scores[user, c] and all((user, b) in done for b in needs[c])]
        assert row == [*open_to[:15], *[-1] * (15 - len(open_to))]


def test_it_follows_the_setting_and_is_none_without_the_table():
    def rule(how, data):
        settings = GeneratorSettings(_env_file=None, prerequisites=how)
        return Prerequisites.of(Given(settings, data))

    data = platform([(0, 1)])
    assert "come after" in rule("behind", data).said
    assert "without courses" in rule("leave_out", data).said
    assert rule("ignore", data) is None
    assert rule("behind", platform([])) is None
