from dataclasses import replace

from generator.dataset.build import build_dataset
from generator.dataset.texts import CourseTexts
from generator.duplicates.stage import duplicates_in
from generator.process.progress import Reporter
from shared.settings import GeneratorSettings
from tests.datasets import make_dataset, table
from tests.generator.duplicates.catalogues import PYTHON


def _looked_for(dataset, **settings):
    reporter, said = Reporter(), []
    reporter.say = said.append
    groups = duplicates_in(dataset, GeneratorSettings(_env_file=None, **settings), reporter)
    return len(groups), said, [stage.name for stage in reporter.stages]


def _versions():
    courses = [(1, "Python Bootcamp 2019", PYTHON), (2, "Python Bootcamp 2020", PYTHON)]
    interests = table("user_interests", "user_handle interest_tag", [(1, "python")])
    rows = table("courses", "course_id title description", courses)
    return build_dataset({"courses": rows, "user_interests": interests})


def test_the_stage_says_what_it_found():
    groups, said, stages = _looked_for(_versions())
    assert groups == 1
    assert said[-1] == "  1 groups of duplicates: 1 courses are not listed"
    assert stages == ["duplicates"]


def test_without_the_setting_or_without_texts_there_is_no_stage():
    assert _looked_for(_versions(), duplicates=False) == (0, [], [])
    assert _looked_for(make_dataset(courses=[1, 2])) == (0, [], [])


def test_where_memory_is_short_the_run_says_so_and_goes_on_without():
    dataset = _versions()
    much = CourseTexts(dataset.texts.titles, ["x" * 2**24] * 2)
    groups, said, stages = _looked_for(replace(dataset, texts=much), memory_budget_mb=256)
    assert (groups, stages) == (0, [])
    assert "MEMORY_BUDGET_MB is 256" in said[0]
