"""The search finds what is better, keeps what is not worse, and never looks at the test part."""

import sys

import numpy as np
import pytest

from generator.evaluation.protocols import leave_last_out
from generator.evaluation.report.search_tables import search_log, tuning_table
from generator.evaluation.tune import ranges_of, tune
from generator.models.registry import MODELS, make_models, model_class
from generator.process.progress import Reporter
from shared.errors import SettingsError
from shared.settings import GeneratorSettings

KNN = "knn_collab_filtering_user_course_view"
SETTINGS = GeneratorSettings(_env_file=None, seed=5)


@pytest.fixture(scope="module")
def cut(sample):
    return leave_last_out(sample.tables)


def search(cut, trials, **options):
    models = make_models([KNN, "popular_course_view"], {KNN: options})
    return tune(models, leave_last_out(cut.train), trials, SETTINGS, Reporter())


def test_a_bad_start_is_left_and_the_search_is_the_same_again(cut):
    first, again = search(cut, 6, k=1, shrink=100.0), search(cut, 6, k=1, shrink=100.0)
    (found,) = first  # the most viewed have nothing to search
    assert [t.options for t in found.trials] == [t.options for t in again[0].trials]
    assert [t.value for t in found.trials] == [t.value for t in again[0].trials]
    assert found.trials[0].options == {"k": 1, "shrink": 100.0, "popularity_damping": 0.2}
    assert found.found_better
    assert found.chosen == found.best.options != found.trials[0].options
    assert found.best.value > found.trials[0].value
    low, high = ranges_of(make_models([KNN], {})[0])["shrink"]
    assert all(low <= trial.options["shrink"] <= high for trial in found.trials)


def test_with_one_trial_everything_stays(cut):
    (found,) = search(cut, 1)
    assert found.comparison is None
    assert not found.found_better
    assert found.chosen == {"k": 0, "shrink": 20.0, "popularity_damping": 0.2}


def test_what_is_held_out_for_the_test_is_not_in_the_validation_part(cut):
    validation = leave_last_out(cut.train)
    test = set(zip(cut.held_out["user_handle"], cut.held_out["course_id"], strict=True))
    for part in (validation.train["user_course_views"], validation.held_out):
        assert not test & set(zip(part["user_handle"], part["course_id"], strict=True))


def test_the_report_shows_what_was_chosen_and_every_trial(cut, evaluated):
    results = evaluated.results
    results.tunings = search(cut, 3, k=1, shrink=100.0)
    try:
        (row,) = tuning_table(results).rows
        assert row[1] == "k 1, shrink 100, popularity_damping 0.2"
        log = search_log(results).rows
    finally:
        results.tunings = []
    assert len(log) == 3
    assert row[2] in [cells[2] for cells in log]


@pytest.mark.parametrize("handle", MODELS)
def test_what_may_be_searched_is_an_option_and_both_ends_are_allowed(handle):
    bounds = ranges_of(model_class(handle)())
    defaults = model_class(handle)().options
    for name, (low, high) in bounds.items():
        assert low <= defaults[name] <= high or defaults[name] == 0, "0 is by the data"
        for end in (low, high):
            model_class(handle)(**{name: type(defaults[name])(end)})
    assert np.all([low < high for low, high in bounds.values()])


def test_without_optuna_the_file_to_install_is_named(cut, monkeypatch):
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(SettingsError, match=r"requirements-tune\.txt"):
        search(cut, 1)
