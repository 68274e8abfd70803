import numpy as np
import pytest

from generator.reranking.novelty import Novelty, tail_of
from tests.generator.reranking.ranks import courses_named, listed_by


def test_the_tail_is_all_but_the_most_viewed_fifth():
    assert tail_of(np.array([9, 1, 8, 2, 3, 0, 4, 5, 6, 7])).tolist() == [
        viewers < 8 for viewers in [9, 1, 8, 2, 3, 0, 4, 5, 6, 7]
    ]


def test_courses_without_a_viewer_are_of_the_tail_however_few_have_any():
    assert tail_of(np.array([3, 0, 0, 0, 0])).tolist() == [False, True, True, True, True]
    assert tail_of(np.zeros(3, int)).all()
    assert not len(tail_of(np.zeros(0, int)))


@pytest.mark.parametrize("share", [0.1, 0.3, 0.5, 1.0])
def test_every_page_has_its_share_of_the_tail_and_is_else_as_the_model_has_it(share):
    tail = np.arange(80) >= 40
    scores = np.random.default_rng(4).random((30, 80)) + 0.01
    scores[:, :40] += 1
    listed = listed_by([Novelty(share, tail)], courses_named(80), scores, 20)
    for user, row in enumerate(listed):
        of_tail = tail[row]
        assert of_tail[:10].sum() == of_tail[10:].sum() == round(10 * share)
        for group in (row[of_tail], row[~of_tail]):
            of_group = np.flatnonzero(tail if of_tail.any() and group is row[of_tail] else ~tail)
            best = of_group[np.argsort(-scores[user, of_group])]
            if len(group) and tail[group[0]] == tail[best[0]]:
                assert group.tolist() == best[: len(group)].tolist()


def test_without_a_course_of_the_tail_lists_stay_full():
    rule = Novelty(0.5, np.zeros(6, bool))
    listed = listed_by([rule], courses_named(6), np.arange(6.0, 0, -1)[None], 4)
    assert listed.tolist() == [[0, 1, 2, 3]]
