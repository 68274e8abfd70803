import gzip
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from generator.dataset.build import build_dataset
from generator.load.files import load_tables
from generator.synthetic import synthesize
from generator.validation.validation import validate_tables
from shared.errors import DataError, SettingsError

USER_TABLES = ("user_interests", "user_course_views", "user_assessment_scores")


def read(folder: Path) -> dict[str, pd.DataFrame]:
    return {
        path.stem: pd.read_csv(path, keep_default_na=False, dtype={"author_handle": "str"})
        for path in folder.glob("*.csv")
    }


@pytest.fixture(scope="module")
def usual(tmp_path_factory):
    folder = tmp_path_factory.mktemp("usual")
    synthesize(folder, users=3000, courses=500, seed=5)
    return folder


@pytest.fixture(scope="module")
def pluralsight(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pluralsight")
    synthesize(folder, like="pluralsight")
    return read(folder)


def test_the_same_seed_writes_the_same_bytes_and_another_does_not(usual, tmp_path):
    synthesize(tmp_path / "same", users=3000, courses=500, seed=5)
    synthesize(tmp_path / "other", users=3000, courses=500, seed=6)
    for path in usual.iterdir():
        assert (tmp_path / "same" / path.name).read_bytes() == path.read_bytes()
        assert (tmp_path / "other" / path.name).read_bytes() != path.read_bytes()


def test_the_rows_reported_are_the_rows_written(tmp_path):
    rows = synthesize(tmp_path, users=1500, courses=40, views=7000, seed=1)
    assert rows == {name: len(table) for name, table in read(tmp_path).items()}
    assert rows["user_course_views"] == 7000


def test_user_999_is_in_every_table_of_users(usual, pluralsight):
    for tables in (read(usual), pluralsight):
        assert all((tables[name]["user_handle"] == 999).any() for name in USER_TABLES)


def test_some_users_lack_views_some_interests_and_none_both(usual):
    tables = read(usual)
    followers, viewers = (set(tables[name]["user_handle"]) for name in USER_TABLES[:2])
    assert followers | viewers == set(range(1, 3001))
    assert (len(followers), len(viewers)) == (2850, 2625)


def test_few_courses_have_most_views_and_view_times_have_a_long_tail(usual):
    views = read(usual)["user_course_views"]
    counts = views["course_id"].value_counts()
    ranks = np.log(np.arange(1, 101))
    slope, _ = np.polyfit(ranks, np.log(counts.iloc[:100]), 1)
    assert -1.5 < slope < -0.4
    assert counts.iloc[:50].sum() > 0.3 * len(views)
    seconds = views["view_time_seconds"]
    assert seconds.mean() > 1.5 * seconds.median()
    assert seconds.between(0, 6 * 3600).all()


def test_users_watch_courses_that_carry_tags_they_follow(usual):
    dataset = build_dataset(validate_tables(load_tables(str(usual))).tables)
    matched = dataset.interests @ dataset.course_tags.T
    active = np.flatnonzero(
        (dataset.interests.getnnz(1) > 0) & (dataset.view_seconds.getnnz(1) > 0)
    )
    own = matched[active].multiply(dataset.seen[active]).sum() / dataset.seen[active].sum()
    anybodys = matched[active].multiply(dataset.seen[np.roll(active, 1)]).sum()
    assert own > 2 * anybodys / dataset.seen[active].sum()


def test_a_user_keeps_to_a_level_and_a_course_has_one(usual):
    views = read(usual)["user_course_views"]
    assert (views.groupby("course_id")["level"].nunique() == 1).all()
    counts = (
        views[views["level"] != ""].groupby(["user_handle", "level"]).size().unstack(fill_value=0)
    )
    busy = counts[counts.sum(axis=1) >= 8]
    favourite = (busy.max(axis=1) / busy.sum(axis=1)).mean()
    assert favourite > 0.6 > views["level"].value_counts(normalize=True).max()


def test_dates_authors_and_levels_are_as_the_tables_promise(usual):
    tables = read(usual)
    views, follows = tables["user_course_views"], tables["user_interests"]
    assert views["view_date"].str.fullmatch(r"202[45]-\d\d-\d\d").all()
    assert set(views["level"]) == {"Beginner", "Intermediate", "Advanced", ""}
    assert (views.groupby("course_id")["author_handle"].nunique() == 1).all()
    dated = follows["date_followed"].str.fullmatch(r"202[45]-\d\d-\d\d \d\d:\d\d:\d\d")
    assert (dated | (follows["date_followed"] == "")).all()
    assert 0 < (~dated).sum() < 0.02 * len(follows)


def test_the_reference_shape_has_the_reference_numbers(pluralsight):
    follows, views = pluralsight["user_interests"], pluralsight["user_course_views"]
    scores, tags = pluralsight["user_assessment_scores"], pluralsight["course_tags"]
    assert len(follows) == 297_526
    assert follows.duplicated().sum() == 18_209
    assert follows["user_handle"].nunique() == 10_000
    assert follows["interest_tag"].nunique() == 748
    assert len(views) == 249_238
    assert views.duplicated().sum() == 0
    assert views["user_handle"].nunique() == 8_760
    assert views["view_date"].nunique() == 212
    assert (views["view_date"].min(), views["view_date"].max()) == ("2017-05-01", "2017-11-28")
    assert set(views["level"]) == {"Beginner", "Intermediate", "Advanced"}
    pairs = views.groupby(["user_handle", "course_id"]).ngroups
    assert pairs == pytest.approx(105_353, rel=0.05)
    assert (len(scores), scores["user_handle"].nunique()) == (6_571, 3_114)
    assert scores["assessment_tag"].nunique() == 54
    assert not scores.duplicated(["user_handle", "assessment_tag"]).any()
    assert scores["user_assessment_score"].between(0, 298).all()
    assert tags["course_id"].nunique() == 5_942
    assert tags.loc[tags["course_tags"] != "", "course_tags"].nunique() == 998
    untagged = set(tags.loc[tags["course_tags"] == "", "course_id"])
    assert len(untagged) == 112
    assert not untagged & set(tags.loc[tags["course_tags"] != "", "course_id"])
    assert len(tags) == pytest.approx(11_337, rel=0.05)


def test_the_reference_shape_has_its_awkward_tags(pluralsight):
    written = set(pluralsight["course_tags"]["course_tags"])
    assert {"c++", "c#", ".net", "asp.net-core", "node.js"} <= written
    folded = {tag.casefold() for tag in written - {""}}
    assert len(folded) == 998 - 2
    again = pluralsight["user_interests"].drop_duplicates()
    assert again.duplicated(["user_handle", "interest_tag"]).sum() > 10_000


def test_parquet_holds_the_same_rows_with_types(usual, tmp_path):
    synthesize(tmp_path, users=3000, courses=500, seed=5, file_format="parquet")
    from_csv, from_parquet = (
        validate_tables(load_tables(str(folder))) for folder in (usual, tmp_path)
    )
    for name, table in from_csv.tables.items():
        other = from_parquet.tables[name].reset_index(drop=True)
        pd.testing.assert_frame_equal(table.reset_index(drop=True), other, check_categorical=False)
    assert from_parquet.user_handle_type == "int"
    assert [report.set_aside for report in from_csv.reports] == [
        report.set_aside for report in from_parquet.reports
    ]


@pytest.mark.parametrize(
    ("users", "courses", "views"), [(1, 1, 0), (1, 1, 9), (3, 400, 5), (50, 2, 900)]
)
def test_tiny_sizes_are_written_and_read_back(tmp_path, users, courses, views):
    synthesize(tmp_path, users=users, courses=courses, views=views)
    validated = validate_tables(load_tables(str(tmp_path)))
    assert len(validated.tables["course_tags"]["course_id"].unique()) == courses
    assert validated.reports[1].rows_read == views


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"users": 0}, "users must be at least 1. Received: 0"),
        ({"courses": -1}, "courses must be at least 1"),
        ({"views": -1}, "views must be at least 0"),
        ({"seed": -1}, "seed must be at least 0"),
        ({"like": "udemy"}, "like must be one of pluralsight"),
        ({"like": "pluralsight", "users": 5}, "leave them out"),
        ({"file_format": "xlsx"}, "csv or parquet"),
    ],
)
def test_arguments_that_make_no_sense_are_one_sentence(tmp_path, arguments, says):
    with pytest.raises(SettingsError, match=says):
        synthesize(tmp_path / "new", **arguments)
    assert not (tmp_path / "new").exists()


def test_a_second_form_of_a_table_is_refused(tmp_path):
    (tmp_path / "user_interests.csv.gz").write_bytes(gzip.compress(b""))
    with pytest.raises(DataError, match=r"already holds user_interests\.csv\.gz"):
        synthesize(tmp_path, users=5, courses=5)
    assert [path.name for path in tmp_path.iterdir()] == ["user_interests.csv.gz"]


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(DataError, match="file cannot be written"):
        synthesize(tmp_path / "file", users=5, courses=5)


def test_progress_is_told_block_by_block(tmp_path):
    told = []
    synthesize(tmp_path, users=2050, courses=5, progress=lambda *steps: told.append(steps))
    assert told == [(done, 9) for done in range(1, 10)]


def extreme(folder: Path, name: str) -> dict[str, pd.DataFrame]:
    synthesize(folder, users=1500, courses=400, views=15_000, seed=2, extreme=name)
    return read(folder)


def test_popular_courses_draw_half_of_all_choices(tmp_path):
    views = extreme(tmp_path, "popular-courses")["user_course_views"]
    top = views["course_id"].value_counts().head(10).sum() / len(views)
    assert 0.45 < top < 0.7
    assert len(views) == 15_000


def test_same_interests_make_users_who_cannot_be_told_apart(tmp_path):
    interests = extreme(tmp_path, "same-interests")["user_interests"]
    tags = interests["interest_tag"].str.casefold()
    sets = tags.groupby(interests["user_handle"]).agg(frozenset)
    assert len(sets) > 1400
    assert len(set(sets)) <= 100
    assert {len(tags) for tags in sets} == {9}


def test_a_heavy_user_has_views_beyond_all_others(tmp_path):
    views = extreme(tmp_path, "heavy-user")["user_course_views"]
    first, second = views["user_handle"].value_counts().head(2)
    assert first >= 7_500 > 20 * second
    assert len(views) == 15_000


def test_an_unknown_extreme_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="popular-courses, same-interests, heavy-user"):
        synthesize(tmp_path, extreme="everything")
