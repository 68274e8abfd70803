"""A run on a platform that offers one course in three versions."""

import pytest

from generator import pipeline
from generator.process.progress import Reporter
from shared.records import COURSE_FACTS, SEEN, list_section
from shared.settings import GeneratorSettings
from shared.stores import open_store
from tests.generator.duplicates.catalogues import CALCULUS, PYTHON

KNN = "knn_collab_filtering_user_course_view"
VERSIONS = ["python-2019", "python-2020", "python-3e"]
OTHERS = [f"other-{number}" for number in range(12)]


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """30 users in a circle of courses; version 2020 has the most viewers, 3e none."""
    folder = tmp_path_factory.mktemp("platform")
    courses = [
        f'python-2019,Python Bootcamp 2019,"{PYTHON}"',
        f'python-2020,Python Bootcamp 2020 (v2),"{PYTHON}"',
        f'python-3e,"Python Bootcamp, 3rd edition","{PYTHON}"',
        f'other-0,Calculus I,"{CALCULUS}"',
        f'other-1,Calculus II,"{CALCULUS}"',
    ]
    views = []
    for user in range(30):
        viewed = [OTHERS[(user + step) % 12] for step in range(4)]
        viewed += [VERSIONS[0 if user % 3 == 0 else 1]] * (user % 5 < 3)
        views += [f"{user},2026-01-01,{course},,,600" for course in viewed]
    header = "user_handle,view_date,course_id,author_handle,level,view_time_seconds"
    (folder / "user_course_views.csv").write_text("\n".join([header, *views]))
    (folder / "courses.csv").write_text("\n".join(["course_id,title,description", *courses]))
    return folder


def _lists_of(tmp_path, platform, **settings):
    """Lists and what was seen by user, the manifest, what was said, duplicates by course."""
    store, said, reporter = open_store(f"sqlite:///{tmp_path}/store"), [], Reporter()
    reporter.say = said.append
    chosen = GeneratorSettings(
        _env_file=None,
        data_url=str(platform),
        set_aside_folder=str(tmp_path / "aside"),
        models=[KNN],
        **({"evaluate": False} | settings),
    )
    manifest = pipeline.generate(chosen, store, reporter, force=True)
    keys = [(list_section("recommendations", KNN), user) for user in range(30)]
    lists = store.get_many("default", manifest.generation, keys)
    seen = store.get_many("default", manifest.generation, [(SEEN, user) for user in range(30)])
    courses = [(COURSE_FACTS, course) for course in (*VERSIONS, "other-0")]
    facts = store.get_many("default", manifest.generation, courses)
    store.close()
    return (
        [lists[key].entries for key in keys],
        [seen[SEEN, user].facts["courses"] for user in range(30)],
        manifest,
        said,
        {key[1]: row.facts.get("duplicates", []) for key, row in facts.items()},
    )


@pytest.fixture(scope="module")
def merged(tmp_path_factory, platform):
    return _lists_of(tmp_path_factory.mktemp("merged"), platform)


def test_the_most_viewed_version_is_listed_for_all(merged):
    lists, _, manifest, said, _ = merged
    listed = {course for entries in lists for course in entries}
    assert listed & {*VERSIONS} == {"python-2020"}
    ranking = manifest.rankings["popular_course_view"].courses
    assert {*ranking} & {*VERSIONS} == {"python-2020"}
    assert "  1 groups of duplicates: 2 courses are not listed" in said
    assert "duplicates" in [stage.name for stage in manifest.stages]


def test_who_has_seen_one_version_is_offered_none(merged):
    lists, seen, *_ = merged
    viewers = [user for user, courses in enumerate(seen) if {*courses} & {*VERSIONS}]
    assert viewers
    for user in viewers:
        assert not {*lists[user]} & {*VERSIONS}
        assert "python-2020" in seen[user]


def test_what_is_known_of_a_course_names_its_other_versions(merged):
    assert merged[-1] == {
        "python-2019": ["python-2020", "python-3e"],
        "python-2020": ["python-2019", "python-3e"],
        "python-3e": ["python-2020", "python-2019"],
        "other-0": [],
    }


def test_courses_of_a_series_stay_apart(merged):
    listed = {course for entries in merged[0] for course in entries}
    assert {"other-0", "other-1"} <= listed


def test_without_the_setting_every_version_is_listed(tmp_path, platform):
    lists, seen, manifest, *_ = _lists_of(tmp_path, platform, duplicates=False)
    listed = {course for entries in lists for course in entries}
    assert {"python-2019", "python-2020"} <= listed
    assert any("python-2019" in courses and "python-2020" not in courses for courses in seen)
    assert "duplicates" not in [stage.name for stage in manifest.stages]


def test_a_run_looks_for_them_once_for_what_it_rehearses_and_what_it_publishes(tmp_path, platform):
    *_, manifest, said, found = _lists_of(
        tmp_path, platform, evaluate=True, evaluation_protocol="leave-last-out"
    )
    assert [text.startswith("duplicates:") for text in said].count(True) == 1
    assert found["python-2020"]
    assert manifest.card(KNN).figure("ndcg_at_10") is not None
