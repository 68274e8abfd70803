"""Runs one after another on one store: what goes live, what is held, and what a fault does."""

import random
from pathlib import Path

import pandas as pd
import pytest

from generator import pipeline
from generator.process.progress import Reporter
from generator.synthetic.synthesize import synthesize
from shared.errors import ModelError
from shared.kinds import KINDS
from shared.records import list_section
from shared.settings import GeneratorSettings
from shared.stores import open_store
from tests.generator.odd_models import ODD, LaterUserInterest, OddUserInterest, odd  # noqa: F401

KNN = "knn_collab_filtering_user_course_view"
TENANT = "default"


class Runs:
    """Whole runs on one store and one folder of tables."""

    def __init__(self, folder: Path, data: Path) -> None:
        self.store = open_store(f"sqlite:///{folder}/store")
        self.said: list[str] = []
        self.warned: list[str] = []
        self._settings = {
            "data_url": str(data),
            "set_aside_folder": str(folder / "aside"),
            "models": [ODD, KNN],
            "fallback_models": ["popular_course_view"],
            "pointer_refresh_seconds": 0.001,
        }

    def __call__(self, force: bool = False, **settings):
        chosen = GeneratorSettings(_env_file=None, **(self._settings | settings))
        reporter = Reporter()
        reporter.say, reporter.warn = self.said.append, self.warned.append
        return pipeline.generate(chosen, self.store, reporter, force)

    @property
    def live(self):
        return self.store.live(TENANT)


@pytest.fixture(scope="module")
def platform(tmp_path_factory) -> Path:
    """Tables of 300 users with tastes and 200 courses, of which nobody has seen many."""
    folder = tmp_path_factory.mktemp("platform")
    synthesize(folder, 300, 200, 5, 3000, None, "csv", None)
    return folder


@pytest.fixture
def runs(tmp_path, platform, odd):  # noqa: F811
    made = Runs(tmp_path, platform)
    yield made
    made.store.close()


def test_the_same_data_again_goes_live_again(runs):
    first, second = runs(), runs()
    assert runs.live.generation == second.generation != first.generation
    assert set(second.overlap_with_live.values()) == {1.0}


def test_what_a_run_stores_is_counted_kind_by_kind(runs):
    live = runs()
    sections = {list_section(kind, c.model_handle): (c, kind)
                for c in live.models if c.is_personal for kind in c.serves}  # fmt: skip
    for section, (card, kind) in sections.items():
        assert card.list_facts[kind].subjects == live.row_counts[section] > 0
        assert card.spreads[kind].mean_length > 0
    assert live.row_counts.keys() - sections.keys() == {
        "seen", "course_facts", "user_profile", "course_viewers", "user_directory",
        "course_directory", "course_facets", "rankings/popular_course_view",
    }  # fmt: skip


# What goes live


def die_after_the_odd_model(runs) -> None:
    LaterUserInterest.fault = "killed"
    with pytest.raises(KeyboardInterrupt):
        runs(models=[ODD, LaterUserInterest.handle])
    LaterUserInterest.fault = None
    runs.store.close()


def test_lists_of_a_run_that_was_killed_are_judged_by_the_run_that_goes_on(runs):
    runs(models=[ODD, LaterUserInterest.handle])
    OddUserInterest.fault = "mixed up"
    die_after_the_odd_model(runs)
    OddUserInterest.fault = None
    held = runs(models=[ODD, LaterUserInterest.handle])
    assert any("Continuing generation" in text for text in runs.said)
    kinds = [reason.partition(":")[0] for reason in held.held_because]
    assert kinds == [f"{ODD}, similar users", f"{ODD}, recommendations"], "theirs are the votes"
    assert all("GATE_MIN_OVERLAP" in reason for reason in held.held_because)
    assert runs.live.generation != held.generation


def test_a_run_that_goes_on_knows_as_much_of_its_lists_as_one_that_was_not_killed(runs):
    whole = runs(models=[ODD, LaterUserInterest.handle])
    die_after_the_odd_model(runs)
    resumed = runs(models=[ODD, LaterUserInterest.handle])
    assert resumed.generation == runs.live.generation
    assert resumed.example_user_handle == whole.example_user_handle is not None
    assert resumed.example_course_handle == whole.example_course_handle is not None
    assert resumed.model_overlaps == whole.model_overlaps != []
    of_lists = {section for section in whole.row_counts if section.partition("/")[0] in KINDS}
    assert of_lists <= resumed.overlap_with_live.keys()


def views_of(folder: Path, users: list[str]) -> dict:
    """Settings of a run on views of users who like odd or even courses."""
    rows = [f"{user},{(n + 2 * k) % 40}" for n, user in enumerate(users) for k in range(4)]
    path = folder / "views.csv"
    path.write_text("\n".join(["user,item", *rows]))
    columns = {"user": "user", "item": "item"}
    return {"data_url": str(path), "data_columns": columns, "models": [KNN]}


NUMBERS = [str(n) for n in range(100)]


def test_a_few_odd_handles_do_not_change_the_others_of_the_next_night(runs, tmp_path):
    for night in ([*NUMBERS, *(f"guest-{n}" for n in range(20))], NUMBERS):
        manifest = runs(**views_of(tmp_path, night))
        assert (manifest.state, manifest.user_handle_type) == ("published", "str")
    assert runs.store.get(TENANT, manifest.generation, ("seen", "7")) is not None
    held = runs(**views_of(tmp_path, NUMBERS), user_handle_type="int")
    (reason,) = held.held_because
    assert "Handles of users are integers, and live ones are text" in reason


def test_integers_that_are_live_stay_integers_and_others_are_set_aside(runs, tmp_path):
    assert runs(**views_of(tmp_path, NUMBERS)).user_handle_type == "int"
    manifest = runs(**views_of(tmp_path, [*NUMBERS, "ada", "bob"]))
    assert (manifest.state, manifest.user_handle_type) == ("published", "int")
    assert manifest.tables[0].rows_set_aside == 8


@pytest.mark.parametrize("shared", [0, 10])
def test_users_who_are_live_and_not_found_again_hold_the_run(runs, tmp_path, shared):
    good = runs(**views_of(tmp_path, NUMBERS))
    others = [*NUMBERS[:shared], *(str(n + 10_000) for n in range(shared, 100))]
    (reason,) = runs(**views_of(tmp_path, others)).held_because
    assert f"Of the 100 users that are live about {shared}% are found again" in reason
    assert runs.live.generation == good.generation
    # Once they are live by force, those before them are a repair.
    assert runs(force=True, **views_of(tmp_path, others)).state == "published"
    assert runs(**views_of(tmp_path, NUMBERS)).held_because == []


@pytest.mark.parametrize("column", ["user_handle", "course_id"])
def test_handles_that_are_mixed_up_are_noticed_on_a_small_platform_too(runs, tmp_path, column):
    folder = tmp_path / "tables"
    synthesize(folder, 120, 150, 5)
    small = {"data_url": str(folder), "models": ["tfidf_user_interest", KNN]}
    good = runs(**small)
    tables = {path: pd.read_csv(path) for path in folder.glob("*.csv")}
    tables = {path: table for path, table in tables.items() if column in table}
    handles = sorted({handle for table in tables.values() for handle in table[column]})
    mixed = random.Random(1).sample(handles, len(handles))
    for path, table in tables.items():
        table[column] = table[column].map(dict(zip(handles, mixed, strict=True)))
        table.to_csv(path, index=False)
    assert any("GATE_MIN_OVERLAP" in reason for reason in runs(**small).held_because)
    assert runs.live.generation == good.generation


def test_courses_by_lot_do_not_replace_good_ones_and_if_forced_are_replaced_again(runs):
    good = runs()
    OddUserInterest.fault = "by lot"
    held = runs()
    assert [reason.split(":")[0] for reason in held.held_because] == [f"{ODD}, recommendations"]
    assert runs.live.generation == good.generation
    forced = runs(force=True)
    assert runs.live.generation == forced.generation
    OddUserInterest.fault = None
    repaired = runs()
    assert repaired.held_because == []
    assert runs.live.generation == repaired.generation


# A model that fails


@pytest.mark.parametrize("fault", ["fit", "list", "bug"])
def test_a_model_that_fails_is_skipped_with_its_reason_and_the_rest_goes_live(runs, fault):
    OddUserInterest.fault = fault
    live = runs()
    assert runs.live.generation == live.generation
    card = next(card for card in live.models if card.model_handle == ODD)
    assert card.failed
    assert card.skipped.startswith("failed: ")
    assert [c.model_handle for c in live.served_models] == [KNN, "popular_course_view"]
    assert not any(ODD in section for section in live.row_counts)
    assert any(text.startswith(f"{ODD}: is skipped, it failed: ") for text in runs.said)


def test_a_live_model_that_fails_holds_the_run_until_it_may_go(runs):
    good = runs()
    OddUserInterest.fault = "fit"
    held = runs()
    assert runs.live.generation == good.generation
    (reason,) = held.held_because
    assert reason == (
        f"{ODD} is live and would be gone: it failed: nothing can be learned from this. "
        f"If it may go: GATE_MAY_GO={ODD}."
    )
    live = runs(gate_may_go=[ODD])
    assert runs.live.generation == live.generation
    assert [c.model_handle for c in live.served_models] == [KNN, "popular_course_view"]


def test_a_model_that_failed_last_night_is_tried_again(runs):
    OddUserInterest.fault = "fit"
    runs()
    OddUserInterest.fault = None
    assert [c.model_handle for c in runs().served_models] == [ODD, KNN, "popular_course_view"]


def test_a_run_in_which_every_model_fails_is_an_error_and_publishes_nothing(runs):
    OddUserInterest.fault = "fit"
    with pytest.raises(ModelError, match="nothing was published: odd_user_interest failed: noth"):
        runs(models=[ODD], fallback_models=[])
    assert runs.live is None
    assert runs.store.generations(TENANT) == []


# Models that lose


@pytest.fixture
def strict() -> dict:
    return {"evaluate": True, "gate_must_beat_popular": True, "models": [ODD]}


def test_a_model_worse_than_the_most_viewed_courses_is_held(runs, strict):
    OddUserInterest.fault = "by lot"
    (reason,) = runs(**strict).held_because
    assert reason.startswith(f"{ODD}: its ndcg_at_10 is ")
    assert runs.live is None


def test_or_its_courses_alone_are_left_out(runs, strict):
    OddUserInterest.fault = "by lot"
    live = runs(**strict, gate_losing_model="skip")
    assert runs.live.generation == live.generation
    assert live.card(ODD).serves == ["similar_users", "similar_courses", "course_users"]
    assert live.default_for("recommendations") == "popular_course_view"
    assert live.default_for("similar_users") == ODD


# After publishing


def test_old_generations_that_cannot_be_removed_are_warned_of_and_no_failure(runs, tmp_path):
    first = runs(keep_generations=2)
    runs(keep_generations=2)
    stuck = tmp_path / "store" / TENANT / f"{first.generation}.sqlite"
    stuck.unlink()
    (stuck / "in the way").mkdir(parents=True)
    last = runs(keep_generations=2)
    assert runs.live.generation == last.generation
    (warning,) = runs.warned
    assert f"generation {last.generation} is published, but old generations could not" in warning


def mostly_finished(folder: Path) -> Path:
    """100 users and 8 courses, of which most users have viewed all."""
    dice = random.Random(4)
    lines = ["user_handle,view_date,course_id,author_handle,level,view_time_seconds"]
    for user in range(100):
        viewed = range(8) if dice.random() < 0.7 else sorted(dice.sample(range(8), 5))
        lines += [f"{user},2026-01-01,c{course},,,{dice.randint(60, 999)}" for course in viewed]
    folder.mkdir()
    (folder / "user_course_views.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_a_small_platform_where_most_have_finished_goes_live_every_night(runs, tmp_path):
    data = str(mostly_finished(tmp_path / "small"))
    models = [KNN, "ease_user_course_view", "als_collab_filtering_user_course_view"]
    for _ in range(2):
        night = runs(data_url=data, models=models)
        assert night.held_because == []
        assert night.card("ease_user_course_view").list_facts["recommendations"].exhausted > 50
