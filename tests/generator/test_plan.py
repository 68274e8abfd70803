import pytest

from generator.models.als_collab_filtering_user_course_view import AlsUserCourseView
from generator.models.tfidf_user_interest import TfidfUserInterest
from generator.plan import in_order_of_use, models_of, plan_run
from shared.errors import DataError, SettingsError
from shared.settings import GeneratorSettings
from tests.datasets import make_dataset

MB = 2**20
INTERESTS = [(user, "python") for user in range(8)]
VIEWS = [(user, user % 3, 60, "beginner") for user in range(8)]


class Greedy(AlsUserCourseView):
    handle = "greedy"

    def memory_bytes(self, dataset) -> int:
        return 2**40


class NeedsLibrary(TfidfUserInterest):
    handle = "needs_library"
    library_bytes = 2**40


def test_a_model_that_cannot_fit_is_skipped_with_the_figures():
    dataset = make_dataset(INTERESTS, VIEWS)
    plan = plan_run(
        [Greedy(), TfidfUserInterest()], dataset, GeneratorSettings(memory_budget_mb=8192)
    )
    assert list(plan.block_bytes) == ["tfidf_user_interest"]
    reason = plan.skipped["greedy"]
    assert reason.endswith("MB of memory, and MEMORY_BUDGET_MB is 8,192")
    assert 2**20 <= int(reason.split()[2].replace(",", "")) < 2**20 + 8192


def test_a_model_that_lacks_its_data_is_not_asked_for_memory():
    plan = plan_run([Greedy(), TfidfUserInterest()], make_dataset(INTERESTS), GeneratorSettings())
    assert plan.skipped == {"greedy": "needs views, which the data lacks"}


def test_blocks_get_half_of_what_is_left(monkeypatch):
    monkeypatch.setattr("generator.plan.resident_bytes", lambda: 1000 * MB)
    dataset = make_dataset(INTERESTS, VIEWS)
    model = TfidfUserInterest()
    plan = plan_run([model], dataset, GeneratorSettings(memory_budget_mb=3000))
    assert plan.block_bytes[model.handle] == (2000 * MB - model.memory_bytes(dataset)) // 2


def test_a_library_stays_in_memory_for_the_models_that_follow(monkeypatch):
    monkeypatch.setattr("generator.plan.resident_bytes", lambda: 100 * MB)
    monkeypatch.setattr(NeedsLibrary, "library_bytes", 600 * MB)
    dataset = make_dataset(INTERESTS, VIEWS)
    models = [TfidfUserInterest(), NeedsLibrary(), AlsUserCourseView()]
    blocks = plan_run(models, dataset, GeneratorSettings(memory_budget_mb=1100)).block_bytes
    before, during, after = (round(blocks[model.handle] / MB) for model in models)
    assert (before, during, after) == (500, 200, 200)


def test_models_of_one_library_count_it_once(monkeypatch):
    monkeypatch.setattr("generator.plan.resident_bytes", lambda: 100 * MB)
    monkeypatch.setattr(NeedsLibrary, "library_bytes", 300 * MB)
    monkeypatch.setattr(NeedsLibrary, "library", "large")

    class NeedsItToo(NeedsLibrary):
        handle = "needs_it_too"

    class NeedsAnother(NeedsLibrary):
        handle, library = "needs_another", "another"

    models = [NeedsLibrary(), NeedsItToo(), NeedsAnother()]
    dataset = make_dataset(INTERESTS, VIEWS)
    blocks = plan_run(models, dataset, GeneratorSettings(memory_budget_mb=1100)).block_bytes
    assert [round(blocks[model.handle] / MB) for model in models] == [350, 350, 200]


def test_if_no_model_fits_the_run_is_refused_with_every_figure():
    with pytest.raises(SettingsError, match=r"greedy needs about .* MB.*; needs_library needs"):
        plan_run([Greedy(), NeedsLibrary()], make_dataset(INTERESTS, VIEWS), GeneratorSettings())


def test_no_data_for_any_model_is_said_before_memory():
    with pytest.raises(DataError, match="greedy needs views"):
        plan_run([Greedy()], make_dataset(INTERESTS), GeneratorSettings())


def test_fallbacks_run_whatever_models_says():
    def handles(**settings):
        return [m.handle for m in models_of(GeneratorSettings(_env_file=None, **settings))]

    assert handles(models=["tfidf_user_interest"]) == [
        "tfidf_user_interest", "segment_user_attribute", "popular_course_view",
    ]  # fmt: skip
    assert handles(models=["tfidf_user_interest"], fallback_models=[]) == ["tfidf_user_interest"]
    everything = handles(models=["all"])
    assert len(set(everything)) == len(everything) > len(handles())
    with pytest.raises(SettingsError, match="no model 'popular'"):
        handles(fallback_models=["popular"])


def test_the_courses_of_a_losing_model_are_left_out_if_it_is_to_be_skipped():
    dataset, model = make_dataset(INTERESTS, VIEWS), TfidfUserInterest()
    strict = GeneratorSettings(_env_file=None, gate_must_beat_popular=True)
    skipping = strict.model_copy(update={"gate_losing_model": "skip"})
    held, skipped = (
        plan_run([model], dataset, settings, [model.handle]).kinds(model)
        for settings in (strict, skipping)
    )
    assert held == list(model.serves)
    assert skipped == ["similar_users", "similar_courses", "course_users"]


class CoursesAlone(TfidfUserInterest):
    handle = "courses_alone"
    serves = ("recommendations",)


def test_a_losing_model_with_nothing_but_courses_is_skipped():
    settings = GeneratorSettings(
        _env_file=None, gate_must_beat_popular=True, gate_losing_model="skip"
    )
    models = [CoursesAlone(), TfidfUserInterest()]
    plan = plan_run(models, make_dataset(INTERESTS, VIEWS), settings, ["courses_alone"])
    assert "finds less than the most viewed courses" in plan.skipped["courses_alone"]
    assert list(plan.block_bytes) == ["tfidf_user_interest"]


class Second(TfidfUserInterest):
    handle = "second"
    uses = ("first", "not in this run")


class First(TfidfUserInterest):
    handle = "first"
    uses = ("tfidf_user_interest", "not in this run")


def test_a_model_that_is_made_from_others_comes_after_them():
    models = [Second(), First(), AlsUserCourseView(), TfidfUserInterest()]
    handles = [model.handle for model in in_order_of_use(models)]
    assert handles == [AlsUserCourseView.handle, "tfidf_user_interest", "first", "second"]
    alone = [Second(), AlsUserCourseView()]
    assert in_order_of_use(alone) == alone
