"""What hybrids learn from, and that none is measured on whom it learned from."""

import numpy as np
import pytest

from generator.evaluation.evaluate import evaluate
from generator.evaluation.protocols import leave_last_out, split_of
from generator.evaluation.rehearsal import cross_fitted, taught
from generator.evaluation.report.tables import learned_table
from generator.hybrids.base import Hybrid
from generator.lists.candidates import Candidates
from generator.lists.ranked import ranked
from generator.models.knn_collab_filtering_user_course_view import KnnUserCourseView
from generator.models.registry import make_models
from generator.models.run_options import RunOptions
from generator.nearest.top_n import TopN, empty_top_n
from generator.process.progress import Reporter
from shared.settings import GeneratorSettings

KNN, HYBRID = KnnUserCourseView.handle, "weighted_hybrid"
ALS = "als_collab_filtering_user_course_view"


class Remembers(Hybrid):
    """Lists first whether it has learned from the user, 0 or 1, then 2."""

    handle = "remembers"
    title = "Knows whom it learned from"
    serves = ("recommendations",)
    needs = ("views",)
    uses = (KNN,)
    learned_from = frozenset()

    def _learn(self, rehearsal):
        self.learned_from = frozenset(rehearsal.users.tolist())
        assert rehearsal.held_out.shape[0] == len(rehearsal.users)

    def _recommend(self, users, n):
        top = empty_top_n(len(users), n)
        top.indices[:, 0] = [user in self.learned_from for user in users]
        top.indices[:, 1] = 2
        return TopN(top.indices, np.where(top.indices >= 0, 1 / (1 + np.arange(n)), 0))


@pytest.fixture(scope="module")
def split(sample):
    return split_of(leave_last_out(sample.tables))


@pytest.fixture(scope="module")
def candidates(split):
    kept = Candidates({"recommendations": [KNN]}, 20)
    ranked(KnnUserCourseView().fit(split.train), "recommendations", split.users, 10, kept)
    return kept


def test_nobody_is_asked_about_who_was_learned_from(split, candidates):
    listed, second = cross_fitted(Remembers(), split, RunOptions(seed=1), candidates, 5)
    assert 0 < len(second.learned_from) < len(split.users)
    assert len(listed) == len(split.users)
    assert (listed[:, 0] == 0).all()
    assert (listed[:, 1] == 2).all(), "everybody is asked about"


def test_what_is_published_has_learned_from_everybody(split, candidates):
    plain, hybrid = KnnUserCourseView(), Remembers()
    (learned,) = taught([plain, hybrid], split, candidates).values()
    assert learned.learned_from == frozenset(split.users.tolist())
    assert not learned.is_fitted
    assert not hybrid.learned_from, "a model that is asked about again has learned nothing"


def test_an_evaluation_measures_hybrids_after_their_components_whatever_the_order(sample):
    settings = GeneratorSettings(_env_file=None)
    models = make_models([HYBRID, KNN, ALS], {})
    results = evaluate(leave_last_out(sample.tables), models, [], settings, Reporter())
    reached = {one.handle: one.value("ndcg_at_10") for one in results.assessments}
    assert list(reached)[-1] == HYBRID
    assert reached[HYBRID] > max(value for handle, value in reached.items() if handle != HYBRID)
    assert list(results.taught) == [HYBRID]
    shown = [row for row in learned_table(results).rows if row[0] == HYBRID]
    assert {what for _, what, _ in shown} == {f"weight {h.replace('_', ' ')}" for h in (KNN, ALS)}
    assert sum(float(weight) for *_, weight in shown) == pytest.approx(1, abs=1e-3)


def test_an_evaluation_measures_its_neighbours_beside_those_of_its_components(sample):
    ensemble, tfidf = "ensemble_similar_users", "tfidf_user_interest"
    settings = GeneratorSettings(_env_file=None)
    models = make_models([ensemble, KNN, tfidf], {})
    results = evaluate(leave_last_out(sample.tables), models, [], settings, Reporter())
    shares = {one.handle: one.value("neighbours_in_common_at_10") for one in results.assessments}
    assert set(shares) == {ensemble, KNN, tfidf}
    assert results.assessment(ensemble).skipped is None
    assert shares[ensemble] > min(shares.values())
    assert shares[ensemble] > results.assessment(ensemble).value("neighbours_by_lot_at_10")
    assert list(results.taught) == [ensemble]
