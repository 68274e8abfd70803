import numpy as np
import pytest

from generator.dataset.level_progress import LevelProgress, level_heights
from generator.reranking.level_share import LevelShare
from generator.reranking.rule import Given
from generator.reranking.rules import rules_of
from shared.settings import GeneratorSettings
from tests.datasets import make_dataset
from tests.generator.reranking.ranks import listed_by

LEVELS = ("first", "second", "third")


@pytest.fixture(scope="module")
def data():
    """60 courses of three levels and two tags; user 0 has completed a first one of tag t0."""
    views = [(u, f"c{c:03}", 60.0, LEVELS[c % 3]) for u in range(1, 4) for c in (0, 1, 2, 30, 31)]
    views += [(9, f"c{c:03}", 60.0, LEVELS[c % 3]) for c in sorted(range(60), key=lambda c: c % 3)]
    tags = [(f"c{c:03}", f"t{c // 30}") for c in range(60)]
    return make_dataset(views=views, course_tags=tags, completions=[(0, "c000"), (5, "c059")])


@pytest.mark.parametrize("share", [0.2, 0.5, 1.0])
def test_every_page_has_its_share_of_the_next_level_in_the_users_tag(data, share):
    rule = LevelShare(share, LevelProgress.by_heights(data, level_heights(data)))
    scores = np.tile(np.arange(60, 0, -1.0), (len(data.users), 1))
    scores[:, 30:] += 100
    row = listed_by([rule], data, scores, 10)[0]
    next_level = (row % 3 == 1) & (row < 30)
    assert next_level.sum() == round(10 * share)
    assert row[~next_level].tolist() == list(range(30, 30 + int((~next_level).sum())))


def test_who_has_come_to_the_last_level_has_no_next_one(data):
    rule = LevelShare(1.0, LevelProgress.by_heights(data, level_heights(data)))
    scores = np.tile(np.arange(60, 0, -1.0), (len(data.users), 1))
    (user,) = data.users.index_of([5])
    assert listed_by([rule], data, scores, 5)[user].tolist() == [0, 1, 2, 3, 4]


def test_it_is_off_unless_the_setting_says_how_much(data):
    def of(share):
        settings = GeneratorSettings(_env_file=None, level_share=share)
        return LevelShare.of(Given(settings, data)), rules_of(settings, data).said

    assert of(0) == (None, [])
    assert of(0.3)[1] == ["30% of the places for the next level in a tag of the user's"]
