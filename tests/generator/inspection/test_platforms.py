import pytest

from generator.inspection.inspection import inspect
from tests.generator.load.platforms import (
    test_caliper,
    test_canvas,
    test_gorse,
    test_moodle,
    test_oneroster,
    test_openedx,
    test_oulad,
    test_personalize,
    test_recbole,
    test_xapi,
)
from tests.generator.load.platforms.exports import put

EXPORTS = {
    "openedx": {"tracking__log": [test_openedx.event(17, 0), test_openedx.event(17, 5)]},
    "xapi": {"s__jsonl": [test_xapi.statement(test_xapi.ADA, "experienced", {"id": "x"})]},
    "caliper": {"c__jsonl": [test_caliper.event(0)]},
    "moodle": {"log__csv": test_moodle.HEADER + test_moodle.line(7, 5, 0)},
    "canvas": {"enrollments__csv": test_canvas.ENROLLMENTS},
    "oneroster": test_oneroster.FILES,
    "oulad": test_oulad.FILES,
    "personalize": test_personalize.FILES,
    "gorse": test_gorse.AS_CSV,
    "recbole": test_recbole.FILES,
    "movielens": {"ratings__csv": "userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n"},
}


@pytest.mark.parametrize("platform", EXPORTS)
def test_the_export_of_each_platform_is_recognised_by_what_is_in_it(tmp_path, platform):
    put(tmp_path, **EXPORTS[platform])
    look = inspect(str(tmp_path), {})
    assert (look.platform, look.problem) == (platform, "")
    assert look.command("x") == f"python run_generator.py --data x --platform {platform}"
    assert len(look.tables["user_course_views"].frame)
    assert len(look.shown)


def test_a_platform_that_was_declared_is_not_guessed_and_what_it_lacks_is_said(tmp_path):
    put(tmp_path, **EXPORTS["moodle"])
    look = inspect(str(tmp_path), {}, "canvas")
    assert look.platform == "canvas"
    assert "has no enrollments and no page views" in look.problem
