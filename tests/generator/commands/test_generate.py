"""A run as a user types it: what it publishes, and what ends it."""

from shared.records import FORMAT
from shared.stores import open_store
from tests.generator.commands.shell import FAST, assert_one_sentence
from tests.generator.odd_models import odd  # noqa: F401


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
        "rankings/popular_course_view": 3,
        "recommendations/segment_user_attribute": 4,
        "seen": 5,
        "course_facts": 3,
        "course_viewers": 2,
        "user_profile": 5,
        "user_directory": 2,
        "course_directory": 2,
        "course_facets": 6,
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


def test_a_default_that_has_no_such_lists_is_warned_of(shell, monkeypatch):
    monkeypatch.setenv("DEFAULT_RECOMMENDATIONS_MODEL", "ease_user_course_view")
    assert shell() == 0
    warning = next(line for line in shell.out.splitlines() if line.startswith("warning:"))
    assert "DEFAULT_RECOMMENDATIONS_MODEL is ease_user_course_view" in warning
    assert "tfidf_user_interest answers in its place" in warning
    assert "DEFAULT_MODEL_HANDLE" not in warning


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
    assert live.fallbacks == ["segment_user_attribute", "popular_course_view"]


def test_no_data_folder_is_one_sentence(shell, tmp_path):
    assert shell("--data", str(tmp_path / "nowhere")) == 3
    assert_one_sentence(shell, "nowhere")


def test_a_running_generator_keeps_a_second_one_out(shell):
    with open_store(shell.store_url).lock("default"):
        assert shell() == 6
    assert_one_sentence(shell, "locked by process")
    assert shell() == 0


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
