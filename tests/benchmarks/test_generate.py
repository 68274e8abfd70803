from pathlib import Path

import pytest

from benchmarks.generate.growth import exponent, print_growth
from benchmarks.generate.platforms import platform
from benchmarks.generate.runs import Run, run_generator
from shared.records import Manifest, ModelCard, Stage


def run(scale: float, **seconds: float) -> Run:
    stages = [Stage(name.replace("_", " "), taken) for name, taken in seconds.items()]
    manifest = Manifest("default", "", "published", created_at="", stages=stages)
    return Run(scale, sum(seconds.values()), 100, manifest)


def test_what_grows_with_the_square_has_exponent_two() -> None:
    assert exponent(3, 12, ratio=2) == pytest.approx(2)
    assert exponent(3, 6, ratio=2) == pytest.approx(1)


def test_what_is_on_top_of_lists_for_users_is_told_apart() -> None:
    made = run(1, list_a=4)
    made.manifest.models.append(ModelCard("blend", "", [], [], uses=["a"]))
    for name, seconds in (("list a, courses", 3), ("evaluate a", 5), ("list blend", 2),
                          ("evaluate blend", 1)):  # fmt: skip
        made.manifest.stages.append(Stage(name, float(seconds)))
    assert made.on_top == {"lists of courses": 3, "rehearsal": 6, "hybrids": 2}


def test_growth_is_told_stage_by_stage_with_all_pairs_apart(capsys) -> None:
    print_growth([run(0.25, load=2, fit=1, list_a=4), run(0.5, load=4, fit=2, list_a=16)])
    lines = {line[:48].strip(): line[48:].split() for line in capsys.readouterr().out.splitlines()}
    assert lines["load"] == ["2.0", "4.0", "1.00"]
    assert lines["list a"] == lines["all-pairs"] == ["4.0", "16.0", "2.00"]
    assert lines["all but all-pairs"] == ["3.0", "6.0", "1.00"]


def test_a_run_is_watched_from_outside_and_a_platform_is_made_once(tmp_path: Path) -> None:
    tables = platform(tmp_path, 0.001, seed=3, shape="popular-courses")
    written = (tables / "user_course_views.csv").stat()
    assert platform(tmp_path, 0.001, seed=3, shape="popular-courses") == tables
    assert (tables / "user_course_views.csv").stat().st_mtime_ns == written.st_mtime_ns
    watched = run_generator(tables, 0.001, ["tfidf_user_interest"], {"MEMORY_BUDGET_MB": "2048"})
    assert watched.manifest.users == 267
    assert watched.peak_mb > 50
    assert watched.seconds > sum(stage.seconds for stage in watched.manifest.stages)
