"""Real tables, which may be run on but not redistributed: beside the repository, or nowhere."""

from pathlib import Path

import pandas as pd
import pytest

from generator.dataset.build import build_dataset
from generator.load.files import load_tables
from generator.validation.validation import Validated, validate_tables

REFERENCE = Path(__file__).parents[4] / "shared" / "data"


def validated(name: str) -> Validated:
    folder = REFERENCE / name
    if not folder.is_dir():
        pytest.skip(f"The real data set {name} is not at {folder}.")
    return validate_tables(load_tables(str(folder)))


def test_the_reference_tables_load_with_their_known_counts():
    found = validated("pluralsight")
    tags, scores = found.tables["course_tags"], found.tables["user_assessment_scores"]
    assert (found.user_handle_type, found.course_handle_type) == ("int", "str")
    assert len(tags) == 11_337
    assert tags["course_id"].nunique() == 5_942
    assert tags["course_tags"].isna().sum() == 112
    # 998 spellings, two of them second spellings of another.
    assert tags["course_tags"].nunique() == 996
    assert {"c++", "c#", ".net", "asp.net", "f#", "comptia-a+"} <= set(tags["course_tags"])
    assert len(scores) == 6_571
    assert scores["user_handle"].nunique() == 3_114
    assert scores["assessment_tag"].nunique() == 54
    assert scores["user_assessment_score"].mean() == pytest.approx(142.49, abs=0.005)
    assert all(report.rows_set_aside == 0 for report in found.reports)


def test_reference_courses_without_a_tag_are_known():
    dataset = build_dataset(validated("pluralsight").tables)
    assert len(dataset.courses) == 5_942
    assert (dataset.course_tags.getnnz(axis=1) == 0).sum() == 112
    assert dataset.course_tags.nnz == 11_337 - 112 - 2
    assert len(dataset.users) == 3_114


def test_the_udemy_learners_load_with_their_known_counts():
    found = validated("coco")
    views = found.tables["user_course_views"]
    assert len(views) == 159_664
    assert views["user_handle"].nunique() == 24_036
    assert views["course_id"].nunique() == 8_166
    assert all(report.rows_set_aside == 0 for report in found.reports)


def test_udemy_matrices_agree_with_a_plain_group_by():
    found = validated("coco")
    dataset = build_dataset(found.tables)
    plain = pd.read_csv(REFERENCE / "coco" / "user_course_views.csv", keep_default_na=False)
    sums = plain.groupby(["user_handle", "course_id"])["view_time_seconds"].sum()
    rows = dataset.users.index_of(sums.index.get_level_values(0).to_series())
    columns = dataset.courses.index_of(sums.index.get_level_values(1).to_series())
    assert dataset.view_seconds.nnz == len(sums)
    stored = dataset.view_seconds[rows, columns]
    assert (stored.ravel() == sums.to_numpy(dtype="float32")).all()
    assert sorted(dataset.levels.handles()) == ["advanced", "all", "beginner", "intermediate"]
