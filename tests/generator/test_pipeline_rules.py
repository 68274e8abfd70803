"""Whole runs with rules on their lists: what is stored, ranked for everybody, and evaluated."""

import pandas as pd
import pytest

from generator import pipeline
from generator.process.progress import Reporter
from generator.synthetic.synthesize import synthesize
from shared.records import list_section
from shared.settings import GeneratorSettings
from shared.stores import open_store

KNN, TENANT = "knn_collab_filtering_user_course_view", "default"
RECOMMENDED = list_section("recommendations", KNN)


@pytest.fixture(scope="module")
def platform(tmp_path_factory):
    """Tables of 120 users and 60 courses, of which every third has ended."""
    folder = tmp_path_factory.mktemp("platform")
    synthesize(folder, 120, 60, 5, 1500, None, "csv", None)
    courses = sorted(pd.read_csv(folder / "course_tags.csv")["course_id"].unique())
    until = ["2020-01-01" if place % 3 == 0 else "2998-05-04" for place in range(len(courses))]
    catalogue = pd.DataFrame({"course_id": courses, "available_until": until})
    catalogue.to_csv(folder / "courses.csv", index=False)
    return folder


@pytest.fixture(scope="module")
def ended(platform):
    catalogue = pd.read_csv(platform / "courses.csv")
    return set(catalogue[catalogue["available_until"] < "2021"]["course_id"])


def settings_of(platform, folder, **more):
    chosen = {
        "data_url": str(platform),
        "models": [KNN],
        "set_aside_folder": str(folder / "aside"),
        "evaluate": True,
    }
    return GeneratorSettings(_env_file=None, **(chosen | {"stored_list_length": 6} | more))


def quiet(said=None):
    reporter = Reporter()
    reporter.say = ([] if said is None else said).append
    return reporter


@pytest.fixture(scope="module")
def runs(platform, tmp_path_factory):
    """One without rules but for what is on offer, and one with all that the data has a part for."""
    folder = tmp_path_factory.mktemp("store")
    store, said = open_store(f"sqlite:///{folder}/store"), []
    plain = pipeline.generate(settings_of(platform, folder), store, quiet())
    rules = {"list_caps": {"tag": 2}, "diversity": 0.5, "novelty_share": 0.5}
    ruled = pipeline.generate(settings_of(platform, folder, **rules), store, quiet(said), True)
    yield store, plain, ruled, said
    store.close()


def lists_of(store, manifest, platform, section=RECOMMENDED):
    users = pd.read_csv(platform / "user_course_views.csv")["user_handle"].unique().tolist()
    keys = [(section, user) for user in users]
    return [row.entries for row in store.get_many(TENANT, manifest.generation, keys).values()]


def test_a_course_that_has_ended_is_in_no_list_and_no_ranking(runs, platform, ended):
    store, *manifests, _ = runs
    for manifest in manifests:
        lists = lists_of(store, manifest, platform)
        assert len(lists) > 100
        assert all(len(entries) == 6 for entries in lists)
        assert not ended & {entry for entries in lists for entry in entries}
        assert not ended & {*manifest.rankings["popular_course_view"].courses}
        assert manifest.on_offer_until == "2998-05-04"


def test_caps_hold_for_stored_lists_and_the_ranking_for_everybody(runs, platform):
    store, _, ruled, _ = runs
    tagged = pd.read_csv(platform / "course_tags.csv").dropna()
    tags = tagged.groupby("course_id")["course_tags"].agg(set).to_dict()
    for entries in [
        *lists_of(store, ruled, platform),
        ruled.rankings["popular_course_view"].courses,
    ]:
        counts = pd.Series([tag for entry in entries for tag in tags.get(entry, ())]).value_counts()
        assert entries
        assert (counts <= 2).all()


def test_the_run_and_its_manifest_say_what_was_done(runs, ended):
    _, plain, ruled, said = runs
    assert plain.rules == [
        f"without courses that are not on offer: {len(ended)} that have ended",
    ]
    assert ruled.rules == [
        *plain.rules,
        "at most 2 of one tag",
        "50% of the places for courses outside the most viewed 20%",
        "diversity 0.5, by tags",
    ]
    assert [f"Lists: {rule}" for rule in ruled.rules] == [s for s in said if s.startswith("Lists")]


def test_what_is_evaluated_are_the_lists_by_rules(runs):
    _, plain, ruled, _ = runs
    for handle in (KNN, "popular_course_view"):
        before, after = (m.card(handle).figure("diversity_at_10").value for m in (plain, ruled))
        assert after > before


def test_a_dry_run_lists_by_the_same_rules(runs, platform, tmp_path, ended):
    class Taker:
        def __init__(self):
            self.entries = set()

        def write(self, tenant, generation, rows):
            rows = list(rows)
            self.entries |= {e for row in rows for e in getattr(row, "entries", ())}
            return len(rows)

        def save_progress(self, manifest):
            pass

    taker = Taker()
    pipeline.dry_run(
        settings_of(platform, tmp_path, models=["popular_course_view", KNN]), taker, quiet()
    )
    assert taker.entries
    assert not taker.entries & ended
