"""The command line as a user types it, in this process."""

from pathlib import Path

import pytest

from generator.commands import main
from generator.commands.wiring import Wiring
from generator.models.registry import MODELS
from shared.records import FORMAT
from shared.settings import GeneratorSettings
from shared.stores import open_store
from tests.generator.odd_models import odd  # noqa: F401

FAST = "tfidf_user_interest,knn_collab_filtering_user_course_view"


class Shell:
    """Runs commands on one store and one data folder; keeps what the last one printed."""

    def __init__(self, folder: Path, data: Path, capsys, monkeypatch) -> None:
        self.store_url = f"sqlite:///{folder}/store"
        self.set_aside = folder / "set_aside"
        self._data = data
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *arguments: str) -> int:
        options = ["--data", str(self._data), "--store", self.store_url, "--models", FAST]
        self._monkeypatch.setattr("sys.argv", ["run_generator.py", *options, *arguments])
        self._monkeypatch.setenv("SET_ASIDE_FOLDER", str(self.set_aside))
        self._monkeypatch.setenv("POINTER_REFRESH_SECONDS", "0.001")
        try:
            main(Wiring(GeneratorSettings.load, open_store))
        except SystemExit as ended:
            code = ended.code
        self.out, self.err = self._capsys.readouterr()
        return code or 0

    @property
    def live(self) -> str | None:
        return open_store(self.store_url).live_generation("default")


@pytest.fixture
def shell(tmp_path, tables, capsys, monkeypatch) -> Shell:
    return Shell(tmp_path, tables, capsys, monkeypatch)


def assert_one_sentence(shell: Shell, *words: str) -> None:
    assert shell.err.startswith("error: ")
    assert len(shell.err.splitlines()) == 1
    assert "Traceback" not in shell.err
    for word in words:
        assert word in shell.err


def test_without_a_command_lists_are_published_and_counted(shell):
    assert shell() == 0
    live = open_store(shell.store_url).live("default")
    assert (
        f"Generation {live.generation} of tenant default is live: 5 users, 3 courses" in shell.out
    )
    assert live.row_counts == {
        "similar_users/tfidf_user_interest": 4,
        "recommendations/tfidf_user_interest": 4,
        "similar_courses/tfidf_user_interest": 3,
        "course_users/tfidf_user_interest": 3,
        "similar_users/knn_collab_filtering_user_course_view": 3,
        "recommendations/knn_collab_filtering_user_course_view": 3,
        "similar_courses/knn_collab_filtering_user_course_view": 2,
        "seen": 5,
        "course_facts": 3,
        "user_profile": 5,
        "user_directory": 2,
    }
    assert live.format == FORMAT
    assert live.stored_list_length == 20
    assert {report.table for report in live.tables} == {
        "user_interests",
        "user_course_views",
        "course_tags",
    }
    names = [stage.name for stage in live.stages]
    assert names[:3] == ["load", "validate", "matrices"]
    assert names[-1] == "check and publish"
    assert all(stage.rows and stage.peak_mb for stage in live.stages)


def test_what_each_stage_took_is_shown_and_can_be_looked_up(shell):
    shell()
    took = [f"{stage.seconds:,.1f}" for stage in open_store(shell.store_url).live("default").stages]
    during = shell.out
    shell("generations", shell.live)
    for told in (during, shell.out):
        rows = [line.split("│") for line in told.splitlines() if "│" in line]
        by_stage = {cells[1].strip(): cells for cells in rows}
        assert by_stage["load"][2].strip() == took[0]
        assert "check and publish" in by_stage
    assert shell("generations", "20200101T000000Z-0000") == 5


def test_if_changed_does_nothing_until_data_or_settings_change(shell, tables):
    shell()
    first = shell.live
    assert shell("--if-changed") == 0
    assert "Nothing changed" in shell.out
    assert shell.live == first
    shell("--if-changed", "--seed", "7")
    assert shell.live != first
    second = shell.live
    with (tables / "user_interests.csv").open("a") as file:
        file.write("9,python,2026-01-01\n")
    shell("--if-changed", "--seed", "7")
    assert shell.live != second


def test_more_threads_than_processors_is_warned_of_and_no_error(shell, tables, monkeypatch):
    monkeypatch.setenv("THREADS", "4096")
    assert shell("--force") == 0
    assert "THREADS is 4096, and this process may use" in shell.out


def test_validate_reports_and_sets_rows_aside_without_publishing(shell, tables):
    with (tables / "user_course_views.csv").open("a") as file:
        file.write("6,2026-03-02,deep-python,,Advanced,-5\n")
    assert shell("validate") == 0
    assert "user_course_views: 4 of 5 rows kept" in shell.out
    assert "-5" in (shell.set_aside / "default" / "user_course_views.csv").read_text()
    assert "tfidf_user_interest: can run" in shell.out
    assert shell.live is None


def test_a_missing_column_is_one_sentence_and_leaves_what_is_live(shell, tables):
    shell()
    before = shell.live
    path = tables / "user_course_views.csv"
    path.write_text(path.read_text().replace("view_time_seconds", "seconds"))
    assert shell() == 3
    assert_one_sentence(shell, "user_course_views.csv", "view_time_seconds", "expected")
    assert shell.live == before


def test_no_model_with_anything_to_run_on_is_one_sentence(shell, tables):
    for name in ("user_interests", "user_course_views"):
        path = tables / f"{name}.csv"
        path.write_text(path.read_text().splitlines()[0] + "\n")
    assert shell() == 3
    assert_one_sentence(shell, "No model has anything to run on", "tfidf_user_interest needs")
    assert shell("validate") == 3


def test_a_missing_table_disables_its_models_and_the_rest_run(shell, tables):
    (tables / "user_course_views.csv").unlink()
    assert shell() == 0
    live = open_store(shell.store_url).live("default")
    assert [card.model_handle for card in live.served_models] == ["tfidf_user_interest"]
    assert "skipped, it needs views" in shell.out


def test_the_default_model_is_one_that_ran(shell, tables):
    (tables / "user_interests.csv").unlink()
    shell()
    live = open_store(shell.store_url).live("default")
    knn = "knn_collab_filtering_user_course_view"
    assert live.default_models == dict.fromkeys(
        ["similar_users", "recommendations", "similar_courses"], knn
    )


def test_every_user_is_recorded_with_what_they_have_seen_and_the_popular_courses_stand_once(shell):
    shell()
    store = open_store(shell.store_url)
    live = store.live("default")
    keys = [("seen", user) for user in (1, 2, 3, 4, 5, 6)]
    seen = store.get_many("default", live.generation, keys)
    assert {user: row.facts["courses"] for (_, user), row in seen.items()} == {
        1: ["intro-python"],
        2: ["deep-python", "intro-python"],
        3: [],
        4: [],
        5: ["deep-python"],
    }
    (ranking,) = live.rankings.values()
    assert set(ranking.courses) == {"deep-python", "intro-python"}
    assert ranking.scores == [2.0, 2.0]
    assert live.fallbacks == ["popular_course_view"]


def test_no_data_folder_is_one_sentence(shell, tmp_path):
    assert shell("--data", str(tmp_path / "nowhere")) == 3
    assert_one_sentence(shell, "nowhere")


def test_an_unknown_model_names_those_that_exist(shell):
    assert shell("--models", "tfidf") == 2
    assert_one_sentence(shell, *MODELS)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (
            '{"knn_collab_filtering_user_course_view": {"k": -1}}',
            ["k must be a whole number from 0 to 100000", "Received: -1"],
        ),
        (
            '{"knn_collab_filtering_user_course_view": {"k": "many"}}',
            ["k must be a whole number", "many"],
        ),
        (
            '{"knn_collab_filtering_user_course_view": {"k": true}}',
            ["k must be a whole number", "Received: True"],
        ),
        (
            '{"knn_collab_filtering_user_course_view": {"size": 9}}',
            ["size", "k, shrink, popularity_damping"],
        ),
        ('{"knn": {"k": 9}}', ["no model 'knn'"]),
        ('{"knn', ["model_options"]),
    ],
)
def test_options_of_a_model_that_make_no_sense_are_named(shell, monkeypatch, options, words):
    monkeypatch.setenv("MODEL_OPTIONS", options)
    assert shell() == 2
    assert_one_sentence(shell, *words)


def test_options_of_a_model_are_kept_with_the_generation(shell, monkeypatch):
    monkeypatch.setenv("MODEL_OPTIONS", '{"knn_collab_filtering_user_course_view": {"shrink": 3}}')
    assert shell() == 0
    live = open_store(shell.store_url).live("default")
    assert live.card("knn_collab_filtering_user_course_view").config == {
        "k": 0,
        "shrink": 3,
        "popularity_damping": 0.2,
    }


def test_a_setting_that_makes_no_sense_is_named(shell, monkeypatch):
    monkeypatch.setenv("STORED_LIST_LENGTH", "many")
    assert shell() == 2
    assert_one_sentence(shell, "STORED_LIST_LENGTH", "many")


def test_a_running_generator_keeps_a_second_one_out(shell):
    with open_store(shell.store_url).lock("default"):
        assert shell() == 6
    assert_one_sentence(shell, "locked by process")
    assert shell() == 0


def test_generations_rollback_and_prune(shell):
    assert shell("generations") == 0
    assert "no generation yet" in shell.out
    published = []
    for seed in ("1", "2", "3"):
        shell("--seed", seed)
        published.append(shell.live)
    assert shell("rollback") == 0
    assert shell.live == published[1]
    shell("generations")
    lines = {line.split()[1]: line for line in shell.out.splitlines() if "Z-" in line}
    assert set(lines) == set(published)
    assert "live" in lines[published[1]]
    assert "live" not in lines[published[2]]
    assert shell("rollback", "--to", published[2]) == 0
    assert shell.live == published[2]
    assert shell("prune", "--keep", "1") == 0
    assert published[0] in shell.out
    assert shell("rollback", "--to", published[0]) == 5
    assert_one_sentence(shell, published[0])


def more_users(tables: Path, users: range, tags: str = "python") -> None:
    with (tables / "user_interests.csv").open("a") as file:
        file.writelines(f"{user},{tags},2026-01-01\n" for user in users)


def test_a_generation_that_lost_most_users_is_held_until_somebody_publishes_it(shell, tables):
    whole = (tables / "user_interests.csv").read_text()
    more_users(tables, range(100, 300))
    shell()
    before = shell.live
    (tables / "user_interests.csv").write_text(whole)
    assert shell() == 7
    assert_one_sentence(shell, "held back", "GATE_MIN_USERS_KEPT", "run_generator.py publish")
    assert shell.live == before
    shell("generations")
    assert "held" in shell.out
    assert "similar users: 4 lists after 204" in shell.out
    assert shell("publish") == 0
    assert shell.live != before
    assert shell.live in shell.out
    assert shell("publish") == 5
    assert_one_sentence(shell, "no held generation")


def test_force_publishes_whatever_the_gate_says(shell, tables):
    whole = (tables / "user_interests.csv").read_text()
    more_users(tables, range(100, 300))
    shell()
    before = shell.live
    (tables / "user_interests.csv").write_text(whole)
    assert shell("--force") == 0
    assert shell.live != before


def test_a_held_generation_is_pruned_once_a_newer_one_is_live(shell, tables):
    whole = (tables / "user_interests.csv").read_text()
    more_users(tables, range(100, 300))
    shell()
    (tables / "user_interests.csv").write_text(whole)
    assert shell() == 7
    held = next(
        m.generation for m in open_store(shell.store_url).generations("default") if m.held_because
    )
    shell("prune")
    assert "nothing" in shell.out
    more_users(tables, range(100, 301))
    assert shell() == 0
    assert held not in [m.generation for m in open_store(shell.store_url).generations("default")]


def held(shell) -> list[str]:
    manifests = open_store(shell.store_url).generations("default")
    return [manifest.generation for manifest in manifests if manifest.held_because]


def test_if_changed_says_that_an_unchanged_run_is_held_and_does_not_repeat_it(shell, tables):
    whole = (tables / "user_interests.csv").read_text()
    more_users(tables, range(100, 300))
    shell()
    (tables / "user_interests.csv").write_text(whole)
    assert shell("--if-changed") == 7
    first = held(shell)
    assert shell("--if-changed") == 7
    assert_one_sentence(shell, "held back", "GATE_MIN_USERS_KEPT", "run_generator.py publish")
    assert "fit tfidf_user_interest" not in shell.out
    assert held(shell) == first


def test_other_settings_of_the_gate_have_it_judged_again_and_not_made_again(
    shell, tables, monkeypatch
):
    whole = (tables / "user_interests.csv").read_text()
    more_users(tables, range(100, 300))
    shell()
    (tables / "user_interests.csv").write_text(whole)
    assert shell() == 7
    (first,) = held(shell)
    monkeypatch.setenv("GATE_MIN_USERS_KEPT", "0")
    monkeypatch.setenv("GATE_MIN_EFFECTIVE_KEPT", "0")
    assert shell("--if-changed") == 0
    assert "fit tfidf_user_interest" not in shell.out
    assert shell.live == first


def test_what_was_held_and_then_published_by_hand_is_live_and_unchanged(shell, tables):
    whole = (tables / "user_interests.csv").read_text()
    more_users(tables, range(100, 300))
    shell()
    (tables / "user_interests.csv").write_text(whole)
    assert shell() == 7
    assert shell("publish") == 0
    assert shell("--if-changed") == 0
    assert "Nothing changed" in shell.out
    shell("generations")
    assert "is held" not in shell.out


def test_held_generations_do_not_pile_up(shell, tables):
    whole = (tables / "user_interests.csv").read_text()
    more_users(tables, range(100, 300))
    shell()
    for night in range(3):
        (tables / "user_interests.csv").write_text(whole)
        more_users(tables, range(400, 401 + night))
        assert shell() == 7
        assert len(held(shell)) == 1


def test_a_model_that_fails_is_told_by_the_exit_code_and_in_words(
    shell,
    odd,  # noqa: F811
    monkeypatch,
):
    odd.fault = "fit"
    models = f"{odd.handle},{FAST}"
    assert shell("--models", models) == 4
    assert_one_sentence(shell, shell.live, "is live without", odd.handle, "nothing can be learned")
    shell("generations")
    assert f"{shell.live}: {odd.handle} failed: nothing can be learned from this." in shell.out
    monkeypatch.setenv("GATE_MAY_GO", odd.handle)
    assert shell("--models", models) == 0
    assert f"warning: Generation {shell.live} is live without" in shell.out


def test_models_lists_every_option_with_its_help(shell):
    assert shell("models") == 0
    for handle in MODELS:
        assert handle in shell.out
    assert "shrink" in shell.out
    assert "Neighbours whose courses are recommended." in shell.out


def test_help_names_every_command_and_exit_code(shell):
    assert shell("--help") == 0
    for word in ("validate", "synthesize", "rollback", "prune", "Exit codes"):
        assert word in shell.out


def test_inspect_says_what_a_file_is_how_to_load_it_and_what_would_run(shell, tmp_path):
    (tmp_path / "ratings.csv").write_text("userId,movieId,rating\n1,a,3\n2,a,4\n1,b,5\n")
    assert shell("inspect", str(tmp_path / "ratings.csv")) == 0
    assert "interactions as csv, with the columns userId, movieId, rating" in shell.out
    assert "--columns user=userId,item=movieId,weight=rating" in shell.out
    assert "user_course_views: 3 of 3 rows kept" in shell.out
    assert "tfidf_user_interest: would be skipped, it needs interests" in shell.out
    assert "knn_collab_filtering_user_course_view: can run" in shell.out
    assert shell.live is None
    assert not shell.set_aside.exists()
