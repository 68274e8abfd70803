"""A whole evaluation: what is asked, that nothing leaks, and that a broken model is told."""

from dataclasses import replace

import ir_measures
import numpy as np
import pytest
from ir_measures import AP, P, R, nDCG

from generator.evaluation.assess import headline
from generator.evaluation.baselines import Popular
from generator.evaluation.evaluate import evaluate
from generator.evaluation.protocols import Cut, leave_last_out
from generator.evaluation.slices import slices
from generator.models.base import Model
from generator.models.registry import make_models
from generator.nearest.top_n import TopN
from generator.process.progress import Reporter
from generator.validation.columns import VIEWS
from shared.errors import DataError, ModelError
from shared.settings import GeneratorSettings
from tests.datasets import table

SETTINGS = GeneratorSettings(_env_file=None)


class LeastViewed(Model):
    """Deliberately wrong: unseen courses, the least viewed first."""

    handle = "least_viewed"
    title = "Wrong way round"
    serves = ("recommendations",)
    needs = ("views",)

    def _fit(self, dataset, run):
        self._order = np.argsort(dataset.viewers, kind="stable")

    def _knows(self):
        return np.ones(len(self.dataset.users), bool)

    def _recommend(self, users, n):
        seen = self.dataset.seen[users].toarray()
        lists = [self._order[~row[self._order]][:n] for row in seen]
        scores = np.tile(1 / np.arange(1, n + 1), (len(users), 1))
        return TopN(np.array(lists, np.int32), scores.astype(np.float32))


class Refuses(Model):
    handle = "refuses"
    title = "Too large for its memory"
    needs = ("views",)

    def _fit(self, dataset, run):
        raise ModelError("refuses needs 9 GB.")

    def _knows(self):
        raise AssertionError("it was not fitted")


def test_the_models_figures_equal_those_of_ir_measures_on_its_exported_lists(evaluated):
    split = evaluated.results.split
    held_out = split.held_out[split.users]
    qrels = [
        ir_measures.Qrel(str(user), str(course), 1)
        for user, course in zip(*held_out.nonzero(), strict=True)
    ]
    for one in evaluated.results.measured:
        run = [
            ir_measures.ScoredDoc(str(user), str(course), -float(rank))
            for user, courses in enumerate(one.listed)
            for rank, course in enumerate(courses)
            if course >= 0
        ]
        theirs = ir_measures.calc_aggregate([nDCG @ 10, R @ 20, AP @ 20, P @ 10], qrels, run)
        ours = ("ndcg_at_10", "recall_at_20", "map_at_20", "precision_at_10")
        for name, measure in zip(ours, (nDCG @ 10, R @ 20, AP @ 20, P @ 10), strict=True):
            assert one.value(name) == pytest.approx(theirs[measure], abs=1e-6)


def test_no_list_holds_a_course_of_the_training_part(evaluated):
    split = evaluated.results.split
    for one in evaluated.results.measured:
        rows = np.repeat(split.users, one.listed.shape[1])
        listed = one.listed.ravel()
        assert not split.train.seen[rows[listed >= 0], listed[listed >= 0]].sum()


def test_knn_beats_chance_and_popular_beats_chance(evaluated):
    knn, popular, random = (
        evaluated.results.assessment(handle).figures["ndcg_at_10"]
        for handle in ("knn_collab_filtering_user_course_view", "popular", "random")
    )
    assert knn.low > popular.high > popular.low > random.high
    real = {(c.first, c.second) for c in evaluated.results.comparisons if c.is_real}
    assert ("knn_collab_filtering_user_course_view", "popular") in real


def test_a_broken_model_is_flagged_and_one_that_declines_is_skipped(sample):
    cut = leave_last_out(sample.tables)
    models = [LeastViewed(), Refuses()]
    results = evaluate(cut, models, [Popular()], SETTINGS, Reporter())
    assert results.loses_to_popular(results.assessment("least_viewed"))
    assert not results.loses_to_popular(results.assessment("popular"))
    refused = results.assessment("refuses")
    assert refused.skipped == "refuses needs 9 GB."
    assert not results.loses_to_popular(refused)
    assert refused not in results.measured


def test_who_is_below_the_most_viewed_courses_by_chance_alone_does_not_lose(evaluated):
    results = evaluated.results
    popular, last = results.assessment("popular"), results.assessment("random")
    assert results.loses_to_popular(last)
    by_chance = [replace(pair, p_corrected=0.2) for pair in results.comparisons]
    assert not replace(results, comparisons=by_chance).loses_to_popular(last)
    assert not results.loses_to_popular(popular)


def test_neighbours_are_compared_with_chance(evaluated):
    found = evaluated.results.assessment("knn_collab_filtering_user_course_view")
    in_common, by_lot = (found.figures[f"neighbours_{n}_at_10"] for n in ("in_common", "by_lot"))
    assert in_common.low > by_lot.high
    assert "neighbours_in_common_at_10" not in evaluated.results.assessment("popular").figures


def test_every_user_belongs_to_one_history_and_every_pair_to_head_or_tail(evaluated):
    split = evaluated.results.split
    by_group = {}
    for part in slices(split):
        by_group.setdefault(part.group, []).append(part)
    histories = by_group["users by their views in training"]
    assert sum(part.users.sum() for part in histories) == len(split.users)
    asked = split.held_out[split.users].nnz
    assert sum(p.held_out.nnz for p in by_group["held-out courses by viewers"]) == asked
    assert {p.name for p in by_group["held-out courses by level"]} == {
        "beginner",
        "intermediate",
        "advanced",
    }


def test_popular_does_better_on_popular_courses_than_on_the_long_tail(evaluated):
    popular = evaluated.results.assessment("popular")
    found = {
        part.name: part.figures(popular)["recall_at_10"] for part in slices(evaluated.results.split)
    }
    assert found["popular fifth of the courses"] > found["long tail"]


def test_a_curve_ends_at_the_whole_and_more_users_help_the_neighbours(evaluated):
    curve = evaluated.results.curves["knn_collab_filtering_user_course_view"]
    assert list(curve) == [0.25, 0.5, 1.0]
    assert curve[0.25] < curve[1.0]


def test_headlines_are_the_figures_rounded_with_their_cut_off(evaluated):
    one = evaluated.results.assessment("knn_collab_filtering_user_course_view")
    figures = {f"{f.name}_at_{f.k}": f for f in headline(one)}
    assert figures["ndcg_at_10"].value == pytest.approx(one.value("ndcg_at_10"), abs=1e-6)
    assert figures["ndcg_at_10"].low < figures["ndcg_at_10"].value < figures["ndcg_at_10"].high
    assert {"recall_at_20", "course_coverage_at_10", "neighbours_in_common_at_10"} <= set(figures)


def test_the_models_handed_in_learn_nothing_so_that_memory_holds_one_at_a_time(sample):
    models = make_models(["knn_collab_filtering_user_course_view"], {})
    evaluate(leave_last_out(sample.tables), models, [], SETTINGS, Reporter())
    assert not models[0].is_fitted


def test_without_anybody_to_ask_the_cut_is_named(sample):
    nobody = Cut(dict(sample.tables), sample.tables["user_course_views"].iloc[:0], "nothing")
    with pytest.raises(DataError, match="Nobody can be asked about: nothing"):
        evaluate(nobody, [], [Popular()], SETTINGS, Reporter())


def test_a_model_whose_inputs_are_gone_is_skipped(sample):
    tables = {name: table for name, table in sample.tables.items() if name != "user_interests"}
    tfidf = make_models(["tfidf_user_interest"], {})
    results = evaluate(leave_last_out(tables), tfidf, [Popular()], SETTINGS, Reporter())
    found = results.assessment("tfidf_user_interest")
    assert "interests" in found.skipped
    assert found.listed is None


def test_a_held_out_version_is_found_in_the_one_that_is_listed_for_it():
    """Nobody is left who has viewed version 2, so no model could list that itself."""
    columns = "user_handle course_id view_time_seconds"
    train = [
        (user, course, 60.0) for user in range(9) for course in ("a", "v1") if user or course == "a"
    ]
    views, test = table(VIEWS, columns, train), table(VIEWS, columns, [(0, "v2", 60.0)])
    catalogue = table("courses", "course_id", [("a",), ("v1",), ("v2",)])
    cut = Cut({VIEWS: views, "courses": catalogue}, test, "by hand")
    for stands_for, recall in (([0, 1, 2], 0), ([0, 1, 1], 1)):
        results = evaluate(
            cut, [], [Popular()], SETTINGS, Reporter(), np.array(stands_for, np.int32)
        )
        assert results.popular.value("recall_at_10") == recall
