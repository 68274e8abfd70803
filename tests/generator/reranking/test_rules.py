import numpy as np
import pytest

from generator.reranking.on_offer import OnOffer
from generator.reranking.rules import NO_RULES, Rules, rules_of
from shared.settings import GeneratorSettings
from tests.generator.reranking.ranks import courses_named, listed_by, rank_of


def without(hidden):
    return OnOffer(hidden, np.zeros_like(hidden))


@pytest.mark.parametrize("offered", [3, 40, 1990])
def test_lists_are_full_however_few_of_the_courses_are_on_offer(offered):
    random = np.random.default_rng(5)
    hidden = np.ones(2000, bool)
    hidden[random.choice(2000, offered, replace=False)] = False
    scores = random.random((9, 2000)) + 0.01
    scores[:, hidden] += 1
    listed = listed_by([without(hidden)], courses_named(2000), scores, 10)
    ranked = rank_of(np.where(hidden, 0, scores))(np.arange(9), 10).indices
    assert (listed >= 0).sum() == 9 * min(offered, 10)
    assert np.array_equal(listed, ranked)


def test_a_model_that_lists_no_more_is_not_asked_without_end():
    hidden = np.arange(500) < 499
    asked = []

    def rank(subjects, n):
        asked.append((len(subjects), n))
        return rank_of(np.full((2, 500), 0.5) * (np.arange(500) < 60))(subjects, n)

    of_kind = Rules.made_of([without(hidden)], courses_named(500)).of("recommendations")
    top = of_kind.offered(rank, np.arange(2, dtype=np.int32), 100)
    assert (top.indices == -1).all()
    assert asked == [(2, 100)]


def test_without_settings_and_dates_there_are_no_rules():
    rules = rules_of(GeneratorSettings(_env_file=None), courses_named(3))
    assert rules.said == NO_RULES.said == []
    assert rules.of("recommendations") is rules.of("similar_courses") is None


def test_rules_of_one_kind_leave_the_others_alone():
    settings = GeneratorSettings(_env_file=None, diversity=0.3, list_caps="tag=1")
    rules = rules_of(settings, courses_named(3))
    assert rules.of("recommendations") is not None
    assert all(rules.of(kind) is None for kind in ("similar_courses", "similar_users"))
